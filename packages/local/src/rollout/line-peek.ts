import { METADATA_EVENTS, METADATA_KINDS } from "@threadstore/core/driver";

/**
 * What a line is, read from its first bytes: the kind of its item, or for an event the name of the event. `other` is a
 * line that tells nothing about its thread; `unknown` one whose beginning is not exactly as Codex writes it and that has
 * to be parsed to find out.
 */
export type LineKind = "unknown" | "other" | (string & {});

const TIMESTAMP = Buffer.from('{"timestamp":"');
const ORDINAL = Buffer.from('"ordinal":');
const TYPE = Buffer.from('"type":"');
const PAYLOAD = Buffer.from(',"payload":{');
const EVENT_MSG = Buffer.from("event_msg");
const RESPONSE_ITEM = Buffer.from("response_item");
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
/** Kinds and event names are far shorter; a longer one is parsed. */
const NAME_MAX_BYTES = 64;

/** What a reader looks for: all other lines are `other` to it. */
export interface PeekNames {
  readonly kinds: NameTable;
  readonly events: NameTable;
  /** The types of response items; null when they are told by their kind alone. */
  readonly responses: NameTable | null;
}

/** Where the parts of a line lie that a peek has read; they stay as they were when the kind of the line is `unknown`. */
export interface PeekedParts {
  /** The quote after the timestamp. */
  timestampEnd: number;
  /** The first digit of the ordinal; -1 when there is none. */
  ordinalStart: number;
  /** After the type of the payload, for events and response items that are told by it. */
  payloadTypeEnd: number;
}

/** The first byte of a line's timestamp, counted from the start of the line. */
export const TIMESTAMP_START = '{"timestamp":"'.length;

type NameTable = readonly (readonly Name[])[];

/** Prepares the kinds of items, the names of events, and the types of response items that a reader looks for. */
export function peekNames(
  kinds: Iterable<string>,
  events: Iterable<string>,
  responses: Iterable<string> | null = null,
): PeekNames {
  return {
    kinds: byLength([...kinds].filter((kind) => kind !== "event_msg")),
    events: byLength(events),
    responses: responses && byLength(responses),
  };
}

const UNUSED_PARTS: PeekedParts = { timestampEnd: -1, ordinalStart: -1, payloadTypeEnd: -1 };

const METADATA_NAMES = peekNames(METADATA_KINDS, METADATA_EVENTS);

/** Peeks at a line with a strict grammar from its first byte on: whatever deviates is `unknown`, never guessed. */
export function peekLine(
  line: PeekedLine,
  names: PeekNames = METADATA_NAMES,
  parts: PeekedParts = UNUSED_PARTS,
): LineKind {
  const { buffer, end } = line;
  const timestampEnd = timestampEndOf(line);
  if (timestampEnd < 0 || buffer[timestampEnd + 1] !== COMMA) return "unknown";
  const afterOrdinal = skipOrdinal(buffer, timestampEnd + 2, end);
  const typeStart = afterOrdinal < 0 ? -1 : matchAt(buffer, afterOrdinal, TYPE, end);
  const typeEnd = typeStart < 0 ? -1 : nameEnd(buffer, typeStart, end);
  if (typeEnd < 0) return "unknown";
  const payload = matchAt(buffer, typeEnd + 1, PAYLOAD, end);
  if (payload < 0) return "unknown";
  const types = payloadTypes(buffer, { start: typeStart, end: typeEnd }, names);
  if (types === null) return nameAt(buffer, { start: typeStart, end: typeEnd }, names.kinds);
  const nameStart = matchAt(buffer, payload, TYPE, end);
  const nameStop = nameStart < 0 ? -1 : nameEnd(buffer, nameStart, end);
  if (nameStop < 0) return "unknown";
  parts.timestampEnd = timestampEnd;
  parts.ordinalStart = afterOrdinal === timestampEnd + 2 ? -1 : timestampEnd + 2 + ORDINAL.length;
  parts.payloadTypeEnd = nameStop + 1;
  return nameAt(buffer, { start: nameStart, end: nameStop }, types);
}

/** The names that tell one payload of a kind from another; null for kinds that tell enough themselves. */
function payloadTypes(buffer: Buffer, kind: Range, { events, responses }: PeekNames): NameTable | null {
  const { start, end } = kind;
  if (end - start === EVENT_MSG.length && matchAt(buffer, start, EVENT_MSG, end) === end) return events;
  if (responses === null || end - start !== RESPONSE_ITEM.length) return null;
  return matchAt(buffer, start, RESPONSE_ITEM, end) === end ? responses : null;
}

/** The ordinal that a line begins with, when it is written as Codex does; else null. */
export function peekOrdinal(line: PeekedLine): number | null {
  const { buffer, end } = line;
  const timestampEnd = timestampEndOf(line);
  if (timestampEnd < 0 || buffer[timestampEnd + 1] !== COMMA) return null;
  const digits = matchAt(buffer, timestampEnd + 2, ORDINAL, end);
  return digits < 0 || skipOrdinal(buffer, timestampEnd + 2, end) < 0 ? null : ordinalAt(buffer, digits);
}

/** The timestamp that a line begins with, when it is written as Codex does; else null. */
export function peekTimestamp(line: PeekedLine): string | null {
  const timestampEnd = timestampEndOf(line);
  return timestampEnd < 0 ? null : line.buffer.toString("latin1", line.start + TIMESTAMP_START, timestampEnd);
}

/** The quote after the timestamp that a line begins with; -1 when it begins otherwise. */
function timestampEndOf({ buffer, start, end }: PeekedLine): number {
  const timestamp = matchAt(buffer, start, TIMESTAMP, end);
  return timestamp < 0 ? -1 : nameEnd(buffer, timestamp, end);
}

const ORDINAL_MAX_DIGITS = 15;

/** The ordinal whose digits begin at a place; null when it is not one for sure. */
export function ordinalAt(buffer: Buffer, start: number): number | null {
  let ordinal = 0;
  let at = start;
  for (; isDigit(buffer[at] as number); at++) ordinal = ordinal * 10 + ((buffer[at] as number) - ZERO);
  const isExact = at - start <= ORDINAL_MAX_DIGITS && (buffer[start] !== ZERO || at === start + 1);
  return isExact ? ordinal : null;
}

const ZERO = 0x30;

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}

/** The bytes of a line, from `start` up to `end`. */
export interface PeekedLine {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

interface Name {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Names by their length: few share one, so most lines are settled without looking at the bytes. */
function byLength(names: Iterable<string>): NameTable {
  const table: Name[][] = Array.from({ length: NAME_MAX_BYTES + 1 }, () => []);
  for (const name of names) table[name.length]?.push({ name, bytes: Buffer.from(name) });
  return table;
}

/** The name that stands in a range, or `other` when it is none of a table's. */
function nameAt(buffer: Buffer, range: Range, table: NameTable): LineKind {
  const candidates = table[range.end - range.start] as readonly Name[];
  for (const { name, bytes } of candidates) if (matchAt(buffer, range.start, bytes, range.end) > 0) return name;
  return "other";
}

/** The position after `expected` when it stands at `at`, else -1. */
function matchAt(buffer: Buffer, at: number, expected: Buffer, end: number): number {
  if (at + expected.length > end) return -1;
  for (let index = 0; index < expected.length; index++) if (buffer[at + index] !== expected[index]) return -1;
  return at + expected.length;
}

/** The position of the quote that ends a short string without escapes, else -1. */
function nameEnd(buffer: Buffer, at: number, end: number): number {
  const limit = Math.min(end, at + NAME_MAX_BYTES);
  for (let index = at; index < limit; index++) {
    if (buffer[index] === QUOTE) return index;
    if (buffer[index] === BACKSLASH) return -1;
  }
  return -1;
}

function skipOrdinal(buffer: Buffer, at: number, end: number): number {
  const digits = matchAt(buffer, at, ORDINAL, end);
  if (digits < 0) return at;
  let index = digits;
  while (index < end && isDigit(buffer[index] as number)) index++;
  return index > digits && buffer[index] === COMMA ? index + 1 : -1;
}
