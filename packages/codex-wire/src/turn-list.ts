import {
  encodeOrdinalCursor,
  isThreadStoreError,
  type ListTurnsParams,
  type Page,
  type SortDirection,
  type StoredThread,
  type StoredTurn,
  type ThreadId,
  type ThreadStore,
  type TurnItemsView,
} from "@threadstore/core";
import { type ApiTurn, toApiTurn } from "./api-turn.js";
import { requireThread } from "./find-thread.js";
import {
  formatOrdinalCursor,
  formatTurnCursor,
  type OrdinalAnchor,
  parseOrdinalCursor,
  parseTurnCursor,
  type TurnAnchor,
} from "./history-cursor.js";
import { pageLimitOf } from "./page-limit.js";
import { invalidRequest } from "./wire-errors.js";

/** The parameters of Codex's `thread/turns/list`. Null is absent. */
export interface ApiTurnListParams {
  readonly threadId: ThreadId;
  readonly cursor?: string | null;
  /** Default 25; 0 counts as 1, more than 100 as 100. */
  readonly limit?: number | null;
  /** Default `desc`. */
  readonly sortDirection?: SortDirection | null;
  /** Default `summary`. */
  readonly itemsView?: TurnItemsView | null;
}

export interface ApiTurnPage {
  readonly data: readonly ApiTurn[];
  readonly nextCursor: string | null;
  readonly backwardsCursor: string | null;
}

/** Answers Codex's `thread/turns/list` from any store. @throws `thread_not_found`; `invalid_request` a bad cursor. */
export async function listApiTurns(store: ThreadStore, params: ApiTurnListParams): Promise<ApiTurnPage> {
  const thread = await requireThread(store, { threadId: params.threadId, problem: "not loaded" });
  const { threadId } = thread;
  const anchor = typeof params.cursor === "string" ? parseCursor(thread, params.cursor) : null;
  const query = {
    threadId,
    includeArchived: true,
    pageSize: pageLimitOf(params.limit),
    sortDirection: params.sortDirection ?? "desc",
    itemsView: params.itemsView ?? "summary",
    ...(anchor ? { cursor: encodeOrdinalCursor({ threadId, kind: "turns" }, anchor) } : {}),
  };
  const page = anchor && "id" in anchor ? await listBesideTurn(store, query) : await store.listTurns(query);
  const first = page.data[0];
  const last = page.data.at(-1);
  return {
    data: page.data.map((turn) => toApiTurn(turn)),
    nextCursor: page.nextCursor !== null && last ? formatCursor(thread, { turn: last, inclusive: false }) : null,
    backwardsCursor: first ? formatCursor(thread, { turn: first, inclusive: true }) : null,
  };
}

/** All that a store can refuse here is a turn that is no longer there. */
async function listBesideTurn(store: ThreadStore, query: ListTurnsParams): Promise<Page<StoredTurn>> {
  try {
    return await store.listTurns(query);
  } catch (error) {
    if (!isThreadStoreError(error, "invalid_request")) throw error;
    throw invalidRequest("invalid cursor: anchor turn is no longer present", error);
  }
}

/** Turns of legacy threads are known by their ids: their rollouts record no ordinals. */
function formatCursor(
  { threadId, historyMode }: StoredThread,
  { turn, inclusive }: { readonly turn: StoredTurn; readonly inclusive: boolean },
): string {
  if (historyMode === "legacy") return formatTurnCursor({ id: turn.turnId, inclusive });
  return formatOrdinalCursor({ threadId, kind: "turns" }, { ordinal: turn.firstOrdinal, inclusive });
}

function parseCursor({ threadId, historyMode }: StoredThread, cursor: string): OrdinalAnchor | TurnAnchor {
  return historyMode === "legacy" ? parseTurnCursor(cursor) : parseOrdinalCursor({ threadId, kind: "turns" }, cursor);
}
