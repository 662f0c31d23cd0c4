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
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
/** Kinds and event names are far shorter; a longer one is parsed. */
const NAME_MAX_BYTES = 64;

/** What a reader looks for: all other lines are `other` to it. */
export interface PeekNames {
  readonly kinds: NameTable;
  readonly events: NameTable;
}

type NameTable = readonly (readonly Name[])[];

/** Prepares the kinds of items, and the names of events, that a reader looks for. */
export function peekNames(kinds: Iterable<string>, events: Iterable<string>): PeekNames {
  return { kinds: byLength([...kinds].filter((kind) => kind !== "event_msg")), events: byLength(events) };
}

const METADATA_NAMES = peekNames(METADATA_KINDS, METADATA_EVENTS);

/** Peeks at a line with a strict grammar from its first byte on: whatever deviates is `unknown`, never guessed. */
export function peekLine({ buffer, start, end }: PeekedLine, names: PeekNames = METADATA_NAMES): LineKind {
  let at = matchAt(buffer, start, TIMESTAMP, end);
  if (at < 0) return "unknown";
  at = nameEnd(buffer, at, end);
  if (at < 0 || buffer[at + 1] !== COMMA) return "unknown";
  at = skipOrdinal(buffer, at + 2, end);
  if (at < 0) return "unknown";
  const typeStart = matchAt(buffer, at, TYPE, end);
  const typeEnd = typeStart < 0 ? -1 : nameEnd(buffer, typeStart, end);
  if (typeEnd < 0) return "unknown";
  const payload = matchAt(buffer, typeEnd + 1, PAYLOAD, end);
  if (payload < 0) return "unknown";
  const isEvent = typeEnd - typeStart === EVENT_MSG.length && matchAt(buffer, typeStart, EVENT_MSG, end) === typeEnd;
  if (!isEvent) return nameAt(buffer, { start: typeStart, end: typeEnd }, names.kinds);
  const eventStart = matchAt(buffer, payload, TYPE, end);
  const eventEnd = eventStart < 0 ? -1 : nameEnd(buffer, eventStart, end);
  return eventEnd < 0 ? "unknown" : nameAt(buffer, { start: eventStart, end: eventEnd }, names.events);
}

/** The bytes of a line, from `start` up to `end`. */
export interface PeekedLine {
  readonly buffer: Buffer;
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
function nameAt(buffer: Buffer, range: { start: number; end: number }, table: NameTable): LineKind {
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
  while (index < end && (buffer[index] as number) >= 0x30 && (buffer[index] as number) <= 0x39) index++;
  return index > digits && buffer[index] === COMMA ? index + 1 : -1;
}
