import { isThreadStoreError } from "@threadstore/core";
import { internal, unavailable } from "@threadstore/core/driver";
import type { AppendFile, FileSystem, OpenFile } from "../file-system/file-system.js";
import { removeLeftover } from "../file-system/folders.js";
import { isSystemError } from "../map-error.js";
import { openRollout } from "./open-rollout.js";
import { plainPath } from "./rollout-name.js";

/** Bytes that are written at once. */
const CHUNK_BYTES = 16 * 1024 * 1024;

type Zstd = typeof import("@bokuweb/zstd-wasm");

/** Loaded when first needed, and started once: a second start would make it answer zeros. */
let zstd: Promise<Zstd> | undefined;

async function loadZstd(): Promise<Zstd> {
  const library = await import("@bokuweb/zstd-wasm");
  await library.init();
  return library;
}

/**
 * Turns a compressed rollout back into a plain one, so that it can be appended to. The checksum of its content must fit;
 * the compressed file is only removed when the plain one is safe on the disk. A plain file that is there already wins.
 * Called under the thread's writer lock. @throws `internal` the file is damaged; it stays as it is.
 */
export async function restoreCompressed(files: FileSystem, compressed: string): Promise<string> {
  const path = plainPath(compressed);
  if (files.status(path)) return path;
  const content = await decompressWhole(files, compressed);
  const temporary = `${path}.restore`;
  files.removeFile(temporary);
  const file = files.openToAppend(temporary, "new");
  try {
    for (let at = 0; at < content.length; at += CHUNK_BYTES) file.append(content.subarray(at, at + CHUNK_BYTES));
    await publish(files, { file, temporary, compressed });
  } finally {
    file.close();
    removeLeftover(files, temporary);
  }
  return path;
}

async function publish(
  files: FileSystem,
  { file, temporary, compressed }: { file: AppendFile; temporary: string; compressed: string },
): Promise<void> {
  const path = plainPath(compressed);
  const mtimeMs = files.status(compressed)?.mtimeMs;
  if (mtimeMs !== undefined) files.setModifiedTime(temporary, mtimeMs);
  await file.sync();
  files.linkFile(temporary, path);
  await files.syncDirectory(path.slice(0, path.lastIndexOf("/")));
  files.removeFile(compressed);
}

/** The content, by a decoder that verifies checksums. It has to be told the size, which frames need not say. */
async function decompressWhole(files: FileSystem, path: string): Promise<Uint8Array> {
  const bytes = using(path, files.openToRead(path), (file) => {
    const content = new Uint8Array(file.status().size);
    file.read(content, 0);
    return content;
  });
  zstd ??= loadZstd();
  const { decompress } = await zstd;
  try {
    const size = using(path, openRollout(files, path), (content) => content.status().size);
    return decompress(bytes, { defaultHeapSize: Math.max(size, 1) });
  } catch (cause) {
    if (isSystemError(cause) || isThreadStoreError(cause)) throw cause;
    throw internal(`the compressed rollout ${path} is damaged: it cannot be turned back and stays as it is`, cause);
  }
}

/** Reads a file that is open, and closes it. @throws `unavailable` it is gone. */
function using<T>(path: string, file: OpenFile | null, read: (file: OpenFile) => T): T {
  if (!file) throw unavailable(`the rollout ${path} was moved or removed while it was opened`);
  try {
    return read(file);
  } finally {
    file.close();
  }
}
