import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import { systemClock, type ThreadId } from "@threadstore/core";
import type { FileSystem } from "../file-system/file-system.js";
import type { JournalReading } from "../journal/metadata-journal.js";
import { isSystemError } from "../map-error.js";
import { readSessionIndex, SESSION_INDEX } from "../neighbour/session-index.js";
import { readStateDatabase, STATE_DATABASE } from "../neighbour/state-database.js";
import {
  type FoundRollouts,
  findMoved,
  findRollouts,
  type RolloutFile,
  type UnreadablePath,
} from "../rollout/find-rollouts.js";
import { fileNameOf } from "../rollout/rollout-name.js";
import { saveFolderMarks } from "./folder-marks.js";
import type { IndexContext } from "./index-context.js";
import type { IndexDatabase } from "./index-database.js";
import { readNewRecords, saveNewRecords } from "./journal-threads.js";
import { type RolloutRow, readRolloutRow, rolloutAt, saveRolloutRow } from "./rollout-row.js";
import { refreshThread } from "./thread-row.js";

export interface CatchUpOptions {
  /** Look at every line of every file anew. */
  readonly isComplete?: boolean;
  /** Told after each file that was looked at. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** The identity of each indexed file, as this process knows it: saves asking the database about every file. */
export type KnownFiles = Map<string, { readonly inode: number; readonly size: number; readonly mtimeMs: number }>;

export interface CatchUpResult {
  readonly changed: number;
  readonly removed: number;
  readonly total: number;
  /** What could not be read, and is as it was known before. */
  readonly unreadable: readonly UnreadablePath[];
}

/** Files whose rows are kept in memory until they are saved together. */
const FILES_PER_TRANSACTION = 1_000;

/** Files that are looked at between two turns of the event loop. */
const FILES_PER_TURN = 64;

/** Brings the index up to date with the home as it is now; `known` is brought up to date with the index. */
export async function catchUp(
  context: IndexContext,
  known: KnownFiles,
  options: CatchUpOptions = {},
): Promise<CatchUpResult> {
  const startedMs = systemClock.nowMs();
  const { rollouts: found, folders, unreadable: closed } = findAll(context, known);
  const unreadable = [...closed];
  const paths = new Set(found.map((file) => file.path));
  const changed = options.isComplete ? found : found.filter((file) => !isKnown(known, file));
  let changes = 0;
  for (let start = 0; start < changed.length; start += FILES_PER_TRANSACTION) {
    const rows = await lookAt(context, { changed, start, knownFiles: known, unreadable }, options);
    if (rows.length > 0)
      context.index.transaction(() => save(context, { rows, removed: [], beside: [], journal: null }));
    for (const { path, inode, size, mtimeMs } of rows) known.set(path, { inode, size, mtimeMs });
    // A file that was moved meanwhile was read where it is now, which the walk did not see.
    for (const { path } of rows) paths.add(path);
    changes += rows.length;
  }
  const removed = [...known.keys()].filter((path) => !paths.has(path));
  saveChanges(context, { rows: [], removed });
  for (const path of removed) known.delete(path);
  saveFolderMarks(context.index, { folders, startedMs, unreadable });
  return { changed: changes, removed: removed.length, total: found.length, unreadable };
}

/** Saves what changed in rollouts, and whatever changed beside them. */
export function saveChanges(context: IndexContext, changes: Pick<Changes, "rows" | "removed">): void {
  const beside = readChangedSources(context);
  const journal = readNewRecords(context.index, context.files, context.home);
  const isNothing = changes.rows.length + changes.removed.length + beside.length === 0 && !journal;
  if (!isNothing) context.index.transaction(() => save(context, { ...changes, beside, journal }));
}

/** A file that moved while the folders were walked may have been seen in neither: it is looked for where it can be. */
function findAll({ files, home }: IndexContext, known: KnownFiles): FoundRollouts {
  const { rollouts, folders, unreadable } = findRollouts(files, home);
  const names = new Set(rollouts.map((file) => fileNameOf(file.path)));
  const missing = [...known.keys()].filter((path) => !names.has(fileNameOf(path)));
  const moved = missing.flatMap((path) => findMoved(files, home, path) ?? []);
  return { rollouts: [...rollouts, ...moved], folders, unreadable };
}

function isKnown(known: KnownFiles, { path, status }: RolloutFile): boolean {
  const file = known.get(path);
  return (
    file !== undefined && file.size === status.size && file.mtimeMs === status.mtimeMs && file.inode === status.inode
  );
}

async function lookAt(
  { files, home, index }: IndexContext,
  { changed, start, knownFiles, unreadable }: ChangedFiles,
  { isComplete = false, onProgress }: CatchUpOptions,
): Promise<RolloutRow[]> {
  const rows: RolloutRow[] = [];
  for (const [at, file] of changed.slice(start, start + FILES_PER_TRANSACTION).entries()) {
    const done = start + at;
    const known = knownFiles.has(file.path) ? rolloutAt(index, file.path) : undefined;
    const look = readWhereItIs({ files, home }, file, { isComplete, ...(known ? { known } : {}) });
    if (look && "code" in look) unreadable.push(look);
    else if (look) rows.push(look);
    onProgress?.(done + 1, changed.length);
    if (done % FILES_PER_TURN === FILES_PER_TURN - 1) await yieldToEventLoop();
  }
  return rows;
}

interface ChangedFiles {
  readonly changed: readonly RolloutFile[];
  readonly start: number;
  readonly knownFiles: KnownFiles;
  /** Told what cannot be read. */
  readonly unreadable: UnreadablePath[];
}

/** Reads a file, also when it was moved since it was found; null when it is gone. */
export function readWhereItIs(
  { files, home }: Pick<IndexContext, "files" | "home">,
  file: RolloutFile,
  options: Parameters<typeof readRolloutRow>[3],
): RolloutRow | UnreadablePath | null {
  let found: RolloutFile | null = file;
  for (let look = 0; found && look < MOVES_MAX; look++) {
    try {
      const row = readRolloutRow(files, home, found, options);
      if (row) return row;
    } catch (error) {
      // One file that the system does not let us read hides no other; what was known of it stays.
      if (!isSystemError(error)) throw error;
      return { path: found.path, code: error.code ?? "unknown", isFolder: false };
    }
    found = findMoved(files, home, found.path);
  }
  return null;
}

/** A file that moves more often than this while one call looks at it is looked at by the next call. */
const MOVES_MAX = 8;

/** A file beside the rollouts that was read anew: what it tells of each thread, as text that can be compared. */
interface ChangedSource {
  readonly name: string;
  readonly signature: string;
  readonly table: "recorded_names" | "neighbour_threads";
  readonly column: "name" | "record";
  readonly entries: ReadonlyMap<ThreadId, string>;
}

function readChangedSources({ files, home, index }: IndexContext): ChangedSource[] {
  const sources: ChangedSource[] = [];
  const names = signatureOf(files, [`${home}/${SESSION_INDEX}`]);
  if (names !== knownSignature(index, SESSION_INDEX)) {
    const entries = readSessionIndex(files, home);
    sources.push({ name: SESSION_INDEX, signature: names, table: "recorded_names", column: "name", entries });
  }
  const database = `${home}/${STATE_DATABASE}`;
  const state = signatureOf(files, [database, `${database}-wal`]);
  // A database that cannot be read now keeps its old signature, so that the next call tries again.
  const threads = state === knownSignature(index, STATE_DATABASE) ? null : readStateDatabase(files, home);
  if (threads) {
    const entries = new Map([...threads].map(([threadId, thread]) => [threadId, JSON.stringify(thread)]));
    sources.push({ name: STATE_DATABASE, signature: state, table: "neighbour_threads", column: "record", entries });
  }
  return sources;
}

function signatureOf(files: FileSystem, paths: readonly string[]): string {
  const parts = paths.map((path) => {
    const status = files.status(path);
    return status ? `${status.inode}:${status.size}:${status.mtimeMs}` : "none";
  });
  return parts.join(" ");
}

function knownSignature(index: IndexDatabase, name: string): string | undefined {
  const row = index.get("SELECT signature FROM sources WHERE name = ?", name);
  return row && String(row.signature);
}

interface Changes {
  readonly rows: readonly RolloutRow[];
  readonly removed: readonly string[];
  readonly beside: readonly ChangedSource[];
  readonly journal: JournalReading | null;
}

function save(context: IndexContext, { rows, removed, beside, journal }: Changes): void {
  const { index } = context;
  const told = beside.flatMap((source) => saveSource(index, source));
  if (journal) told.push(...saveNewRecords(index, journal));
  const before = [...removed, ...rows.map((row) => row.path)].flatMap((path) => rolloutIdsAt(index, path));
  // Another process may have moved a file there, and saved it, since the folders were walked.
  const isGone = (path: string) => context.files.status(`${context.home}/${path}`) === null;
  for (const path of removed.filter(isGone)) index.run("DELETE FROM rollouts WHERE path = ?", path);
  const saved = rows.filter((row) => saveRolloutRow(index, row));
  const changed = [...before, ...rows.flatMap(({ threadId, rolloutId }) => [threadId, rolloutId])];
  const ids = new Set([...told, ...changed].filter((id) => id !== null));
  for (const heir of heirsOf(index, ids)) ids.add(heir);
  const inHand = new Map(saved.map((row) => [row.path, row]));
  for (const id of ids) refreshThread(context, id, inHand);
}

/** The thread and the rollout that a file was, before it changed. */
function rolloutIdsAt(index: IndexDatabase, path: string): (string | null)[] {
  const row = index.get("SELECT thread_id, rollout_id FROM rollouts WHERE path = ?", path);
  return row ? [row.thread_id as string | null, row.rollout_id as string | null] : [];
}

/** Brings only what the metadata journal tells up to date: a change of metadata is decided on the newest state. */
export function catchUpJournal(context: IndexContext): void {
  const journal = readNewRecords(context.index, context.files, context.home);
  if (journal) context.index.transaction(() => save(context, { rows: [], removed: [], beside: [], journal }));
}

/** Threads whose rollouts inherit from any of these, directly or not: what those tell, they may tell too. */
function heirsOf(index: IndexDatabase, ids: ReadonlySet<string>): ThreadId[] {
  const rows = index.all(
    `WITH RECURSIVE heirs (thread_id, rollout_id) AS (
       SELECT thread_id, rollout_id FROM rollouts
       WHERE base_rollout_id IS NOT NULL AND base_rollout_id IN (SELECT value FROM json_each(?))
       UNION SELECT r.thread_id, r.rollout_id FROM rollouts r JOIN heirs h ON r.base_rollout_id IN (h.rollout_id, h.thread_id)
     ) SELECT DISTINCT thread_id FROM heirs WHERE thread_id IS NOT NULL`,
    JSON.stringify([...ids]),
  );
  return rows.map((heir) => String(heir.thread_id));
}

/** Replaces what a source tells; returns the threads of which it now tells something else. */
function saveSource(index: IndexDatabase, { name, signature, table, column, entries }: ChangedSource): ThreadId[] {
  const before = new Map(
    index.all(`SELECT thread_id, ${column} AS entry FROM ${table}`).map((row) => [String(row.thread_id), row.entry]),
  );
  const touched: ThreadId[] = [];
  for (const [threadId, entry] of entries) {
    if (before.get(threadId) !== entry) {
      touched.push(threadId);
      index.run(`INSERT OR REPLACE INTO ${table} (thread_id, ${column}) VALUES (?, ?)`, threadId, entry);
    }
    before.delete(threadId);
  }
  for (const threadId of before.keys()) {
    touched.push(threadId);
    index.run(`DELETE FROM ${table} WHERE thread_id = ?`, threadId);
  }
  index.run("INSERT OR REPLACE INTO sources (name, signature) VALUES (?, ?)", name, signature);
  return touched;
}
