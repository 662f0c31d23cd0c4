import { isUtf8 } from "node:buffer";
import type { PeekedLine } from "./line-peek.js";

/**
 * Which members of an object are wanted: the whole value, one that line after line has in common (`repeated`), only whether a
 * text is empty (`""` or `"…"` is given then), or some members of a nested object.
 */
export interface WantedMembers {
  readonly [key: string]: "value" | "repeated" | "emptiness" | WantedMembers;
}

interface WantedMember {
  readonly key: string;
  readonly bytes: Buffer;
  readonly want: "value" | "repeated" | "emptiness";
  /** What is wanted of an object there. */
  readonly nested: Wanted | null;
  /** The repeated text that was there last: it need not be made of the bytes each time. */
  lastText: string;
  lastBytes: Buffer;
}

/** Wanted members by the length of their keys. */
export type Wanted = readonly (readonly WantedMember[] | undefined)[];

export function compileWanted(members: WantedMembers): Wanted {
  const table: WantedMember[][] = [];
  for (const [key, want] of Object.entries(members)) {
    const isLeaf = typeof want === "string";
    const nested = isLeaf ? null : compileWanted(want);
    const last = { lastText: "", lastBytes: Buffer.alloc(0) };
    const member = { key, bytes: Buffer.from(key), want: isLeaf ? want : ("value" as const), nested, ...last };
    table[key.length] = [...(table[key.length] ?? []), member];
  }
  return table;
}

type Members = Record<string, unknown>;

/**
 * Reads some members of the JSON object on a line without making anything of the others. Null when the line is not one
 * object of valid JSON, and also where that is hard to tell: then the line is to be parsed.
 */
export function scanObject({ buffer, start, end }: PeekedLine, wanted: Wanted): Members | null {
  const scan = new JsonScan(buffer, start, end);
  const members = scan.read(wanted);
  return members && (!scan.hasHighBytes || isUtf8(buffer.subarray(start, end))) ? members : null;
}

/**
 * Reads on in an object that is nested in the object on a line, from behind one of its members, up to the end of the line:
 * members of the outer object must not follow. Null as in `scanObject`.
 */
export function scanNestedRest(line: PeekedLine, at: number, wanted: Wanted): Members | null {
  const { buffer, start, end } = line;
  const scan = new JsonScan(buffer, at, end);
  const members = scan.readNestedRest(wanted);
  return members && (!scan.hasHighBytes || isUtf8(buffer.subarray(start, end))) ? members : null;
}

/** Deeper values are left to the parser. */
const DEPTH_MAX = 100;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const MINUS = 0x2d;
const ZERO = 0x30;
const LITERALS = ["true", "false", "null"].map((text) => Buffer.from(text));

/** One pass over a text. Every method gives the position after what it read, or -1 where the text is not as it must be. */
class JsonScan {
  readonly #buffer: Buffer;
  readonly #start: number;
  readonly #end: number;
  #depth = 0;
  /** Whether the last string that was read is more than its bytes: it has escapes, or text that is not ASCII. */
  #isStringEscaped = false;
  hasHighBytes = false;

  constructor(buffer: Buffer, start: number, end: number) {
    this.#buffer = buffer;
    this.#start = start;
    this.#end = end;
  }

  read(wanted: Wanted): Members | null {
    const members: Members = {};
    const at = this.#object(this.#space(this.#start), wanted, members);
    return at >= 0 && this.#space(at) === this.#end ? members : null;
  }

  readNestedRest(wanted: Wanted): Members | null {
    const members: Members = {};
    this.#depth = 2;
    let at = this.#space(this.#start);
    at = this.#buffer[at] === COMMA ? this.#members(this.#space(at + 1), wanted, members) : this.#closeObject(at);
    at = at < 0 ? -1 : this.#closeObject(this.#space(at));
    return at >= 0 && this.#space(at) === this.#end ? members : null;
  }

  #object(start: number, wanted: Wanted | null, members: Members): number {
    const buffer = this.#buffer;
    if (buffer[start] !== OPEN_BRACE || start >= this.#end || ++this.#depth > DEPTH_MAX) return -1;
    const at = this.#space(start + 1);
    return buffer[at] === CLOSE_BRACE ? this.#close(at) : this.#members(at, wanted, members);
  }

  /** One member and all that follow, up to the end of their object. */
  #members(first: number, wanted: Wanted | null, members: Members): number {
    const buffer = this.#buffer;
    let at = first;
    for (;;) {
      const keyEnd = this.#string(at);
      if (keyEnd < 0) return -1;
      const colon = this.#space(keyEnd);
      if (colon >= this.#end || buffer[colon] !== COLON) return -1;
      const member = wanted && this.#wantedAt(at + 1, keyEnd - 1, wanted);
      if (member === undefined) return -1;
      const value = this.#space(colon + 1);
      const valueEnd = member ? this.#member(value, member, members) : this.#value(value);
      if (valueEnd < 0) return -1;
      at = this.#space(valueEnd);
      if (at >= this.#end) return -1;
      if (buffer[at] === CLOSE_BRACE) return this.#close(at);
      if (buffer[at] !== COMMA) return -1;
      at = this.#space(at + 1);
    }
  }

  /** The wanted member of a key; null when there is none; undefined for keys with escapes, which may be any. */
  #wantedAt(start: number, end: number, wanted: Wanted): WantedMember | null | undefined {
    if (this.#isStringEscaped) return undefined;
    const members = wanted[end - start];
    if (!members) return null;
    for (const member of members) if (matches(this.#buffer, start, member.bytes, end)) return member;
    return null;
  }

  #member(start: number, member: WantedMember, members: Members): number {
    const { key, want, nested } = member;
    const first = this.#buffer[start];
    if (nested && first === OPEN_BRACE) {
      const object: Members = {};
      members[key] = object;
      return this.#object(start, nested, object);
    }
    const end = this.#value(start);
    if (end < 0) return -1;
    if (first !== QUOTE) members[key] = this.#decode(start, end);
    else if (want === "emptiness") members[key] = end - start > 2 ? "…" : "";
    else members[key] = this.#isStringEscaped ? this.#decode(start, end) : this.#plainText(start + 1, end - 1, member);
    return end;
  }

  #plainText(start: number, end: number, last: WantedMember): string {
    if (last.want !== "repeated") return this.#buffer.toString("latin1", start, end);
    if (matches(this.#buffer, start, last.lastBytes, end)) return last.lastText;
    const text = this.#buffer.toString("latin1", start, end);
    if (text.length <= REPEATED_MAX_BYTES) {
      last.lastText = text;
      last.lastBytes = Buffer.from(text, "latin1");
    }
    return text;
  }

  /** A value that is known to be valid. */
  #decode(start: number, end: number): unknown {
    const buffer = this.#buffer;
    if (end - start > SHORT_NUMBER_MAX_BYTES) return JSON.parse(buffer.toString("utf8", start, end));
    let number = 0;
    for (let at = start; at < end; at++) {
      const byte = buffer[at] as number;
      if (!isDigit(byte)) return JSON.parse(buffer.toString("utf8", start, end));
      number = number * 10 + (byte - ZERO);
    }
    return number;
  }

  #value(start: number): number {
    const first = start < this.#end ? (this.#buffer[start] as number) : -1;
    if (first === QUOTE) return this.#string(start);
    if (first === OPEN_BRACE) return this.#object(start, null, EMPTY);
    if (first === OPEN_BRACKET) return this.#array(start);
    if (first === MINUS || isDigit(first)) return this.#number(start);
    return this.#literal(start);
  }

  #array(start: number): number {
    const buffer = this.#buffer;
    if (++this.#depth > DEPTH_MAX) return -1;
    let at = this.#space(start + 1);
    if (buffer[at] === CLOSE_BRACKET) return this.#close(at);
    for (;;) {
      const valueEnd = this.#value(at);
      if (valueEnd < 0) return -1;
      at = this.#space(valueEnd);
      if (buffer[at] === CLOSE_BRACKET) return this.#close(at);
      if (buffer[at] !== COMMA) return -1;
      at = this.#space(at + 1);
    }
  }

  #closeObject(at: number): number {
    return this.#buffer[at] === CLOSE_BRACE ? this.#close(at) : -1;
  }

  #close(at: number): number {
    this.#depth--;
    return at < this.#end ? at + 1 : -1;
  }

  #string(start: number): number {
    const buffer = this.#buffer;
    if (start >= this.#end || buffer[start] !== QUOTE) return -1;
    this.#isStringEscaped = false;
    for (let at = start + 1; ; at++) {
      while (IS_PLAIN[buffer[at] as number] === 1) at++;
      // A newline ends every line and is not plain, so nothing behind the line is taken for a part of it.
      if (at >= this.#end) return -1;
      const byte = buffer[at] as number;
      if (byte === QUOTE) return at + 1;
      if (byte < 0x20) return -1;
      this.#isStringEscaped = true;
      if (byte >= 0x80) this.hasHighBytes = true;
      else at = this.#escape(at + 1);
      if (at < 0) return -1;
    }
  }

  /** The position of the last byte of an escape. */
  #escape(at: number): number {
    const byte = this.#buffer[at] as number;
    if (byte !== 0x75) return SIMPLE_ESCAPES.has(byte) ? at : -1;
    for (let digit = 1; digit <= 4; digit++) if (!isHexDigit(this.#buffer[at + digit] as number)) return -1;
    return at + 4;
  }

  #number(start: number): number {
    const buffer = this.#buffer;
    let at = buffer[start] === MINUS ? start + 1 : start;
    at = buffer[at] === ZERO ? at + 1 : this.#digits(at);
    if (at >= 0 && at < this.#end && buffer[at] === 0x2e) at = this.#digits(at + 1);
    if (at < 0 || at >= this.#end || ((buffer[at] as number) | 0x20) !== 0x65) return at;
    const sign = buffer[at + 1];
    return this.#digits(sign === MINUS || sign === 0x2b ? at + 2 : at + 1);
  }

  /** At least one digit. */
  #digits(start: number): number {
    let at = start;
    while (at < this.#end && isDigit(this.#buffer[at] as number)) at++;
    return at > start ? at : -1;
  }

  #literal(start: number): number {
    for (const bytes of LITERALS) {
      const end = start + bytes.length;
      if (end <= this.#end && matches(this.#buffer, start, bytes, end)) return end;
    }
    return -1;
  }

  #space(start: number): number {
    let at = start;
    if ((this.#buffer[at] as number) > 0x20) return at;
    while (at < this.#end && isSpace(this.#buffer[at] as number)) at++;
    return at;
  }
}

const EMPTY: Members = {};

/** Ids are shorter; longer texts are not kept. */
const REPEATED_MAX_BYTES = 64;

/** Numbers of so many digits are exact. */
const SHORT_NUMBER_MAX_BYTES = 15;

/** 1 for bytes of a string that stand for themselves: printable ASCII without quote and backslash, and DEL. */
const IS_PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x80 && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);

function matches(buffer: Buffer, start: number, bytes: Buffer, end: number): boolean {
  if (end - start !== bytes.length) return false;
  for (let at = 0; at < bytes.length; at++) if (buffer[start + at] !== bytes[at]) return false;
  return true;
}
const SIMPLE_ESCAPES = new Set(Buffer.from('"\\/bfnrt'));

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x0a;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isHexDigit(byte: number): boolean {
  return isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}
