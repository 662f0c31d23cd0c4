import type { StoredThread, ThreadId } from "@threadstore/core";
import type { IndexDatabase } from "../index/index-database.js";
import { type RolloutRow, rolloutsOfThread } from "../index/rollout-row.js";
import { findThread } from "../index/thread-lookup.js";
import type { LocalHome } from "../local-home.js";

/** Everything that belongs to a thread which nobody else can write, move or fork. */
export interface WholeThread {
  readonly threadId: ThreadId;
  readonly thread: StoredThread;
  /** The rollout its history ends in. */
  readonly rollout: RolloutRow;
  /** Every file of it: segments, copies in both folders, compressed or not; the one its history ends in last. */
  readonly rollouts: readonly RolloutRow[];
}

/**
 * Works on all files of a thread under its lifecycle and writer locks. @throws `thread_not_found`; `conflict` it is live.
 */
export async function withWholeThread<T>(
  home: LocalHome,
  threadId: ThreadId,
  work: (whole: WholeThread) => Promise<T>,
): Promise<T> {
  if (home.isDurable) await home.names.settle();
  const { threadId: id } = await findWhole(home, threadId);
  const life = await home.locks.acquireLifecycle(id, "exclusive");
  try {
    const lock = await home.locks.acquireWriter(id);
    try {
      return await work(await findWhole(home, threadId));
    } finally {
      await lock.release();
    }
  } finally {
    life.release();
  }
}

function findWhole(home: LocalHome, threadId: ThreadId): Promise<WholeThread> {
  const find = (index: IndexDatabase) => {
    const { thread, rollout } = findThread(index, { threadId, includeArchived: true });
    const others = rolloutsOfThread(index, thread.threadId).filter((row) => row.path !== rollout.path);
    return { threadId: thread.threadId, thread, rollout, rollouts: [...others, rollout] };
  };
  return home.index.query(find, { threadId });
}
