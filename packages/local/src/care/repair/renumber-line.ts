import { type RolloutLine, readRolloutLine } from "@threadstore/core";
import type { ExaminedRecord } from "../examination/classify-line.js";
import { formatLine } from "./mended-meta.js";

/** How a line begins that has an ordinal, as Codex and threadstore write it. */
const ENVELOPE = /^\{"timestamp":"([^"\\]*)","ordinal":(\d+),/;
const ENVELOPE_MAX_BYTES = 128;
const NEWLINE = Buffer.from("\n");

export interface NewEnvelope {
  readonly timestamp: string;
  readonly ordinal: number | undefined;
}

/** The bytes of a record with another ordinal, as the parts of a closed line. Only an odd line is parsed: lines may be long. */
export function renumberLine(bytes: Buffer, record: ExaminedRecord, envelope: NewEnvelope): Buffer[] {
  const [head, timestamp, ordinal] = ENVELOPE.exec(bytes.toString("latin1", 0, ENVELOPE_MAX_BYTES)) ?? [];
  // What a line tells again further on is what counts.
  if (head !== undefined && timestamp === record.timestamp && Number(ordinal) === record.ordinal) {
    const begin = Buffer.from(`{"timestamp":"${timestamp}","ordinal":${envelope.ordinal},`);
    return [begin, bytes.subarray(head.length), NEWLINE];
  }
  const { json } = readRolloutLine(bytes.toString("utf8")) as RolloutLine;
  return [formatLine({ ...envelope, json })];
}
