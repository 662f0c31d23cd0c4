import { instantFromMs } from "@threadstore/core";
import type { TurnHeader } from "@threadstore/core/driver";
import type { OpenFile } from "../file-system/file-system.js";
import type { IndexDatabase } from "../index/index-database.js";
import type { LineagePart } from "../index/lineage.js";
import { fingerprintOf } from "../rollout/fingerprint.js";
import { readLines } from "../rollout/line-reader.js";
import { LineFold } from "./fold-lines.js";
import type { HistoryFiles } from "./history-files.js";
import { IndexedTurnBook } from "./indexed-turn-book.js";
import type { ItemRef } from "./item-ref.js";
import { readTurnItem } from "./read-turn-item.js";
import { type FoldedPart, type FoldedThread, identityOf, partName, type StoredFold, saveFold } from "./stored-fold.js";

/** Bytes that are folded in one step: between two turns of the event loop, and saved in one transaction. */
const STEP_BYTES = 8 * 1024 * 1024;

export interface PartFold {
  readonly index: IndexDatabase;
  readonly files: HistoryFiles;
  readonly stored: StoredFold;
  readonly thread: FoldedThread;
  /** Which part of the history is read on. */
  readonly part: number;
}

/** What was folded and is not saved yet. */
export interface PendingFold {
  /** Runs in a transaction. */
  readonly save: () => void;
  /** Whether nothing is left to be folded. */
  readonly isLast: boolean;
}

/** Reads the next lines of one part of a history. What they tell is saved together with how far that is. */
export function foldPart({ index, files, stored, thread, part }: PartFold): PendingFold {
  const { progress, isNew } = stored;
  const found = thread.lineage.parts[part] as LineagePart;
  const before = progress.parts[part];
  const file = files.part(part);
  const { size, mtimeMs } = file.status();
  const { turns, book: state, isThorough } = progress;
  const book = new IndexedTurnBook({ index, fold: isNew ? null : stored.fold, state, idOf: idReader(files, thread) });
  const lines = new LineFold({
    turns,
    book,
    part,
    historyMode: found.rollout.scan.historyMode,
    endOrdinalExclusive: found.endOrdinalExclusive,
    isThorough,
    nextOrdinal: before?.nextOrdinal ?? 0,
    lastTimestamp: (before && progress.lastTimestamp) ?? instantFromMs(mtimeMs),
  });
  const read = readStep(file, lines, { before, size });
  const folded: FoldedPart = {
    name: partName(found.rollout),
    endOrdinalExclusive: found.endOrdinalExclusive,
    identity: identityOf(found.rollout),
    ...read,
    fingerprint: fingerprintOf(file, read.readTo),
    nextOrdinal: lines.nextOrdinal,
  };
  const parts = [...progress.parts.slice(0, part), folded];
  const next = { ...progress, parts, lastTimestamp: lines.lastTimestamp };
  return {
    save: () => saveFold(index, stored, { progress: next, saveTurns: (fold) => book.save(fold) }),
    isLast: read.isRead && part === thread.lineage.parts.length - 1,
  };
}

type StepRead = Pick<FoldedPart, "readTo" | "isClosed" | "isRead">;

function readStep(
  file: OpenFile,
  lines: LineFold,
  { before, size }: { readonly before: FoldedPart | undefined; readonly size: number },
): StepRead {
  let isClosed = before?.isClosed ?? true;
  const readTo = before?.readTo ?? 0;
  const start = isClosed || readTo === size ? readTo : readTo + 1;
  let isOver = false;
  const end = readLines(file, { start, end: size }, (line) => {
    if (line.offset - start >= STEP_BYTES) return false;
    isOver = !lines.take(line);
    if (!isOver) isClosed = line.isClosed;
    return !isOver;
  });
  return { readTo: end, isClosed, isRead: isOver || end >= size };
}

/** Reads the id of an item of which the index keeps only a hash. */
function idReader(files: HistoryFiles, { threadId, historyMode }: FoldedThread) {
  return (turn: TurnHeader, item: ItemRef) =>
    readTurnItem(files, { threadId, historyMode, turn }, item)?.itemId ?? null;
}
