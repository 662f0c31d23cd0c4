import type { OpenFile } from "../file-system/file-system.js";
import type { LineagePart } from "../index/lineage.js";
import { fingerprintOf } from "../rollout/fingerprint.js";
import { isBlank, readRecord } from "../rollout/line-item.js";
import { peekOrdinal } from "../rollout/line-peek.js";
import { type LineBytes, readLines } from "../rollout/line-reader.js";
import { OrdinalCounter } from "../rollout/read-items.js";
import type { HistoryFiles } from "./history-files.js";
import {
  type FoldedPart,
  type FoldedThread,
  identityOf,
  isSamePart,
  isUpToDate,
  type StoredFold,
} from "./stored-fold.js";

/** A stored fold, and what its files are now. */
export interface CheckedFold extends StoredFold {
  /** Which part is to be read next; null when all are read. */
  readonly next: number | null;
  /** Whether it is stored as it is: files may have changed in ways that do not matter. */
  readonly isSaved: boolean;
}

/** Compares a fold with the files it was made from; undefined when it does not count any more. */
export function checkParts(
  files: HistoryFiles,
  stored: StoredFold,
  { lineage }: FoldedThread,
): CheckedFold | undefined {
  const known = stored.progress.parts;
  if (known.length > lineage.parts.length) return undefined;
  const parts: FoldedPart[] = [];
  let next = known.length < lineage.parts.length ? known.length : null;
  for (const [at, folded] of known.entries()) {
    const part = lineage.parts[at] as LineagePart;
    if (!isSamePart(folded, part)) return undefined;
    const isLast = at === known.length - 1;
    const checked = isUpToDate(folded, part) ? folded : checkChanged(files, at, { folded, part, isLast });
    if (checked === undefined) return undefined;
    if (checked === "grew") next = at;
    parts.push(checked === "grew" ? folded : checked);
  }
  const isSaved = parts.every((part, at) => part === known[at]);
  return { ...stored, progress: { ...stored.progress, parts }, next, isSaved };
}

interface ChangedPart {
  readonly folded: FoldedPart;
  readonly part: LineagePart;
  readonly isLast: boolean;
}

/** A part whose file is not the one that was read: as it is now, `grew` when it is to be read on, undefined when it is void. */
function checkChanged(files: HistoryFiles, at: number, changed: ChangedPart): FoldedPart | "grew" | undefined {
  const { folded, part, isLast } = changed;
  const file = files.part(at);
  if (!beginsAsRead(file, folded)) return undefined;
  if (isLast) return "grew";
  const grown = readOn(file, folded, part);
  // What a base got before the cut of its heir stands before what was folded already.
  if (grown === null) return undefined;
  return { ...folded, ...grown, identity: identityOf(part.rollout), fingerprint: fingerprintOf(file, grown.readTo) };
}

/** Passes over what a part got since it was read, all of which comes after its cut; null when something does not. */
function readOn(
  file: OpenFile,
  { readTo, isClosed, nextOrdinal }: FoldedPart,
  { rollout, endOrdinalExclusive }: LineagePart,
): Pick<FoldedPart, "readTo" | "isClosed" | "nextOrdinal"> | null {
  const { size } = file.status();
  const cut = endOrdinalExclusive ?? Number.POSITIVE_INFINITY;
  const counter = new OrdinalCounter(rollout.scan.historyMode, nextOrdinal);
  let isBeforeCut = false;
  const start = isClosed || readTo === size ? readTo : readTo + 1;
  const end = readLines(file, { start, end: size }, (line) => {
    if (isBlank(line)) return true;
    if (!line.isClosed) return false;
    isBeforeCut = ordinalOf(line, counter) < cut;
    return !isBeforeCut;
  });
  return isBeforeCut ? null : { readTo: end, isClosed: isClosed || end > readTo, nextOrdinal: counter.next };
}

/** Infinite for lines that are no records. */
function ordinalOf(line: LineBytes, counter: OrdinalCounter): number {
  const peeked = peekOrdinal(line);
  const record = peeked === null ? readRecord(line) : { ordinal: peeked };
  if (record) return counter.ordinalOf(record.ordinal);
  counter.reject();
  return Number.POSITIVE_INFINITY;
}

function beginsAsRead(file: OpenFile, { readTo, isClosed, fingerprint }: FoldedPart): boolean {
  const { size } = file.status();
  if (size < readTo || fingerprintOf(file, readTo) !== fingerprint) return false;
  if (isClosed || size === readTo) return true;
  // The last line had no newline: it is still the line that was read when that is what follows.
  const next = Buffer.alloc(1);
  return file.read(next, readTo) === 1 && next[0] === NEWLINE;
}

const NEWLINE = 10;
