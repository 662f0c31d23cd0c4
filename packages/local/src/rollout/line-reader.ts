import type { OpenFile } from "../file-system/file-system.js";

/**
 * One line of a file: the bytes `start` to `end` of `buffer`, without the newline. The buffer is reused: what is kept
 * must be copied.
 */
export interface LineBytes {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
  /** Where the line starts in the file. */
  readonly offset: number;
  /** False for a last line that no newline closes. */
  readonly isClosed: boolean;
}

/** Looks at a line; returning false ends the read. */
export type LineVisitor = (line: LineBytes) => boolean | undefined;

/** The longest line that is read; a longer one is passed over in pieces and counts as unreadable. */
const LINE_READ_MAX_BYTES = 256 * 1024 * 1024;

const FIRST_BLOCK_BYTES = 64 * 1024;
const BLOCK_BYTES = 1024 * 1024;
const NEWLINE = 10;

/** Visits the lines of a file from an offset up to an end, in order. Returns the offset after the last line visited. */
export function readLines(file: OpenFile, range: ByteRange, visit: LineVisitor): number {
  const content = file.content?.();
  if (content)
    return visitBlock(content.subarray(0, range.end), { start: range.start, offset: 0, isLast: true }, visit).next;
  let buffer: Buffer = Buffer.allocUnsafe(Math.min(FIRST_BLOCK_BYTES, Math.max(range.end - range.start, 1)));
  let filled = 0;
  let bufferOffset = range.start;
  for (;;) {
    const wanted = Math.min(buffer.length - filled, range.end - bufferOffset - filled);
    const count = wanted > 0 ? file.read(buffer.subarray(filled, filled + wanted), bufferOffset + filled) : 0;
    const isEnd = count < wanted || bufferOffset + filled + count >= range.end;
    filled += count;
    const block = buffer.subarray(0, filled);
    const visited = visitBlock(block, { start: 0, offset: bufferOffset, isLast: isEnd }, visit);
    if (visited.isStopped || isEnd) return bufferOffset + visited.next;
    const start = visited.next;
    ({ buffer, filled, bufferOffset } = nextBlock({ buffer, start, filled, bufferOffset }));
  }
}

/** A range of a file in bytes. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

interface BlockPlace {
  readonly start: number;
  /** Where the block begins in the file. */
  readonly offset: number;
  /** Whether nothing follows the block: then its last line counts though no newline closes it. */
  readonly isLast: boolean;
}

/** Visits the lines of a block; `next` is where the first line begins that was not visited. */
function visitBlock(
  block: Buffer,
  { start: from, offset, isLast }: BlockPlace,
  visit: LineVisitor,
): { readonly next: number; readonly isStopped: boolean } {
  let start = from;
  for (let newline = block.indexOf(NEWLINE, start); newline >= 0; newline = block.indexOf(NEWLINE, start)) {
    const line = { buffer: block, start, end: newline, offset: offset + start, isClosed: true };
    if (visit(line) === false) return { next: start, isStopped: true };
    start = newline + 1;
  }
  if (!isLast || start >= block.length) return { next: start, isStopped: false };
  const line = { buffer: block, start, end: block.length, offset: offset + start, isClosed: false };
  return visit(line) === false ? { next: start, isStopped: true } : { next: block.length, isStopped: false };
}

interface Block {
  readonly buffer: Buffer;
  readonly start: number;
  readonly filled: number;
  readonly bufferOffset: number;
}

/** Moves the unfinished line to the front of a buffer that has room to go on. */
function nextBlock({ buffer, start, filled, bufferOffset }: Block): Omit<Block, "start"> {
  const rest = filled - start;
  const size = rest >= BLOCK_BYTES / 2 ? Math.min(rest * 2, LINE_READ_MAX_BYTES + BLOCK_BYTES) : BLOCK_BYTES;
  const target = size > buffer.length ? Buffer.allocUnsafe(size) : buffer;
  if (rest >= LINE_READ_MAX_BYTES) return { buffer: target, filled: 0, bufferOffset: bufferOffset + filled };
  buffer.copy(target, 0, start, filled);
  return { buffer: target, filled: rest, bufferOffset: bufferOffset + start };
}

/** Visits the lines of a file from its end towards `range.start`. Returns the offset of the last line visited. */
export function readLinesBackward(file: OpenFile, range: ByteRange, visit: LineVisitor): number {
  const content = file.content?.();
  let carry: Buffer = Buffer.alloc(0);
  let isClosed = false;
  let blockBytes = content ? range.end - range.start : FIRST_BLOCK_BYTES;
  let position = range.end;
  while (position > range.start) {
    const size = Math.min(blockBytes, position - range.start);
    position -= size;
    const buffer = content?.subarray(position, position + size) ?? readBefore(file, { position, size }, carry);
    let end = buffer.length;
    for (let newline = buffer.lastIndexOf(NEWLINE, end - 1); newline >= 0 && end > 0; ) {
      const line = { buffer, start: newline + 1, end, offset: position + newline + 1, isClosed };
      if ((line.start < end || isClosed) && visit(line) === false) return line.offset;
      isClosed = true;
      end = newline;
      newline = end > 0 ? buffer.lastIndexOf(NEWLINE, end - 1) : -1;
    }
    carry = buffer.subarray(0, end);
    // A line of many blocks is put together in few steps: each takes at least as much as there is already.
    blockBytes = Math.max(Math.min(BLOCK_BYTES, blockBytes * 2), carry.length);
  }
  const first = { buffer: carry, start: 0, end: carry.length, offset: range.start, isClosed };
  if (carry.length > 0 || isClosed) visit(first);
  return range.start;
}

/** The bytes of a block with the unfinished line that follows it. */
function readBefore(file: OpenFile, block: { position: number; size: number }, carry: Buffer): Buffer {
  const buffer = Buffer.allocUnsafe(block.size + carry.length);
  const count = file.read(buffer.subarray(0, block.size), block.position);
  // A file that lost its end since it was measured ends here.
  if (count < block.size) return buffer.subarray(0, count);
  carry.copy(buffer, block.size);
  return buffer;
}
