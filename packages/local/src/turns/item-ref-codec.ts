import type { ItemRef, LineRef } from "./item-ref.js";

const ROLES = ["other", "request", "finalAnswer", "answer", "reasoning"] as const;

/** Bits of the first byte of an item, above its role. */
const IS_NUMBERED = 8;
const HAS_MORE_LINES = 16;
/** Its line is not in the rollout of the line before, or says no time: then a byte of `LINE_` bits precedes it. */
const IS_ODD_LINE = 32;

const LINE_CHANGES_PART = 1;
const LINE_HAS_TIMESTAMP = 2;

/** Where the previous item ended; what follows is written as the difference. */
interface Place {
  ordinal: number;
  number: number;
  part: number;
  offset: number;
}

/** Numbers as bytes of seven bits, lowest first. */
class ByteWriter {
  #bytes = Buffer.allocUnsafe(256);
  #length = 0;

  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#grow();
    this.#bytes[this.#length++] = value;
  }

  /** Offsets may pass 2^32, so this is done without bit operations. */
  unsigned(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.byte((rest % 0x80) + 0x80);
    this.byte(rest);
  }

  /** The sign is the lowest bit of the first byte. */
  signed(value: number): void {
    const amount = Math.abs(value);
    const low = (amount % 0x40) * 2 + (value < 0 ? 1 : 0);
    const hasMore = amount >= 0x40;
    this.byte(hasMore ? low + 0x80 : low);
    if (hasMore) this.unsigned(Math.floor(amount / 0x40));
  }

  text(value: string): void {
    const bytes = Buffer.from(value, "utf8");
    this.unsigned(bytes.length);
    for (const byte of bytes) this.byte(byte);
  }

  /** A copy of what was written since the last time. */
  take(): Buffer {
    const bytes = Buffer.from(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return bytes;
  }

  #grow(): void {
    this.#bytes = Buffer.concat([this.#bytes], this.#bytes.length * 2);
  }
}

/** Encoding is never interrupted, so one writer serves all. */
const writer = new ByteWriter();

/** The items of one turn in few bytes: about ten each. */
export function encodeItemRefs(refs: readonly ItemRef[]): Buffer {
  const place: Place = { ordinal: 0, number: 0, part: 0, offset: 0 };
  for (const ref of refs) writeRef(place, ref);
  return writer.take();
}

export function decodeItemRefs(bytes: Uint8Array): ItemRef[] {
  const reader = new ByteReader(bytes);
  const place: Place = { ordinal: 0, number: 0, part: 0, offset: 0 };
  const refs: ItemRef[] = [];
  while (!reader.isAtEnd) refs.push(readRef(reader, place));
  return refs;
}

function writeRef(place: Place, { role, ordinal, number, idHash, lines }: ItemRef): void {
  const [first, ...more] = lines as readonly [LineRef, ...LineRef[]];
  const isOdd = isOddLine(first, place);
  writer.byte(
    ROLES.indexOf(role) |
      (number === null ? 0 : IS_NUMBERED) |
      (more.length > 0 ? HAS_MORE_LINES : 0) |
      (isOdd ? IS_ODD_LINE : 0),
  );
  writer.signed(ordinal - place.ordinal);
  place.ordinal = ordinal;
  if (number === null) writer.unsigned(idHash);
  else {
    writer.signed(number - place.number);
    place.number = number;
  }
  writeLine(place, { line: first, isOdd });
  if (more.length === 0) return;
  writer.unsigned(more.length);
  for (const line of more) writeLine(place, { line, isOdd: true });
}

function readRef(reader: ByteReader, place: Place): ItemRef {
  const head = reader.byte();
  place.ordinal += reader.signed();
  const isNumbered = (head & IS_NUMBERED) !== 0;
  const idHash = isNumbered ? 0 : reader.unsigned();
  if (isNumbered) place.number += reader.signed();
  const lines = [readLine(reader, place, (head & IS_ODD_LINE) !== 0)];
  const more = (head & HAS_MORE_LINES) === 0 ? 0 : reader.unsigned();
  for (let count = 0; count < more; count++) lines.push(readLine(reader, place, true));
  const role = ROLES[head & 7] ?? "other";
  return { role, ordinal: place.ordinal, number: isNumbered ? place.number : null, idHash, lines };
}

function isOddLine({ part, timestamp }: LineRef, place: Place): boolean {
  return part !== place.part || timestamp !== undefined;
}

function writeLine(place: Place, { line, isOdd }: { line: LineRef; isOdd: boolean }): void {
  const { part, offset, length, timestamp } = line;
  if (isOdd) {
    const changesPart = part !== place.part;
    writer.byte((changesPart ? LINE_CHANGES_PART : 0) | (timestamp === undefined ? 0 : LINE_HAS_TIMESTAMP));
    if (changesPart) writer.unsigned(part);
    if (timestamp !== undefined) writer.text(timestamp);
  }
  writer.signed(offset - place.offset);
  writer.unsigned(length);
  place.part = part;
  place.offset = offset + length;
}

function readLine(reader: ByteReader, place: Place, isOdd: boolean): LineRef {
  const head = isOdd ? reader.byte() : 0;
  if ((head & LINE_CHANGES_PART) !== 0) place.part = reader.unsigned();
  const timestamp = (head & LINE_HAS_TIMESTAMP) === 0 ? undefined : reader.text();
  const offset = place.offset + reader.signed();
  const length = reader.unsigned();
  place.offset = offset + length;
  return { part: place.part, offset, length, ...(timestamp === undefined ? {} : { timestamp }) };
}

class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  unsigned(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  signed(): number {
    const byte = this.byte();
    const low = (byte & 0x7f) >> 1;
    const amount = byte < 0x80 ? low : low + this.unsigned() * 0x40;
    return (byte & 1) === 0 ? amount : -amount;
  }

  text(): string {
    const length = this.unsigned();
    const start = this.#at;
    this.#at += length;
    return Buffer.from(this.#bytes.subarray(start, this.#at)).toString("utf8");
  }
}
