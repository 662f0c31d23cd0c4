import { type Page, type StoredTurn, type ThreadId, type ThreadStore, ThreadStoreError } from "@threadstore/core";

const TURNS_AT_ONCE = 50;

export interface TurnsBackToParams {
  readonly threadId: ThreadId;
  readonly turnId: string;
  readonly itemsView: "notLoaded" | "full";
}

/** The turns of a thread from the last one back to the one of this id. @throws `invalid_request` there is no such turn. */
export async function turnsBackTo(store: ThreadStore, params: TurnsBackToParams): Promise<StoredTurn[]> {
  const { turnId, ...thread } = params;
  const turns: StoredTurn[] = [];
  const query = { ...thread, includeArchived: true, pageSize: TURNS_AT_ONCE };
  let cursor: string | null = null;
  do {
    const page: Page<StoredTurn> = await store.listTurns({ ...query, ...(cursor === null ? {} : { cursor }) });
    for (const turn of page.data) {
      turns.push(turn);
      if (turn.turnId === turnId) return turns;
    }
    cursor = page.nextCursor;
  } while (cursor !== null);
  throw new ThreadStoreError("invalid_request", `turn not found: ${turnId}`);
}
