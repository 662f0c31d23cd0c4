import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { backup, DatabaseSync } from "@photostructure/sqlite";
import type { FileSystem } from "../../file-system/file-system.js";
import { makeFolder } from "../../file-system/folders.js";
import { contentOf } from "../hash-range.js";
import type { Content } from "../hashed-output.js";

/** Milliseconds to wait for another process that is writing. */
const LOCK_TIMEOUT_MS = 5_000;

/**
 * Copies a database of SQLite as it is at one moment, what stands in its write-ahead log included; nothing appears beside it.
 * Null when it cannot be read now.
 */
export async function copyDatabase(files: FileSystem, source: string, target: string): Promise<Content | null> {
  makeFolder(files, dirname(target));
  const partial = `${target}.partial`;
  files.removeFile(partial);
  // SQLite keeps the mode of a file that is there, which is only its owner's to read.
  files.openToAppend(partial, "new").close();
  if (!(await copyPages(files, source, partial))) {
    files.removeFile(partial);
    return null;
  }
  const copy = files.openToAppend(partial, "existing");
  await copy?.sync();
  copy?.close();
  const content = contentOf(files, partial);
  files.renameFile(partial, target);
  return content;
}

async function copyPages(files: FileSystem, source: string, target: string): Promise<boolean> {
  const isShared = files.status(`${source}-wal`) !== null && files.status(`${source}-shm`) !== null;
  const url = `${pathToFileURL(source).href}?${isShared ? "mode=ro" : "immutable=1"}`;
  try {
    const database = new DatabaseSync(url, { readOnly: true, timeout: LOCK_TIMEOUT_MS });
    try {
      await backup(database, target);
      return true;
    } finally {
      database.close();
    }
  } catch {
    return false;
  }
}
