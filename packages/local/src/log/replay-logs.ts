import { dirname } from "node:path";
import { isThreadStoreError, type ThreadId } from "@threadstore/core";
import type { AppendFile, FileSystem } from "../file-system/file-system.js";
import { makeFolder, syncFolders } from "../file-system/folders.js";
import type { ThreadLocks } from "../locks/thread-locks.js";
import { isSystemError } from "../map-error.js";
import { findMoved } from "../rollout/find-rollouts.js";
import { fileNameOf } from "../rollout/rollout-name.js";
import { logFolder } from "./log-file.js";
import { type LogRecord, readRecords } from "./log-record.js";

export interface ReplayContext {
  readonly files: FileSystem;
  readonly home: string;
  readonly locks: ThreadLocks;
}

/** What became of the bytes that commit logs kept. */
export interface Replay {
  /** Records whose bytes were put back, all or some of them. */
  readonly restored: number;
  /** Files in `threadstore/recovered/` with bytes whose own file went on without them. */
  readonly recovered: readonly string[];
}

/**
 * Puts back what a power cut took from files whose bytes are in a commit log. Only logs whose process is gone are looked at,
 * only threads that nobody writes are touched, and nothing that others wrote is: where a file went on in another way, the bytes
 * are kept beside it. A log that is done is removed.
 */
export async function replayLogs(context: ReplayContext): Promise<Replay> {
  const replay = { restored: 0, recovered: [] as string[] };
  for (const { name } of context.files.readDirectory(logFolder(context.home)) ?? []) {
    if (name.endsWith(".log")) await tryReplay(context, `${logFolder(context.home)}/${name}`, replay);
  }
  return replay;
}

type Tally = { restored: number; readonly recovered: string[] };

/** A home that cannot be written now is read as it is; the log stays. */
async function tryReplay(context: ReplayContext, path: string, tally: Tally): Promise<void> {
  try {
    await replayLog(context, path, tally);
  } catch (error) {
    if (!isSystemError(error) && !isThreadStoreError(error)) throw error;
  }
}

async function replayLog(context: ReplayContext, path: string, tally: Tally): Promise<void> {
  const log = context.files.openToAppend(path, "existing");
  if (!log) return;
  try {
    if (!log.tryLock("exclusive")) return;
    let isDone = true;
    for (const [file, records] of recordsByFile(log)) {
      isDone = (await replayFile(context, { file, records, tally })) && isDone;
    }
    if (isDone) context.files.removeFile(path);
  } finally {
    log.close();
  }
}

/** The records of each file, in the order in which they were written. */
function recordsByFile(log: AppendFile): Map<string, LogRecord[]> {
  const byFile = new Map<string, LogRecord[]>();
  for (const record of readRecords(log)) {
    const records = byFile.get(record.path) ?? [];
    byFile.set(record.path, records);
    records.push(record);
  }
  return byFile;
}

interface FileReplay {
  readonly file: string;
  readonly records: readonly LogRecord[];
  readonly tally: Tally;
}

/** False when somebody is writing the thread: then it is tried again when the home is opened next. */
async function replayFile(context: ReplayContext, { file, records, tally }: FileReplay): Promise<boolean> {
  const lock = await lockThread(context.locks, (records[0] as LogRecord).threadId);
  if (!lock) return false;
  try {
    const opened = openReplayed(context, file);
    try {
      for (const record of records) {
        const outcome = opened ? restore(opened, record) : "elsewhere";
        if (outcome === "restored") tally.restored++;
        if (outcome === "elsewhere") tally.recovered.push(...(await keep(context, record)));
      }
      await opened?.sync();
    } finally {
      opened?.close();
    }
    return true;
  } finally {
    await lock.release();
  }
}

async function lockThread(locks: ThreadLocks, threadId: ThreadId) {
  try {
    return await locks.acquireWriter(threadId);
  } catch (error) {
    if (isThreadStoreError(error)) return null;
    throw error;
  }
}

/** The file where it was, or where it was moved to. */
function openReplayed({ files, home }: ReplayContext, path: string): AppendFile | null {
  const file = files.openToAppend(`${home}/${path}`, "existing");
  const moved = file ? null : findMoved(files, home, path);
  return file ?? (moved && files.openToAppend(`${home}/${moved.path}`, "existing"));
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

/** Keeps bytes that have no place in their own file any more. */
async function keep({ files, home }: ReplayContext, { path, offset, bytes }: LogRecord): Promise<string[]> {
  const kept = `threadstore/recovered/${fileNameOf(path)}.${offset}`;
  const folders = makeFolder(files, dirname(`${home}/${kept}`));
  if (files.status(`${home}/${kept}`) !== null) return [];
  const file = files.openToAppend(`${home}/${kept}`, "new");
  try {
    file.append(bytes);
    await file.sync();
  } finally {
    file.close();
  }
  await syncFolders(files, folders);
  return [kept];
}
