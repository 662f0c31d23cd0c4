import type { ThreadId, ThreadStore } from "@threadstore/core";
import { type ApiThread, toApiThread } from "./api-thread.js";
import { type ApiTurn, toApiTurn } from "./api-turn.js";
import { requireThread } from "./find-thread.js";

/** The parameters of Codex's `thread/read`. */
export interface ApiThreadReadParams {
  readonly threadId: ThreadId;
  /** Default false. True: all turns with all of their items, oldest first. */
  readonly includeTurns?: boolean | null;
}

const TURNS_AT_ONCE = 100;

/** Answers with the thread of Codex's `thread/read` from any store. @throws `thread_not_found`. */
export async function readApiThread(store: ThreadStore, params: ApiThreadReadParams): Promise<ApiThread> {
  const thread = await requireThread(store, { threadId: params.threadId, problem: "not loaded" });
  const turns = params.includeTurns === true ? await readTurns(store, thread.threadId) : [];
  return { ...toApiThread(thread), turns };
}

async function readTurns(store: ThreadStore, threadId: ThreadId): Promise<readonly ApiTurn[]> {
  const turns: ApiTurn[] = [];
  const query = { threadId, includeArchived: true, sortDirection: "asc", itemsView: "full" } as const;
  let cursor: string | null = null;
  do {
    const page = await store.listTurns({ ...query, pageSize: TURNS_AT_ONCE, ...(cursor === null ? {} : { cursor }) });
    turns.push(...page.data.map((turn) => toApiTurn(turn)));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return turns;
}
