import { hash } from "node:crypto";
import type { ThreadId } from "@threadstore/core";
import { unavailable } from "@threadstore/core/driver";
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
const MAGIC = "TSL1";
const NEWER_MAGIC = /^TSL[2-9]$/;
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
  prefix.write(MAGIC, "latin1");
  prefix.writeUInt32LE(header.length, MAGIC.length);
  prefix.writeUInt32LE(content.length - header.length, MAGIC.length + 4);
  hashOf(content).copy(prefix, PREFIX_BYTES - HASH_BYTES);
  return Buffer.concat([prefix, content]);
}

/** Where the blocks of a log stop being whole, and how. */
export interface LogBreak {
  /** Bytes from the beginning of the log. */
  readonly offset: number;
  readonly why: "newer" | "no_block" | "cut_off" | "checksum";
}

/** The records of each block of a log, up to the first one that is not whole: nothing after it was acknowledged. */
export function* readBlocks(file: OpenFile): Generator<LogRecord[], LogBreak | null> {
  const { size } = file.status();
  for (let at = 0; at < size; ) {
    const block = readBlock(file, at, size);
    if (typeof block === "string") return { offset: at, why: block };
    yield block.records;
    at = block.end;
  }
  return null;
}

/** The records of a log, in order. @throws `unavailable` the log is a newer one's. */
export function readRecords(file: OpenFile): LogRecord[] {
  const records: LogRecord[] = [];
  const blocks = readBlocks(file);
  for (let block = blocks.next(); ; block = blocks.next()) {
    if (!block.done) records.push(...block.value);
    else if (block.value?.why !== "newer") return records;
    else throw unavailable("a commit log was written by a newer threadstore: use that one");
  }
}

function readBlock(file: OpenFile, at: number, size: number): LogBreak["why"] | { records: LogRecord[]; end: number } {
  const prefix = readAt(file, at, Math.min(PREFIX_BYTES, size - at));
  const magic = prefix.toString("latin1", 0, MAGIC.length);
  if (!MAGIC.startsWith(magic)) return NEWER_MAGIC.test(magic) ? "newer" : "no_block";
  if (prefix.length < PREFIX_BYTES) return "cut_off";
  const [headerBytes, byteCount] = [prefix.readUInt32LE(MAGIC.length), prefix.readUInt32LE(MAGIC.length + 4)];
  const end = at + PREFIX_BYTES + headerBytes + byteCount;
  if (end > size) return "cut_off";
  const content = readAt(file, at + PREFIX_BYTES, headerBytes + byteCount);
  if (!hashOf(content).equals(prefix.subarray(PREFIX_BYTES - HASH_BYTES))) return "checksum";
  return { records: [...recordsOf(content, headerBytes)], end };
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
