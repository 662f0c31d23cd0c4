import type { Instant, ThreadId } from "@threadstore/core";
import { unavailable } from "@threadstore/core/driver";
import type { FileSystem, OpenFile } from "../file-system/file-system.js";
import { syncFile } from "../file-system/sync-file.js";
import { appendLines, replaceFile } from "../file-system/whole-writes.js";
import { tryLockFile } from "../locks/locked-file.js";
import { waitForLock } from "../locks/wait-for-lock.js";
import { textOfLine } from "../rollout/line-item.js";
import { readLines } from "../rollout/line-reader.js";
import { parseNameEntry, SESSION_INDEX } from "./session-index.js";

/** A home whose name index is written. */
export interface NamedHome {
  readonly files: FileSystem;
  readonly home: string;
  readonly isDurable: boolean;
}

/** Records a thread's name where the real Codex records names; an empty one takes the name away. */
export async function recordName(
  { files, home, isDurable }: NamedHome,
  entry: { readonly threadId: ThreadId; readonly name: string; readonly updatedAt: Instant },
): Promise<void> {
  const line = JSON.stringify({ id: entry.threadId, thread_name: entry.name, updated_at: entry.updatedAt });
  await locked(files, home, async () => {
    const file = files.openToAppend(`${home}/${SESSION_INDEX}`, "either");
    try {
      appendLines(file, `${line}\n`);
      if (isDurable) await syncFile(files, { path: `${home}/${SESSION_INDEX}`, file });
    } finally {
      file.close();
    }
  });
}

/** Removes every entry of a thread that is deleted; all other bytes stay as they are. */
export async function removeNames({ files, home, isDurable }: NamedHome, threadId: ThreadId): Promise<void> {
  const path = `${home}/${SESSION_INDEX}`;
  if (!files.status(path)) return;
  await locked(files, home, async () => {
    const kept = readWithout(files, path, threadId);
    if (!kept) return;
    replaceFile(files, path, { content: kept, isDurable }).close();
  });
}

/** The bytes of an index without the entries of a thread; null when it has none. */
function readWithout(files: FileSystem, path: string, threadId: ThreadId): Buffer | null {
  const file = files.openToRead(path);
  try {
    return file && linesWithout(file, threadId);
  } finally {
    file?.close();
  }
}

function linesWithout(file: OpenFile, threadId: ThreadId): Buffer | null {
  const parts: Buffer[] = [];
  let hasEntries = false;
  readLines(file, { start: 0, end: file.status().size }, (line) => {
    const text = textOfLine(line);
    if (text !== null && parseNameEntry(text)?.threadId === threadId) hasEntries = true;
    else parts.push(Buffer.from(line.buffer.subarray(line.start, line.end)), Buffer.from(line.isClosed ? "\n" : ""));
    return true;
  });
  return hasEntries ? Buffer.concat(parts) : null;
}

async function locked(files: FileSystem, home: string, work: () => Promise<void>): Promise<void> {
  const lock = await waitForLock(() => tryLockFile(files, `${home}/${SESSION_INDEX}.lock`, "exclusive"));
  if (!lock) throw unavailable(`another process keeps ${SESSION_INDEX} locked`);
  try {
    await work();
  } finally {
    lock.close();
  }
}
