import { isUtf8 } from "node:buffer";
import { type Instant, parseInstant, type RolloutLine, readRolloutLine } from "@threadstore/core";
import type { LineBytes } from "./line-reader.js";

/** Whether a line holds nothing but white space; such lines are no records and no damage. */
export function isBlank({ buffer, start, end }: LineBytes): boolean {
  for (let at = start; at < end; at++) {
    const byte = buffer[at] as number;
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  }
  return true;
}

const BYTE_ORDER_MARK = "\uFEFF";

/** The record of a line; null when it is not one, because of garbage, a tear, or bytes that are not UTF-8. */
export function readLine(line: LineBytes): RolloutLine | null {
  const { buffer, start, end } = line;
  const bytes = buffer.subarray(start, end);
  if (!isUtf8(bytes)) return null;
  const text = bytes.toString("utf8");
  return readRolloutLine(line.offset === 0 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
}

/** When a record was written, or else when the one before it was. */
export function timestampOf(line: RolloutLine, before: Instant): Instant {
  return (line.timestamp === undefined ? null : parseInstant(line.timestamp)) ?? before;
}
