import type { ThreadId } from "@threadstore/core";
import type { LocalHome } from "../local-home.js";
import { indexTurns } from "../operations/index-turns.js";

/** Threads whose turns were to be indexed. */
export interface HomeTurns {
  readonly threads: number;
  /** Those whose turns cannot be, because their history cannot be read. */
  readonly failed: readonly ThreadId[];
}

/**
 * Has the turns of every thread in the index, on the main thread and on a worker beside it. What is there already is not
 * read again, and what was done stays done when this is stopped. The index must know the threads.
 */
export async function indexHomeTurns(
  home: LocalHome,
  onProgress: (done: number, total: number) => void,
): Promise<HomeTurns> {
  const waiting = await threadsBySize(home);
  const total = waiting.length;
  const failed: ThreadId[] = [];
  const foldAll = async (fold: (threadId: ThreadId) => Promise<boolean>) => {
    for (let threadId = waiting.shift(); threadId !== undefined; threadId = waiting.shift()) {
      if (!(await fold(threadId))) failed.push(threadId);
      onProgress(total - waiting.length, total);
    }
  };
  await using worker = total > 1 ? home.startFoldWorker({ keepsProcess: true }) : null;
  await Promise.all([
    foldAll((threadId) => foldHere(home, threadId)),
    worker && foldAll(async (threadId) => (await worker.fold(threadId)) || foldHere(home, threadId)),
  ]);
  return { threads: total, failed };
}

/** The largest first, so that both end at about the same time. */
function threadsBySize({ index }: LocalHome): Promise<ThreadId[]> {
  return index.query(
    (database) =>
      database
        .all("SELECT threads.thread_id FROM threads JOIN rollouts USING (path) ORDER BY size DESC")
        .map((row) => String(row.thread_id)),
    { asIs: true },
  );
}

async function foldHere(home: LocalHome, threadId: ThreadId): Promise<boolean> {
  try {
    await indexTurns(home, { threadId });
    return true;
  } catch {
    return false;
  }
}
