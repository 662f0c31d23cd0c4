import type { ThreadId } from "@threadstore/core";
import type { FileSystem, OpenFile } from "../file-system/file-system.js";
import type { RolloutFile } from "../rollout/find-rollouts.js";
import { fingerprintOf } from "../rollout/fingerprint.js";
import { openRolloutBriefly, WHOLE_READ_MAX_BYTES } from "../rollout/open-rollout.js";
import { fileNameOf, parseRolloutName } from "../rollout/rollout-name.js";
import { continueScan, type RolloutScan, scanRollout } from "../rollout/scan-rollout.js";
import type { IndexDatabase, Row } from "./index-database.js";

/** A rollout as the index knows it. */
export interface RolloutRow {
  readonly path: string;
  readonly inode: number;
  readonly size: number;
  readonly mtimeMs: number;
  /** A hash of bytes before `scan.readTo`: what grew after it is read on from there only while they are the same. */
  readonly fingerprint: string;
  readonly threadId: ThreadId | null;
  readonly nameThreadId: ThreadId | null;
  readonly rolloutId: string | null;
  readonly scan: RolloutScan;
  /** When the file was last changed as far as the row knew that this one takes the place of. */
  readonly knownMtimeMs?: number;
}

/** Files are looked at one after the other, so one buffer serves them all. */
const scratch = Buffer.allocUnsafe(WHOLE_READ_MAX_BYTES);

/** Looks at a rollout, going on from what the index knew when the file only grew. Null when it is gone. */
export function readRolloutRow(
  files: FileSystem,
  home: string,
  found: RolloutFile,
  options: { readonly known?: RolloutRow; readonly isComplete?: boolean } = {},
): RolloutRow | null {
  const file = openRolloutBriefly(files, `${home}/${found.path}`, { scratch, status: found.status });
  if (!file) return null;
  try {
    const name = parseRolloutName(fileNameOf(found.path));
    const { known, isComplete = false } = options;
    const canContinue = known && !isComplete && !name?.isCompressed && hasGrown(file, known);
    const scan = canContinue
      ? continueScan(file, known.scan)
      : scanRollout(file, { nameId: name?.threadId, isComplete: isComplete || name?.isCompressed === true });
    const threadId = isThread(scan) ? scan.threadId : null;
    return {
      path: found.path,
      inode: found.status.inode,
      size: found.status.size,
      mtimeMs: found.status.mtimeMs,
      fingerprint: fingerprintOf(file, scan.readTo),
      threadId,
      nameThreadId: name?.threadId ?? null,
      rolloutId: name?.rolloutId ?? threadId,
      scan,
      ...(known ? { knownMtimeMs: known.mtimeMs } : {}),
    };
  } finally {
    file.close();
  }
}

/** A file with a readable session_meta, or with a UUID in its name and anything readable in it. */
function isThread(scan: RolloutScan): boolean {
  return scan.threadId !== null && (scan.hasMeta || scan.hasItems);
}

function hasGrown(file: OpenFile, known: RolloutRow): boolean {
  const isLonger = file.status().size >= known.scan.readTo;
  return (
    known.threadId !== null &&
    known.scan.hasMeta &&
    isLonger &&
    fingerprintOf(file, known.scan.readTo) === known.fingerprint
  );
}

/**
 * Saves a row, unless another process saved a newer look at the file; returns whether it did. A file that was put back from a
 * copy is older than it was.
 */
export function saveRolloutRow(index: IndexDatabase, row: RolloutRow): boolean {
  const changes = index.run(
    `INSERT INTO rollouts (path, inode, size, mtime_ms, fingerprint, thread_id, name_thread_id, rollout_id,
       base_rollout_id, scan) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (path) DO UPDATE SET inode = excluded.inode, size = excluded.size, mtime_ms = excluded.mtime_ms,
       fingerprint = excluded.fingerprint, thread_id = excluded.thread_id, name_thread_id = excluded.name_thread_id,
       rollout_id = excluded.rollout_id, base_rollout_id = excluded.base_rollout_id, scan = excluded.scan
     WHERE excluded.mtime_ms >= mtime_ms OR excluded.inode != inode OR mtime_ms = ?`,
    row.path,
    row.inode,
    row.size,
    row.mtimeMs,
    row.fingerprint,
    row.threadId,
    row.nameThreadId,
    row.rolloutId,
    row.scan.base?.rolloutId ?? null,
    JSON.stringify(row.scan),
    row.knownMtimeMs ?? null,
  );
  return changes > 0;
}

function rolloutRowOf(row: Row): RolloutRow {
  return {
    path: String(row.path),
    inode: Number(row.inode),
    size: Number(row.size),
    mtimeMs: Number(row.mtime_ms),
    fingerprint: String(row.fingerprint),
    threadId: row.thread_id as ThreadId | null,
    nameThreadId: row.name_thread_id as ThreadId | null,
    rolloutId: row.rollout_id as string | null,
    scan: JSON.parse(String(row.scan)) as RolloutScan,
  };
}

export function rolloutAt(index: IndexDatabase, path: string): RolloutRow | undefined {
  const row = index.get("SELECT * FROM rollouts WHERE path = ?", path);
  return row && rolloutRowOf(row);
}

/** Every file of a thread: segments, archived and compressed copies. */
export function rolloutsOfThread(index: IndexDatabase, threadId: ThreadId, inHand?: RowsInHand): RolloutRow[] {
  const rows = index.all("SELECT path FROM rollouts WHERE thread_id = ? ORDER BY path", threadId);
  return rows.flatMap(({ path }) => inHand?.get(String(path)) ?? rolloutAt(index, String(path)) ?? []);
}

/** Files that have an id in their names which is not that of their thread. */
export function rolloutsNamed(index: IndexDatabase, nameThreadId: ThreadId): RolloutRow[] {
  const rows = index.all(
    "SELECT * FROM rollouts WHERE name_thread_id = ? AND name_thread_id IS NOT thread_id",
    nameThreadId,
  );
  return rows.map(rolloutRowOf);
}

/** Rows that were just saved, by path: they need not be read and parsed again. */
export type RowsInHand = ReadonlyMap<string, RolloutRow>;

/** Every file that goes by a rollout id. */
export function rolloutsById(index: IndexDatabase, rolloutId: string): RolloutRow[] {
  const rows = index.all(
    `SELECT * FROM rollouts WHERE rollout_id = ?1 AND thread_id = ?1
     UNION ALL SELECT * FROM rollouts WHERE rollout_id = ?1 AND rollout_id IS NOT thread_id ORDER BY path`,
    rolloutId,
  );
  return rows.map(rolloutRowOf);
}
