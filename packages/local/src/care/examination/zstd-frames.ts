import type { OpenFile } from "../../file-system/file-system.js";

/** One frame of a zstd file: bytes `start` to `end`, the checksum included. */
export interface ZstdFrame {
  readonly start: number;
  readonly end: number;
  readonly hasChecksum: boolean;
  /** Whether it holds no content, by the format's own intent. */
  readonly isSkippable: boolean;
  /** What is wrong with how it is built; null: nothing, as far as headers tell. */
  readonly damage: "cut_off" | "no_frame" | null;
}

const MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a5;
const HEADER_MAX_BYTES = 18;
const CHECKSUM_BYTES = 4;
const BLOCK_HEADER_BYTES = 3;
const RUN_OF_ONE_BYTE = 1;
const RESERVED = 3;

/** Walks the frames of a compressed file by their headers; a damaged one is the last. @see RFC 8878, 3.1 */
export function* readZstdFrames(file: OpenFile): Generator<ZstdFrame> {
  const { size } = file.status();
  for (let start = 0; start < size; ) {
    const frame = frameAt(file, start, size);
    yield frame;
    if (frame.damage !== null) return;
    start = frame.end;
  }
}

function frameAt(file: OpenFile, start: number, size: number): ZstdFrame {
  const header = Buffer.alloc(HEADER_MAX_BYTES);
  const bytes = file.read(header, start);
  const frame = { start, hasChecksum: false, isSkippable: false };
  if (bytes < 8) return { ...frame, end: size, damage: "cut_off" };
  const magic = header.readUInt32LE(0);
  if (magic >>> 4 === SKIPPABLE_MAGIC) {
    const end = start + 8 + header.readUInt32LE(4);
    return { ...frame, isSkippable: true, end: Math.min(end, size), damage: end > size ? "cut_off" : null };
  }
  if (magic !== MAGIC) return { ...frame, end: size, damage: "no_frame" };
  const descriptor = header[4] as number;
  const hasChecksum = (descriptor & 4) !== 0;
  const blocks = walkBlocks(file, start + headerBytes(descriptor), size);
  const end = blocks.end + (hasChecksum ? CHECKSUM_BYTES : 0);
  const damage = blocks.damage ?? (end > size ? "cut_off" : null);
  return { ...frame, hasChecksum, end: Math.min(end, size), damage };
}

/** Magic, descriptor, window, dictionary id, content size. */
function headerBytes(descriptor: number): number {
  const isSingleSegment = (descriptor & 32) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] as number;
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] as number;
  return 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes + sizeBytes;
}

function walkBlocks(file: OpenFile, from: number, size: number): { end: number; damage: ZstdFrame["damage"] } {
  const header = Buffer.alloc(BLOCK_HEADER_BYTES);
  for (let at = from; ; ) {
    if (file.read(header, at) < BLOCK_HEADER_BYTES) return { end: size, damage: "cut_off" };
    const word = header.readUIntLE(0, BLOCK_HEADER_BYTES);
    const type = (word >> 1) & 3;
    if (type === RESERVED) return { end: size, damage: "no_frame" };
    at += BLOCK_HEADER_BYTES + (type === RUN_OF_ONE_BYTE ? 1 : word >> 3);
    if (at > size) return { end: size, damage: "cut_off" };
    if ((word & 1) === 1) return { end: at, damage: null };
  }
}
