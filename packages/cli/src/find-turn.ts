import {
  isThreadStoreError,
  type Page,
  type StoredTurn,
  type ThreadId,
  type ThreadStore,
  ThreadStoreError,
} from "@threadstore/core";

const PREFIX_MIN_CHARACTERS = 4;
const TURNS_AT_ONCE = 1_000;

/**
 * The id of the turn a person means by an id or its beginning. @throws `invalid_request` there is no such turn; `conflict`
 * there are several.
 */
export async function findTurn(store: ThreadStore, threadId: ThreadId, wanted: string): Promise<string> {
  try {
    await store.readItems({ threadId, turnId: wanted, itemIds: [] });
    return wanted;
  } catch (error) {
    const hits = isThreadStoreError(error, "invalid_request") ? await turnsBeginning(store, threadId, wanted) : [];
    const [hit] = hits;
    if (hit === undefined) throw error;
    if (hits.length === 1) return hit;
    throw new ThreadStoreError("conflict", `${hits.length} turns begin with ${wanted}: ${hits.slice(0, 5).join(", ")}`);
  }
}

async function turnsBeginning(store: ThreadStore, threadId: ThreadId, prefix: string): Promise<string[]> {
  if (prefix.length < PREFIX_MIN_CHARACTERS) return [];
  const hits: string[] = [];
  const query = { threadId, includeArchived: true, pageSize: TURNS_AT_ONCE, itemsView: "notLoaded" } as const;
  let cursor: string | null = null;
  do {
    const page: Page<StoredTurn> = await store.listTurns({ ...query, ...(cursor === null ? {} : { cursor }) });
    hits.push(...page.data.map(({ turnId }) => turnId).filter((turnId) => turnId.startsWith(prefix)));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return hits;
}
