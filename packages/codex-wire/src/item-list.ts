import {
  encodeOrdinalCursor,
  isThreadStoreError,
  type OrdinalPosition,
  type Page,
  type SortDirection,
  type StoredTurnItem,
  type ThreadId,
  type ThreadStore,
} from "@threadstore/core";
import { requireThread } from "./find-thread.js";
import { formatOrdinalCursor, type HistoryCursorScope, parseOrdinalCursor } from "./history-cursor.js";
import { type ApiItemEntry, toApiItemEntry } from "./item-entry.js";
import type { ApiOutputDeferral } from "./output-deferral.js";
import { pageLimitOf } from "./page-limit.js";
import { InvalidParamsError } from "./wire-errors.js";

/** The parameters of Codex's `thread/items/list`. Null is absent. */
export interface ApiItemListParams {
  readonly threadId: ThreadId;
  /** Only the items of this turn. */
  readonly turnId?: string | null;
  /** A cursor, or an item of the turn beyond which the page begins. */
  readonly cursor?: string | { readonly type: "item"; readonly itemId: string } | null;
  /** Default 25; 0 counts as 1, more than 100 as 100. */
  readonly limit?: number | null;
  /** Default `asc`. */
  readonly sortDirection?: SortDirection | null;
  /** Needs a turn; without one nothing is left out. */
  readonly deferOutput?: ApiOutputDeferral | null;
}

export interface ApiItemPage {
  readonly data: readonly ApiItemEntry[];
  readonly nextCursor: string | null;
  readonly backwardsCursor: string | null;
}

/**
 * Answers Codex's `thread/items/list` from any store, also for legacy threads.
 * @throws `thread_not_found`; `invalid_request` a bad cursor, as InvalidParamsError when it is an item.
 */
export async function listApiItems(store: ThreadStore, params: ApiItemListParams): Promise<ApiItemPage> {
  const { threadId } = await requireThread(store, { threadId: params.threadId, problem: "not found" });
  const scope: HistoryCursorScope = { threadId, kind: "itemsByCreatedAtOrdinal" };
  const position = positionOf(scope, params);
  const page = await readPage(store, { params, threadId, position });
  const first = page.data[0];
  const last = page.data.at(-1);
  const deferral = typeof params.turnId === "string" ? (params.deferOutput ?? {}) : {};
  const isMore = page.nextCursor !== null && last !== undefined;
  return {
    data: page.data.map((item) => toApiItemEntry(item, deferral)),
    nextCursor: isMore ? formatOrdinalCursor(scope, { ordinal: last.ordinal, inclusive: false }) : null,
    backwardsCursor: first ? formatOrdinalCursor(scope, { ordinal: first.ordinal, inclusive: true }) : null,
  };
}

function positionOf(scope: HistoryCursorScope, { cursor, turnId }: ApiItemListParams): OrdinalPosition | null {
  if (cursor === undefined || cursor === null) return null;
  if (typeof cursor === "string") return parseOrdinalCursor(scope, cursor);
  if (!turnId) throw new InvalidParamsError("turnId is required when cursor is an item anchor");
  return { id: cursor.itemId, inclusive: false };
}

interface ItemQuery {
  readonly params: ApiItemListParams;
  readonly threadId: ThreadId;
  readonly position: OrdinalPosition | null;
}

/** All that a store can refuse here is a turn that is not there, or the item at which the page begins. */
async function readPage(store: ThreadStore, { params, threadId, position }: ItemQuery): Promise<Page<StoredTurnItem>> {
  const turn = typeof params.turnId === "string" ? { turnId: params.turnId } : {};
  try {
    return await store.listItems({
      threadId,
      ...turn,
      includeArchived: true,
      pageSize: pageLimitOf(params.limit),
      sortDirection: params.sortDirection ?? "asc",
      ...(position ? { cursor: encodeOrdinalCursor({ threadId, kind: "items", ...turn }, position) } : {}),
    });
  } catch (error) {
    if (!isThreadStoreError(error, "invalid_request")) throw error;
    if (position?.id === undefined) return { data: [], nextCursor: null, backwardsCursor: null };
    const message = "cursor.itemId does not identify an item in the requested history scope";
    throw new InvalidParamsError(message, error);
  }
}
