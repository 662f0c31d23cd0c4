import { isUtf8 } from "node:buffer";
import {
  type Instant,
  instantFromMs,
  parseInstant,
  type RolloutLine,
  type RolloutRecord,
  readRolloutLine,
  readRolloutRecord,
} from "@threadstore/core";
import type { LineBytes } from "./line-reader.js";

/** Whether a line holds nothing but white space; such lines are no records and no damage. */
export function isBlank({ buffer, start, end }: LineBytes): boolean {
  for (let at = start; at < end; at++) {
    const byte = buffer[at] as number;
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  }
  return true;
}

/** Stands for the time of a record that has none, and of which there was none before. */
export const NO_TIME: Instant = instantFromMs(0);

const BYTE_ORDER_MARK = "\uFEFF";

/** The record of a line; null when it is not one, because of garbage, a tear, or bytes that are not UTF-8. */
export function readLine(line: LineBytes): RolloutLine | null {
  const text = textOfLine(line);
  return text === null ? null : readRolloutLine(text);
}

/** The same for readers that do not pass the line's own text on. */
export function readRecord(line: LineBytes): RolloutRecord | null {
  const text = textOfLine(line);
  return text === null ? null : readRolloutRecord(text);
}

/** The text of a line, without the byte order mark that a file may begin with; null when it is not UTF-8. */
export function textOfLine({ buffer, start, end, offset }: LineBytes): string | null {
  const text = buffer.toString("utf8", start, end);
  // Only what stands for bytes that are not UTF-8, or was written as such, is worth a second look.
  if (text.includes("\uFFFD") && !isUtf8(buffer.subarray(start, end))) return null;
  return offset === 0 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

/** When a record was written, or else when the one before it was. */
export function timestampOf(line: RolloutRecord, before: Instant): Instant {
  return (line.timestamp === undefined ? null : parseInstant(line.timestamp)) ?? before;
}
