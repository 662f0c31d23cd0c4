import { type CreateThreadParams, isThreadStoreError, type ThreadId, threadSpawnOf } from "@threadstore/core";
import { bornFacts, conflict, invalidRequest, readClock, sessionMetaJson } from "@threadstore/core/driver";
import type { IndexDatabase } from "../index/index-database.js";
import { journalStateOf } from "../index/journal-threads.js";
import { lineageOf } from "../index/lineage.js";
import { rolloutsOfThread } from "../index/rollout-row.js";
import { findThread, type IndexedThread } from "../index/thread-lookup.js";
import { appendKeysPath } from "../journal/append-keys.js";
import type { Birth, ThreadState } from "../journal/thread-state.js";
import type { LocalHome } from "../local-home.js";
import type { LocalLease } from "../local-lease.js";
import type { WriterLock } from "../locks/thread-locks.js";
import { newRolloutPath } from "../rollout/rollout-path.js";
import { copyHistory } from "./copy-history.js";
import { type ForkSource, findForkSource, lastMultiAgentVersion, metaOfFork } from "./fork-source.js";
import { makeLineageSafe } from "./make-lineage-safe.js";
import { deferRollout } from "./new-rollout.js";
import { closeLease, openLease } from "./open-lease.js";

/**
 * Opens a new thread. Its rollout appears with the first item; that of a fork at once, because it keeps the items it
 * shares from being deleted.
 */
export async function createThread(home: LocalHome, p: CreateThreadParams): Promise<LocalLease> {
  if (!p.metadata.cwd) throw invalidRequest("a thread of a local store needs a cwd");
  const sourceLife = p.fork && (await home.locks.acquireLifecycle(p.fork.from, "shared"));
  try {
    const lock = await home.locks.acquireWriter(p.threadId);
    try {
      return await openNewThread(home, p, lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
  } finally {
    sourceLife?.release();
  }
}

async function openNewThread(home: LocalHome, p: CreateThreadParams, lock: WriterLock): Promise<LocalLease> {
  const known = await home.index.query((index) => lookUp(index, p), { threadId: p.threadId, isNew: true });
  // A thread of this id that is gone may have left keys, which would hide the appends of this one.
  home.files.removeFile(appendKeysPath(home.home, p.threadId));
  const source = p.fork && (await findForkSource(home, p, p.fork));
  const historyMode = p.historyMode ?? source?.historyMode ?? "paginated";
  const now = () => readClock(home.clock);
  const multiAgentVersion = known.parent && lastMultiAgentVersion(home, known.parent);
  const context = {
    createdAt: now(),
    historyMode,
    sessionId: known.sessionId,
    ...(multiAgentVersion === undefined ? {} : { multiAgentVersion }),
  };
  const newRollout = {
    path: newRolloutPath(home.clock.nowMs(), p.threadId),
    historyMode,
    lock,
    firstOrdinal: source?.cut?.endOrdinalExclusive ?? 0,
    metaJson: sessionMetaJson(p, { ...context, ...(source ? metaOfFork(home, source) : {}) }),
    now,
  };
  if (source?.cut) await makeLineageSafe(home, source.lineage);
  await recordBirth(home, p, known.state);
  const isCopy = source && historyMode === "legacy";
  const rollout = isCopy ? await copyHistory(home, newRollout, source) : deferRollout(home, newRollout);
  const lease = openLease(home, { threadId: p.threadId, historyMode, lock, rollout });
  if (source) await persistFork(home, lease);
  return lease;
}

async function persistFork(home: LocalHome, lease: LocalLease): Promise<void> {
  try {
    lease.writer.persist();
  } catch (error) {
    await closeLease(home, lease);
    throw error;
  }
}

interface Known {
  readonly sessionId: string;
  readonly state: ThreadState;
  /** The history of the thread that spawned this one, when it is there. */
  readonly parent: Pick<ForkSource, "lineage" | "endOrdinalExclusive"> | undefined;
}

function lookUp(index: IndexDatabase, p: CreateThreadParams): Known {
  if (rolloutsOfThread(index, p.threadId).length > 0) throw conflict(`thread ${p.threadId} already exists`);
  const parentId = (p.spawn ?? threadSpawnOf(p.metadata.source))?.parentThreadId;
  const parent = parentId === undefined ? undefined : findIfThere(index, parentId);
  const session = p.spawn && (parent?.thread.sessionId ?? p.spawn.parentThreadId);
  return {
    sessionId: p.sessionId ?? session ?? p.threadId,
    state: journalStateOf(index, p.threadId),
    parent: parent && { lineage: lineageOf(index, parent.rollout), endOrdinalExclusive: Number.POSITIVE_INFINITY },
  };
}

function findIfThere(index: IndexDatabase, threadId: ThreadId): IndexedThread | undefined {
  try {
    return findThread(index, { threadId, includeArchived: true });
  } catch (error) {
    if (isThreadStoreError(error, "thread_not_found")) return undefined;
    throw error;
  }
}

/** Records what the session_meta has no room for; also when an earlier thread of this id left something behind. */
async function recordBirth(home: LocalHome, p: CreateThreadParams, state: ThreadState): Promise<void> {
  const facts = bornFacts(p.metadata);
  const spawned = p.spawn ?? threadSpawnOf(p.metadata.source);
  const status = p.spawn?.status ?? "open";
  const edge = spawned && { parentThreadId: spawned.parentThreadId, status };
  const born: Birth = { facts, ...(edge ? { edge } : {}) };
  const isTold = Object.keys(facts).length === 0 && p.spawn === undefined;
  if (isTold && Object.keys(state).length === 0) return;
  // It has to be there before the rollout, but need not survive a power cut before that does.
  await home.journal.record(() => [{ type: "born", threadId: p.threadId, born }], { isDurable: false });
}
