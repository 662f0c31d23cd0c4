import { relative } from "node:path";
import type { ResumeThreadParams } from "@threadstore/core";
import { conflict, invalidRequest, threadArchived, unavailable } from "@threadstore/core/driver";
import { isArchived } from "../index/choose-rollout.js";
import { type RolloutRow, readRolloutRow } from "../index/rollout-row.js";
import { findThread } from "../index/thread-lookup.js";
import type { LocalHome } from "../local-home.js";
import type { LocalLease } from "../local-lease.js";
import type { WriterLock } from "../locks/thread-locks.js";
import { restoreCompressed } from "../rollout/restore-compressed.js";
import { plainPath } from "../rollout/rollout-name.js";
import { RolloutAppender } from "../writer/rollout-appender.js";
import { openLease } from "./open-lease.js";

/** Opens the writer of a stored thread. Nothing is appended to its rollout by that. */
export async function resumeThread(home: LocalHome, p: ResumeThreadParams): Promise<LocalLease> {
  // Before the lock: a thread that is not there, or may not be written, is not taken from anybody.
  const { threadId } = await findRollout(home, p);
  const lock = await home.locks.acquireWriter(threadId ?? p.threadId, { takeOver: p.takeOver ?? false });
  try {
    const rollout = await findRollout(home, p);
    return await openRolloutOf(home, { p, rollout, lock });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openRolloutOf(
  home: LocalHome,
  { p, rollout, lock }: { p: ResumeThreadParams; rollout: RolloutRow; lock: WriterLock },
): Promise<LocalLease> {
  const { files } = home;
  const { historyMode } = rollout.scan;
  const found = `${home.home}/${rollout.path}`;
  const path = found.endsWith(".zst") ? await restoreCompressed(files, found) : found;
  const appender = await RolloutAppender.open({ files, path, historyMode, lock });
  if (!appender) throw unavailable(`the rollout of thread ${p.threadId} was moved or removed while it was opened`);
  const isOutside = rollout.path.startsWith("../");
  return openLease(home, { threadId: p.threadId, historyMode, lock, rollout: appender, isOutside });
}

/** The rollout a thread goes on in: the one the caller names, or the current one. */
async function findRollout(home: LocalHome, p: ResumeThreadParams): Promise<RolloutRow> {
  const outside = p.rolloutPath === undefined ? null : findOutside(home, p, p.rolloutPath);
  if (outside) return outside;
  const { rollout } = await home.index.query((index) => findThread(index, p), { threadId: p.threadId });
  if (p.rolloutPath !== undefined && !isSameFile(home, p.rolloutPath, rollout)) {
    throw conflict(`thread ${p.threadId} goes on in another rollout than the one named: reload it before resuming`);
  }
  return rollout;
}

function isSameFile({ home, files }: LocalHome, path: string, rollout: RolloutRow): boolean {
  const real = files.realPath(path) ?? files.realPath(`${path}.zst`);
  return real !== null && plainPath(real) === plainPath(files.realPath(`${home}/${rollout.path}`) ?? "");
}

/** A rollout that lies outside the home; null for one inside it. */
function findOutside({ home, files }: LocalHome, p: ResumeThreadParams, rolloutPath: string): RolloutRow | null {
  const path = files.realPath(rolloutPath);
  if (path === null || path.startsWith(`${home}/`)) return null;
  const status = files.status(path);
  const row = status?.kind === "file" ? readRolloutRow(files, home, { path: relative(home, path), status }) : null;
  if (row?.threadId == null) throw invalidRequest(`${rolloutPath} is not a rollout that can be read`);
  if (row.threadId !== p.threadId) {
    throw conflict(`the rollout ${rolloutPath} belongs to thread ${row.threadId}, not to ${p.threadId}`);
  }
  if (isArchived(row) && !p.includeArchived) throw threadArchived(p.threadId);
  return row;
}
