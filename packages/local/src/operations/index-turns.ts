import { type ThreadId, ThreadStoreError } from "@threadstore/core";
import type { IndexDatabase } from "../index/index-database.js";
import { lineageOf } from "../index/lineage.js";
import { findThread } from "../index/thread-lookup.js";
import type { LocalHome } from "../local-home.js";
import { foldHistories } from "../turns/fold-history.js";
import type { FoldedThread } from "../turns/stored-fold.js";

/** Brings the turns of threads that the index knows up to date with their histories. Returns those where that failed. */
export async function indexTurns(home: LocalHome, threadIds: readonly ThreadId[]): Promise<ThreadId[]> {
  return await home.index.query(
    async (index) => {
      const threads = threadIds.flatMap((threadId) => foldedThread(index, threadId) ?? []);
      const known = new Set(threads.map(({ threadId }) => threadId));
      const failed = await foldHistories(home, index, threads);
      return [...threadIds.filter((threadId) => !known.has(threadId)), ...failed];
    },
    { asIs: true },
  );
}

function foldedThread(index: IndexDatabase, threadId: ThreadId): FoldedThread | null {
  try {
    const { thread, rollout } = findThread(index, { threadId, includeArchived: true });
    return { threadId, historyMode: thread.historyMode, lineage: lineageOf(index, rollout) };
  } catch (error) {
    if (error instanceof ThreadStoreError) return null;
    throw error;
  }
}
