import { createHash, type Hash } from "node:crypto";
import type { FileSystem, OpenFile } from "../file-system/file-system.js";
import type { ByteRange } from "../rollout/line-reader.js";
import type { Content } from "./hashed-output.js";

const CHUNK_BYTES = 1024 * 1024;

/** Reads a range of a file piece by piece; returns how many bytes there were. The pieces share one buffer. */
export function readChunks(file: OpenFile, { start, end }: ByteRange, take: (chunk: Buffer) => void): number {
  const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(CHUNK_BYTES, end - start)));
  let at = start;
  while (at < end) {
    const count = file.read(buffer.subarray(0, Math.min(buffer.length, end - at)), at);
    if (count === 0) break;
    take(buffer.subarray(0, count));
    at += count;
  }
  return at - start;
}

/** The SHA-256 of the bytes of a range, to be gone on with. */
export function hashRange(file: OpenFile, range: ByteRange): Hash {
  const hash = createHash("sha256");
  readChunks(file, range, (chunk) => hash.update(chunk));
  return hash;
}

/** What the first bytes of a file hold, all of them by default; null when it is not there. */
export function contentOf(files: FileSystem, path: string, bytesMax = Number.POSITIVE_INFINITY): Content | null {
  const file = files.openToRead(path);
  if (!file) return null;
  try {
    const bytes = Math.min(file.status().size, bytesMax);
    return { bytes, sha256: hashRange(file, { start: 0, end: bytes }).digest("hex") };
  } finally {
    file.close();
  }
}

export function isSameContent(a: Content | null, b: Content): boolean {
  return a?.bytes === b.bytes && a.sha256 === b.sha256;
}
