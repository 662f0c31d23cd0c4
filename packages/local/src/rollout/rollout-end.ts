import type { HistoryMode } from "@threadstore/core";
import type { OpenFile } from "../file-system/file-system.js";
import { isBlank, readRecord } from "./line-item.js";
import { readLines, readLinesBackward } from "./line-reader.js";
import { OrdinalCounter } from "./read-items.js";

/** Where a rollout ends, for whoever appends to it. */
export interface RolloutEnd {
  readonly size: number;
  /** The ordinal of the next record. */
  readonly nextOrdinal: number;
  /** Whether the last line lacks its newline, or is one of zeros that a power cut left: it is closed off first. */
  readonly isTorn: boolean;
}

/** Finds the end of a rollout: of a paginated one from its last record, of a legacy one by counting its lines. */
export function findRolloutEnd(file: OpenFile, historyMode: HistoryMode): RolloutEnd {
  const { size } = file.status();
  const last = Buffer.alloc(1);
  const isTorn = size > 0 && file.read(last, size - 1) === 1 && last[0] !== NEWLINE;
  const recorded = historyMode === "paginated" ? lastRecordedOrdinal(file, size) : undefined;
  return { size, nextOrdinal: recorded === undefined ? countOrdinals(file, historyMode) : recorded + 1, isTorn };
}

const NEWLINE = 10;

/** The ordinal of the last readable record; undefined when that one has none. */
function lastRecordedOrdinal(file: OpenFile, size: number): number | undefined {
  let ordinal: number | undefined;
  readLinesBackward(file, { start: 0, end: size }, (line) => {
    const record = isBlank(line) ? null : readRecord(line);
    if (!record) return true;
    ordinal = record.ordinal;
    return false;
  });
  return ordinal;
}

function countOrdinals(file: OpenFile, historyMode: HistoryMode): number {
  const counter = new OrdinalCounter(historyMode);
  readLines(file, { start: 0, end: file.status().size }, (line) => {
    if (isBlank(line)) return true;
    // Only the ordinals that paginated records carry have to be read.
    const record = historyMode === "paginated" ? readRecord(line) : null;
    if (record) counter.ordinalOf(record.ordinal);
    else counter.reject();
    return true;
  });
  return counter.next;
}
