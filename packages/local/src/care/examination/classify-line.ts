import { isUtf8 } from "node:buffer";
import type { RolloutRecord } from "@threadstore/core";
import { isBlank, readRecord } from "../../rollout/line-item.js";
import type { LineBytes } from "../../rollout/line-reader.js";

/** What stands on a line of a rollout. */
export type LineClass =
  | { readonly type: "blank" }
  | { readonly type: "record"; readonly record: RolloutRecord }
  | RejectedLine;

/** A line that readers pass over, and why. */
export interface RejectedLine {
  readonly type: "rejected";
  /** `nul`: zeros that a power cut left; `glued`: a record stands behind a fragment. */
  readonly why: "nul" | "glued" | "invalid_utf8" | "garbage";
  /** A record that stands on the line all the same: zeros or a fragment hide it. A copy. */
  readonly rescued?: RescuedRecord;
}

interface RescuedRecord {
  readonly text: Buffer;
  readonly record: RolloutRecord;
  /** Bytes of the line before the record. */
  readonly fragmentBytes: number;
}

/** How every record begins that Codex or threadstore wrote; inside a text its quotes would be escaped. */
const RECORD_START = Buffer.from('{"timestamp":"');

export function classifyLine(line: LineBytes): LineClass {
  if (isBlank(line)) return { type: "blank" };
  const record = readRecord(line);
  if (record) return { type: "record", record };
  const bytes = line.buffer.subarray(line.start, line.end);
  const hasZeros = bytes.includes(0);
  const rescued = rescueBehind(line) ?? (hasZeros ? rescueWithoutZeros(line) : undefined);
  if (hasZeros) return { type: "rejected", why: "nul", ...(rescued ? { rescued } : {}) };
  if (rescued) return { type: "rejected", why: "glued", rescued };
  return { type: "rejected", why: isUtf8(bytes) ? "garbage" : "invalid_utf8" };
}

/** A whole record at the end of a line that begins with something else. */
function rescueBehind({ buffer, start, end, offset, isClosed }: LineBytes): RescuedRecord | undefined {
  const at = buffer.subarray(start, end).lastIndexOf(RECORD_START);
  if (at <= 0) return undefined;
  const record = readRecord({ buffer, start: start + at, end, offset: offset + at, isClosed });
  return record ? { text: Buffer.from(buffer.subarray(start + at, end)), record, fragmentBytes: at } : undefined;
}

function rescueWithoutZeros(line: LineBytes): RescuedRecord | undefined {
  const text = Buffer.from(line.buffer.subarray(line.start, line.end).filter((byte) => byte !== 0));
  const record = readRecord({ ...line, buffer: text, start: 0, end: text.length });
  return record ? { text, record, fragmentBytes: 0 } : undefined;
}
