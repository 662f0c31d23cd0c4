import type { ThreadId } from "@threadstore/core";
import { childEdges } from "../index/edges.js";
import { rolloutsOfThread } from "../index/rollout-row.js";
import { appendKeysPath } from "../journal/append-keys.js";
import type { JournalRecord } from "../journal/thread-state.js";
import { type LocalHome, type LocalHomeOptions, openLocalHome } from "../local-home.js";
import { mapError } from "../map-error.js";
import { removeNames } from "../neighbour/session-index-writer.js";
import { readTrash, TRASH_FOLDER, type Trash } from "./prune/read-trash.js";
import { removeTrashFolder } from "./prune/remove-trash-folder.js";

const DAY_MS = 24 * 60 * 60 * 1_000;

export interface EmptyTrashOptions extends LocalHomeOptions {
  /** What was pruned within this time stays. Default: 30 days, long enough to miss a thread. */
  readonly graceMs?: number;
  /** Only say what would be deleted. Default: false. */
  readonly isDryRun?: boolean;
}

/** A folder of the trash that was deleted, or would be. */
export interface EmptiedTrash {
  /** Relative to the home. */
  readonly path: string;
  readonly prunedAtMs: number;
  readonly threads: readonly ThreadId[];
  readonly bytes: number;
}

export interface EmptyTrashResult {
  readonly emptied: readonly EmptiedTrash[];
  readonly bytes: number;
  /** Folders that are not old enough. */
  readonly kept: number;
}

/**
 * Deletes what was pruned longer ago than the grace time, and what is known of threads that are gone then: their names, their
 * metadata, their append keys. A folder of the trash without a manifest that can be read is left alone.
 *
 * @throws ThreadStoreError `unavailable` no such home.
 */
export async function emptyTrash(options: EmptyTrashOptions): Promise<EmptyTrashResult> {
  const { graceMs = 30 * DAY_MS, isDryRun = false, ...homeOptions } = options;
  const context = openLocalHome(homeOptions);
  const { files, home, clock } = context;
  try {
    const all = readTrash(files, home);
    const old = all.filter(({ prunedAtMs }) => clock.nowMs() - prunedAtMs >= graceMs);
    const emptied = old.map((trash) => measured(context, trash));
    if (!isDryRun) {
      for (const { name } of old) removeTrashFolder(files, home, name);
      await forgetThreads(context, old);
    }
    const bytes = emptied.reduce((sum, one) => sum + one.bytes, 0);
    return { emptied, bytes, kept: all.length - old.length };
  } catch (error) {
    throw mapError(`emptying the trash of ${home}`, error);
  } finally {
    context.index.close();
  }
}

/** What is still in it: an undo may have brought some of it back. */
function measured({ files, home }: LocalHome, { name, prunedAtMs, threads }: Trash): EmptiedTrash {
  const path = `${TRASH_FOLDER}/${name}`;
  const sizeOf = (file: string) => files.status(`${home}/${path}/${file}`)?.size;
  const present = threads.filter((thread) => thread.files.some((file) => sizeOf(file.path) !== undefined));
  const bytes = present.flatMap((thread) => thread.files.map((file) => sizeOf(file.path) ?? 0));
  return {
    path,
    prunedAtMs,
    threads: present.map(({ threadId }) => threadId),
    bytes: bytes.reduce((a, b) => a + b, 0),
  };
}

/** What deleting a thread removes besides its rollouts; of threads that are back, or in a younger folder, it stays. */
async function forgetThreads(context: LocalHome, emptied: readonly Trash[]): Promise<void> {
  const { files, home, index, journal } = context;
  const trashed = new Set(readTrash(files, home).flatMap(({ threads }) => threads.map(({ threadId }) => threadId)));
  const ids = new Set(emptied.flatMap(({ threads }) => threads.map(({ threadId }) => threadId)));
  const gone = await index.query((database) =>
    [...ids]
      .filter((threadId) => !trashed.has(threadId) && rolloutsOfThread(database, threadId).length === 0)
      .map((threadId) => ({ threadId, children: childEdges(database, threadId) })),
  );
  for (const { threadId } of gone) {
    await removeNames(context, threadId);
    files.removeFile(appendKeysPath(home, threadId));
  }
  const records = gone.flatMap(({ threadId, children }): JournalRecord[] => [
    { type: "deleted", threadId },
    ...children.map((child): JournalRecord => ({ type: "edge", threadId: child.childThreadId, edge: null })),
  ]);
  if (records.length > 0) await journal.record(() => records);
}
