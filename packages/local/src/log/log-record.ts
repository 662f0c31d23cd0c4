import { hash } from "node:crypto";
import { parseThreadId, type ThreadId } from "@threadstore/core";
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
 * A record is: the magic, the length of its header and that of its bytes (32 bits each, the lowest byte first), a SHA-256 of
 * header and bytes, the header as JSON, the bytes. A record that was not written whole has another hash.
 */
const MAGIC = Buffer.from("TSL1");
const HASH_BYTES = 32;
const PREFIX_BYTES = MAGIC.length + 4 + 4 + HASH_BYTES;

/** A header holds an id, a path and a number. */
const HEADER_MAX_BYTES = 64 * 1024;

export function encodeRecord({ threadId, path, offset, bytes }: LogRecord): Buffer {
  const header = Buffer.from(JSON.stringify({ threadId, path, offset }), "utf8");
  const record = Buffer.allocUnsafe(PREFIX_BYTES + header.length + bytes.length);
  MAGIC.copy(record);
  record.writeUInt32LE(header.length, MAGIC.length);
  record.writeUInt32LE(bytes.length, MAGIC.length + 4);
  header.copy(record, PREFIX_BYTES);
  bytes.copy(record, PREFIX_BYTES + header.length);
  hashOf(record.subarray(PREFIX_BYTES)).copy(record, PREFIX_BYTES - HASH_BYTES);
  return record;
}

/** The records of a log, in order, up to the first one that is not whole: nothing after it was acknowledged. */
export function* readRecords(file: OpenFile): Generator<LogRecord> {
  const { size } = file.status();
  for (let at = 0; at + PREFIX_BYTES <= size; ) {
    const prefix = readAt(file, at, PREFIX_BYTES);
    const [headerBytes, byteCount] = [prefix.readUInt32LE(MAGIC.length), prefix.readUInt32LE(MAGIC.length + 4)];
    const end = at + PREFIX_BYTES + headerBytes + byteCount;
    if (!prefix.subarray(0, MAGIC.length).equals(MAGIC) || headerBytes > HEADER_MAX_BYTES || end > size) return;
    const content = readAt(file, at + PREFIX_BYTES, headerBytes + byteCount);
    if (!hashOf(content).equals(prefix.subarray(PREFIX_BYTES - HASH_BYTES))) return;
    const header = parseHeader(content.toString("utf8", 0, headerBytes));
    if (header === null) return;
    yield { ...header, bytes: content.subarray(headerBytes) };
    at = end;
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

function parseHeader(text: string): Omit<LogRecord, "bytes"> | null {
  const { threadId, path, offset } = JSON.parse(text) as Record<string, unknown>;
  const id = parseThreadId(String(threadId));
  const isPlace = typeof path === "string" && Number.isSafeInteger(offset) && (offset as number) >= 0;
  return id !== null && isPlace ? { threadId: id, path, offset: offset as number } : null;
}
