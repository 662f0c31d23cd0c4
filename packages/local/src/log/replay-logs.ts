import { isThreadStoreError, type ThreadId } from "@threadstore/core";
import type { AppendFile, FileSystem, OpenFile } from "../file-system/file-system.js";
import { syncFile, type UnsyncedFile } from "../file-system/sync-file.js";
import { replaceFile } from "../file-system/whole-writes.js";
import type { ThreadLocks } from "../locks/thread-locks.js";
import { findMoved } from "../rollout/find-rollouts.js";
import { fileNameOf } from "../rollout/rollout-name.js";
import { type LoggedHome, logFolder } from "./log-file.js";
import { type LogRecord, readRecords } from "./log-record.js";

export interface ReplayContext extends LoggedHome {
  readonly locks: ThreadLocks;
}

/** What became of the bytes that commit logs kept. */
export interface Replay {
  /** Records whose bytes were put back, all or some of them. */
  readonly restored: number;
  /** Files in `threadstore/recovered/` with bytes whose own file went on without them. */
  readonly recovered: readonly string[];
  /** Threads of which something could not be put back, and why; it stays in its log. */
  readonly failures: ReadonlyMap<ThreadId, unknown>;
}

/**
 * Puts back what a power cut took from files whose bytes are in commit logs. Only logs whose process is gone are looked at,
 * only threads that nobody writes are touched, and nothing that others wrote is: where a file went on in another way, the bytes
 * are kept beside it. A log that is done is removed; where one cannot be read, nothing is put back.
 */
export async function replayLogs(context: ReplayContext): Promise<Replay> {
  const logs: OpenLog[] = [];
  try {
    for (const path of logPaths(context)) {
      const log = openLog(context, path);
      if (log) logs.push(log);
    }
    return await replayAll(context, logs);
  } finally {
    for (const { file } of logs) file.close();
  }
}

interface OpenLog {
  readonly path: string;
  readonly file: AppendFile;
  readonly records: readonly LogRecord[];
}

function logPaths({ files, home }: ReplayContext): string[] {
  const folder = logFolder(home);
  const names = (files.readDirectory(folder) ?? []).map(({ name }) => name);
  return names.filter((name) => name.endsWith(".log")).map((name) => `${folder}/${name}`);
}

/** Null when somebody is writing it. */
function openLog({ files }: ReplayContext, path: string): OpenLog | null {
  const file = files.openToAppend(path, "existing");
  try {
    if (file?.tryLock("exclusive")) return { path, file, records: readRecords(file) };
  } catch (error) {
    file?.close();
    throw error;
  }
  file?.close();
  return null;
}

async function replayAll(context: ReplayContext, logs: readonly OpenLog[]): Promise<Replay> {
  const replay = { restored: 0, recovered: [] as string[], failures: new Map<ThreadId, unknown>() };
  const unfinished = new Set<string>();
  for (const [file, records] of recordsByFile(logs)) {
    const { threadId } = records[0] as LogRecord;
    try {
      if (!(await replayFile(context, { file, records, replay }))) unfinished.add(file);
    } catch (failure) {
      unfinished.add(file);
      replay.failures.set(threadId, failure);
    }
  }
  for (const { path, records } of logs) {
    if (!records.some((record) => unfinished.has(record.path))) context.files.removeFile(path);
  }
  return replay;
}

/** The records of each file, in the order in which they were written: files grow, whichever log keeps what. */
function recordsByFile(logs: readonly OpenLog[]): Map<string, LogRecord[]> {
  const byFile = new Map<string, LogRecord[]>();
  for (const record of logs.flatMap(({ records }) => records)) {
    const records = byFile.get(record.path) ?? [];
    byFile.set(record.path, records);
    records.push(record);
  }
  for (const records of byFile.values()) records.sort((a, b) => a.offset - b.offset);
  return byFile;
}

interface FileReplay {
  readonly file: string;
  readonly records: readonly LogRecord[];
  /** Told what became of the records. */
  readonly replay: { restored: number; readonly recovered: string[] };
}

/** False when somebody is writing the thread: then it is tried again when the home is opened next. */
async function replayFile(context: ReplayContext, { file, records, replay }: FileReplay): Promise<boolean> {
  const lock = await lockThread(context.locks, (records[0] as LogRecord).threadId);
  if (!lock) return false;
  try {
    const opened = openReplayed(context, file);
    try {
      for (const record of records) {
        const outcome = opened ? restore(opened.file, record) : "elsewhere";
        if (outcome === "restored") replay.restored++;
        if (outcome === "elsewhere" && !isOwnFile(file)) replay.recovered.push(...(await keep(context, record)));
      }
      if (opened) await syncFile(context.files, opened);
    } finally {
      opened?.file.close();
    }
    return true;
  } finally {
    await lock.release();
  }
}

/** Append keys: a file of them that was made anew holds all that an earlier one held. */
function isOwnFile(path: string): boolean {
  return path.startsWith("threadstore/");
}

async function lockThread(locks: ThreadLocks, threadId: ThreadId) {
  try {
    return await locks.acquireWriter(threadId);
  } catch (error) {
    if (isThreadStoreError(error, "conflict")) return null;
    throw error;
  }
}

/** The file where it was, or where it was moved to. */
function openReplayed({ files, home }: ReplayContext, path: string): UnsyncedFile | null {
  for (const place of [path, findMoved(files, home, path)?.path ?? path]) {
    const file = files.openToAppend(`${home}/${place}`, "existing");
    if (file) return { path: `${home}/${place}`, file };
  }
  return null;
}

/** Appends what a file lacks of a record. Zeros at its end are what a power cut leaves of bytes that were not written. */
function restore(file: AppendFile, { offset, bytes }: LogRecord): "there" | "restored" | "elsewhere" {
  const { size } = file.status();
  if (size < offset) return "elsewhere";
  const there = Buffer.alloc(Math.min(size - offset, bytes.length));
  file.read(there, offset);
  const same = commonLength(there, bytes);
  if (same === bytes.length) return "there";
  if (same < there.length) {
    if (!isZero(file, offset + same, size)) return "elsewhere";
    file.truncate(offset + same);
  }
  file.append(bytes.subarray(same));
  return "restored";
}

function commonLength(a: Uint8Array, b: Uint8Array): number {
  const end = Math.min(a.length, b.length);
  let at = 0;
  while (at < end && a[at] === b[at]) at++;
  return at;
}

function isZero(file: AppendFile, start: number, end: number): boolean {
  const bytes = Buffer.alloc(end - start);
  file.read(bytes, start);
  return bytes.every((byte) => byte === 0);
}

/** Keeps bytes that have no place in their own file any more, whole and on the disk. */
async function keep({ files, home, names }: ReplayContext, record: LogRecord): Promise<string[]> {
  const folder = `${home}/${RECOVERED}`;
  names.makeFolder(folder);
  const { name, isThere } = nameFor(files, folder, record);
  if (!isThere) replaceFile(files, `${folder}/${name}`, { content: record.bytes, isDurable: true }).close();
  await names.sync(folder);
  return isThere ? [] : [`${RECOVERED}/${name}`];
}

/** Other bytes of the same place may be there from another time. */
function nameFor(files: FileSystem, folder: string, { path, offset, bytes }: LogRecord) {
  for (let copy = 1; ; copy++) {
    const name = `${fileNameOf(path)}.${offset}${copy === 1 ? "" : `-${copy}`}`;
    const there = files.openToRead(`${folder}/${name}`);
    if (!there) return { name, isThere: false };
    try {
      if (hasContent(there, bytes)) return { name, isThere: true };
    } finally {
      there.close();
    }
  }
}

function hasContent(file: OpenFile, bytes: Uint8Array): boolean {
  const there = Buffer.alloc(file.status().size);
  file.read(there, 0);
  return there.equals(bytes);
}

const RECOVERED = "threadstore/recovered";
