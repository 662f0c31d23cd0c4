import { dirname } from "node:path";
import type { HistoryMode, ThreadId } from "@threadstore/core";
import { AppendKeys, appendKeysPath } from "../journal/append-keys.js";
import type { LocalHome } from "../local-home.js";
import type { LocalLease } from "../local-lease.js";
import type { WriterLock } from "../locks/thread-locks.js";
import type { Flushable } from "../log/flushable.js";
import { RolloutAppender } from "../writer/rollout-appender.js";
import { type DeferredRollout, RolloutWriter } from "../writer/rollout-writer.js";

/** A thread that is opened for writing. */
export interface OpenedThread {
  readonly threadId: ThreadId;
  readonly historyMode: HistoryMode;
  readonly lock: WriterLock;
  readonly rollout: RolloutAppender | DeferredRollout;
  readonly isOutside?: boolean;
}

/** Makes the lease of an opened thread; from here on this store knows the thread as live. */
export function openLease(home: LocalHome, opened: OpenedThread): LocalLease {
  const { threadId, historyMode, lock, rollout, isOutside = false } = opened;
  const { files, clock, ids, names, isDurable } = home;
  const rolloutPath = rollout instanceof RolloutAppender ? rollout.path : null;
  const openKeys = () => AppendKeys.open({ files, home: home.home, threadId, rolloutPath, ids, names, isDurable });
  // The log names files by their place in the home.
  const flush = (thread: Flushable) => (isOutside ? thread.sync() : home.log.flush(thread));
  const makeSafe = isDurable ? flush : null;
  const syncName = async (path: string) => {
    await names.sync(dirname(path));
    if (rolloutPath === null) await home.journal.sync();
  };
  const writer = new RolloutWriter({ threadId, historyMode, clock, rollout, openKeys, syncName, makeSafe });
  const lease: LocalLease = { threadId, historyMode, lock, writer, isOutside };
  home.live.set(threadId, lease);
  return lease;
}

/** Gives a thread back: closes its rollout and lets others write it. Does nothing when somebody took it over. */
export async function closeLease(home: LocalHome, lease: LocalLease): Promise<void> {
  try {
    if (lease.lock.isHeld()) await releaseLog(home, lease);
  } finally {
    home.log.leave(lease.writer);
    lease.writer.close();
    if (home.live.get(lease.threadId) === lease) home.live.delete(lease.threadId);
    try {
      // A thread that never came to be leaves no trace.
      if (!lease.writer.written) home.files.removeFile(appendKeysPath(home.home, lease.threadId));
    } finally {
      await lease.lock.release();
    }
  }
}

/** What was flushed gets into the thread's own files; where that fails, it stays in the log until the home is opened anew. */
async function releaseLog({ log }: LocalHome, { writer }: LocalLease): Promise<void> {
  try {
    await log.release(writer);
  } catch {
    // The log keeps it.
  }
}
