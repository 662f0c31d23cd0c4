import { isUtf8 } from "node:buffer";
import { asJsonObject, type JsonObject, readRolloutRecord } from "@threadstore/core";
import { compileWanted, scanObject } from "../../rollout/json-scan.js";
import { isBlank, readRecord } from "../../rollout/line-item.js";
import type { LineBytes } from "../../rollout/line-reader.js";
import { withoutZeros } from "../without-zeros.js";

/** What stands on a line of a rollout. */
export type LineClass =
  | { readonly type: "blank" }
  | { readonly type: "record"; readonly record: ExaminedRecord }
  | RejectedLine;

/** What examining and mending need to know of a record. */
export interface ExaminedRecord {
  readonly timestamp: string | undefined;
  readonly ordinal: number | undefined;
  /** The members of a session_meta; null for other records. */
  readonly meta: JsonObject | null;
}

/** A line that readers pass over, and why. */
export interface RejectedLine {
  readonly type: "rejected";
  /** `nul`: zeros that a power cut left; `glued`: a record stands behind a fragment. */
  readonly why: "nul" | "glued" | "invalid_utf8" | "garbage";
  /** A record that stands on the line all the same: zeros or a fragment hide it. */
  readonly rescued?: RescuedRecord;
}

interface RescuedRecord {
  /** As short-lived as the line. */
  readonly text: Buffer;
  readonly record: ExaminedRecord;
  /** Bytes of the line before the record. */
  readonly fragmentBytes: number;
}

/** How every record begins that Codex or threadstore wrote; inside a text its quotes would be escaped. */
const RECORD_START = Buffer.from('{"timestamp":"');

export function classifyLine(line: LineBytes): LineClass {
  if (isBlank(line)) return { type: "blank" };
  const bytes = line.buffer.subarray(line.start, line.end);
  // No JSON holds them, so such a line need not be parsed.
  const hasZeros = bytes.includes(0);
  const record = hasZeros ? null : examineRecord(line);
  if (record) return { type: "record", record };
  const rescued = rescueBehind(line) ?? (hasZeros ? rescueWithoutZeros(line) : undefined);
  if (hasZeros) return { type: "rejected", why: "nul", ...(rescued ? { rescued } : {}) };
  if (rescued) return { type: "rejected", why: "glued", rescued };
  return { type: "rejected", why: isUtf8(bytes) ? "garbage" : "invalid_utf8" };
}

const ENVELOPE = compileWanted({ timestamp: "value", ordinal: "value", type: "repeated" });

/** Null exactly where readers find no record. Lines may be long: only a session_meta and what a scan cannot tell is parsed. */
function examineRecord(line: LineBytes): ExaminedRecord | null {
  const members = scanObject(line, ENVELOPE);
  const isEnough = members !== null && members.type !== "session_meta";
  const record = isEnough ? readRolloutRecord(JSON.stringify(members)) : readRecord(line);
  if (!record) return null;
  const { timestamp, ordinal, item } = record;
  return { timestamp, ordinal, meta: item.type === "session_meta" ? (asJsonObject(item.payload) ?? {}) : null };
}

/** A whole record at the end of a line that begins with something else. */
function rescueBehind({ buffer, start, end, offset, isClosed }: LineBytes): RescuedRecord | undefined {
  const at = buffer.subarray(start, end).lastIndexOf(RECORD_START);
  if (at <= 0) return undefined;
  const record = examineRecord({ buffer, start: start + at, end, offset: offset + at, isClosed });
  return record ? { text: buffer.subarray(start + at, end), record, fragmentBytes: at } : undefined;
}

function rescueWithoutZeros(line: LineBytes): RescuedRecord | undefined {
  const text = withoutZeros(line.buffer.subarray(line.start, line.end));
  const record = examineRecord({ ...line, buffer: text, start: 0, end: text.length });
  return record ? { text, record, fragmentBytes: 0 } : undefined;
}
