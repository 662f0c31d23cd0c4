import { hash } from "node:crypto";
import type { ThreadId } from "@threadstore/core";
import type { OpenFile } from "../file-system/file-system.js";

/** Bytes of a file of a home that a commit log keeps until the file itself is on the disk. */
export interface LogRecord {
  readonly threadId: ThreadId;
  /** Relative to the home. */
  readonly path: string;
  /** Where the bytes stand in the file. */
  readonly offset: number;
  readonly bytes: Buffer;
}

/**
 * Records that are written together are a block: the magic, the length of its header and that of its bytes (32 bits each, the
 * lowest byte first), a SHA-256 of header and bytes, the header as JSON, the bytes of all records. A block that was not
 * written whole has another hash.
 */
const MAGIC = Buffer.from("TSL1");
const HASH_BYTES = 32;
const PREFIX_BYTES = MAGIC.length + 4 + 4 + HASH_BYTES;

interface Header {
  readonly records: readonly (Omit<LogRecord, "bytes"> & { readonly length: number })[];
}

export function encodeBlock(all: readonly LogRecord[]): Buffer {
  const records = all.map(({ threadId, path, offset, bytes }) => ({ threadId, path, offset, length: bytes.length }));
  const header = Buffer.from(JSON.stringify({ records } satisfies Header), "utf8");
  const content = Buffer.concat([header, ...all.map(({ bytes }) => bytes)]);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  MAGIC.copy(prefix);
  prefix.writeUInt32LE(header.length, MAGIC.length);
  prefix.writeUInt32LE(content.length - header.length, MAGIC.length + 4);
  hashOf(content).copy(prefix, PREFIX_BYTES - HASH_BYTES);
  return Buffer.concat([prefix, content]);
}

/** The records of a log, in order, up to the first block that is not whole: nothing after it was acknowledged. */
export function* readRecords(file: OpenFile): Generator<LogRecord> {
  const { size } = file.status();
  for (let at = 0; at + PREFIX_BYTES <= size; ) {
    const prefix = readAt(file, at, PREFIX_BYTES);
    const [headerBytes, byteCount] = [prefix.readUInt32LE(MAGIC.length), prefix.readUInt32LE(MAGIC.length + 4)];
    const end = at + PREFIX_BYTES + headerBytes + byteCount;
    if (!prefix.subarray(0, MAGIC.length).equals(MAGIC) || end > size) return;
    const content = readAt(file, at + PREFIX_BYTES, headerBytes + byteCount);
    if (!hashOf(content).equals(prefix.subarray(PREFIX_BYTES - HASH_BYTES))) return;
    yield* recordsOf(content, headerBytes);
    at = end;
  }
}

function* recordsOf(content: Buffer, headerBytes: number): Generator<LogRecord> {
  const { records } = JSON.parse(content.toString("utf8", 0, headerBytes)) as Header;
  let at = headerBytes;
  for (const { length, ...record } of records) {
    yield { ...record, bytes: content.subarray(at, at + length) };
    at += length;
  }
}

function hashOf(content: Uint8Array): Buffer {
  return hash("sha256", content, "buffer");
}

function readAt(file: OpenFile, position: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  file.read(buffer, position);
  return buffer;
}
