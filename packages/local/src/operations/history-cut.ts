import { invalidRequest, unavailable } from "@threadstore/core/driver";
import type { OpenFile } from "../file-system/file-system.js";
import type { Lineage, LineagePart } from "../index/lineage.js";
import type { RolloutRow } from "../index/rollout-row.js";
import type { LocalHome } from "../local-home.js";
import { isBlank, readRecord } from "../rollout/line-item.js";
import { readLines, readLinesBackward } from "../rollout/line-reader.js";
import { openRollout } from "../rollout/open-rollout.js";
import { OrdinalCounter } from "../rollout/read-items.js";
import { findRolloutEnd } from "../rollout/rollout-end.js";

/** Where a fork or a reverted thread leaves a history: in the rollout that holds the last item before it. */
export interface HistoryCut {
  readonly rollout: RolloutRow;
  readonly endOrdinalExclusive: number;
  /** Bytes of that rollout before the cut. */
  readonly endByteOffset: number;
}

/** The ordinal after the last record of a rollout. */
export function endOfRollout(home: LocalHome, rollout: RolloutRow): number {
  return withRollout(home, rollout, (file) => findRolloutEnd(file, rollout.scan.historyMode).nextOrdinal);
}

/** Finds where an ordinal cuts a paginated history. @throws `invalid_request` the history has no such ordinal. */
export function cutHistory(home: LocalHome, { parts }: Lineage, endOrdinalExclusive: number): HistoryCut {
  for (const part of [...parts].reverse()) {
    const cut = cutPart(home, part, endOrdinalExclusive);
    if (cut) return cut;
  }
  throw invalidRequest(`there is no item before ordinal ${endOrdinalExclusive}`);
}

/** The cut in one rollout; null when all of its items come after it. */
function cutPart(home: LocalHome, { rollout }: LineagePart, endOrdinalExclusive: number): HistoryCut | null {
  return withRollout(home, rollout, (file) => {
    const endByteOffset = offsetAfter(file, endOrdinalExclusive);
    return endByteOffset === 0 ? null : { rollout, endOrdinalExclusive, endByteOffset };
  });
}

/** The offset after the last record that comes before an ordinal; 0 when there is none. */
function offsetAfter(file: OpenFile, endOrdinalExclusive: number): number {
  const { size } = file.status();
  let offset = 0;
  let isRecorded = true;
  readLinesBackward(file, { start: 0, end: size }, (line) => {
    const record = isBlank(line) ? null : readRecord(line);
    if (!record) return true;
    isRecorded = record.ordinal !== undefined;
    if (isRecorded && (record.ordinal as number) >= endOrdinalExclusive) return true;
    // A last line that is not closed is closed off before anything is written after it.
    offset = line.offset + (line.end - line.start) + 1;
    return false;
  });
  return isRecorded ? offset : countedOffsetAfter(file, endOrdinalExclusive);
}

/** The same where a foreign writer left ordinals out: they are counted from the beginning. */
function countedOffsetAfter(file: OpenFile, endOrdinalExclusive: number): number {
  const counter = new OrdinalCounter("paginated");
  let offset = 0;
  readLines(file, { start: 0, end: file.status().size }, (line) => {
    const record = isBlank(line) ? null : readRecord(line);
    if (!record) return true;
    if (counter.ordinalOf(record.ordinal) >= endOrdinalExclusive) return false;
    offset = line.offset + (line.end - line.start) + 1;
    return true;
  });
  return offset;
}

function withRollout<T>({ files, home }: LocalHome, rollout: RolloutRow, work: (file: OpenFile) => T): T {
  const file = openRollout(files, `${home}/${rollout.path}`);
  if (!file) throw unavailable(`the rollout ${rollout.path} was moved or removed while it was read`);
  try {
    return work(file);
  } finally {
    file.close();
  }
}
