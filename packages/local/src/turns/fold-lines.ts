import type { HistoryMode, Instant } from "@threadstore/core";
import { foldIntoTurns, type TurnFoldState } from "@threadstore/core/driver";
import { isBlank, NO_TIME } from "../rollout/line-item.js";
import { peekOrdinal } from "../rollout/line-peek.js";
import type { LineBytes } from "../rollout/line-reader.js";
import { OrdinalCounter } from "../rollout/read-items.js";
import type { IndexedTurnBook } from "./indexed-turn-book.js";
import { parseRecord, readTurnRecord, type TurnRecord } from "./turn-record.js";

/** That a line lacks its ordinal or its time: to know them, the lines before it must all be parsed. */
export class LinesAreIncomplete extends Error {}

export interface LineFoldOptions {
  /** That of the thread. */
  readonly turns: TurnFoldState;
  readonly book: IndexedTurnBook;
  readonly part: number;
  /** That of the rollout. */
  readonly historyMode: HistoryMode;
  readonly endOrdinalExclusive: number | null;
  readonly isThorough: boolean;
  readonly nextOrdinal: number;
  readonly lastTimestamp: Instant | null;
}

/** Folds the lines of a rollout into turns, parsing those that matter only. */
export class LineFold {
  readonly #options: LineFoldOptions;
  readonly #counter: OrdinalCounter;
  lastTimestamp: Instant | null;

  constructor(options: LineFoldOptions) {
    this.#options = options;
    this.#counter = new OrdinalCounter(options.historyMode, options.nextOrdinal);
    this.lastTimestamp = options.lastTimestamp;
  }

  get nextOrdinal(): number {
    return this.#counter.next;
  }

  /**
   * Takes a line; false when it is the last one and may not be finished.
   * @throws LinesAreIncomplete what lines say of themselves does not suffice.
   */
  take(line: LineBytes): boolean {
    if (isBlank(line) || this.#passCutOff(line)) return true;
    const { turns, isThorough } = this.#options;
    const record = isThorough || !line.isClosed ? parseRecord(line) : readTurnRecord(line, turns.historyMode);
    if (record !== null && record !== "beside") return this.#takeRecord(line, record);
    if (line.isClosed) this.#counter.reject();
    return line.isClosed;
  }

  /** Passes over a line that comes after the cut; false when that takes a closer look. */
  #passCutOff(line: LineBytes): boolean {
    const { historyMode, isThorough, endOrdinalExclusive } = this.#options;
    if (endOrdinalExclusive === null || isThorough || !line.isClosed) return false;
    const ordinal = historyMode === "legacy" ? this.#counter.next : peekOrdinal(line);
    if (ordinal === null || ordinal < endOrdinalExclusive) return false;
    this.#counter.ordinalOf(ordinal);
    return true;
  }

  #takeRecord(line: LineBytes, record: TurnRecord): true {
    const { historyMode, isThorough, endOrdinalExclusive, turns, book, part } = this.#options;
    const ownTimestamp = record.timestamp;
    const isIncomplete = ownTimestamp === null || (historyMode === "paginated" && record.ordinal === undefined);
    if (isIncomplete && !isThorough) throw new LinesAreIncomplete();
    const ordinal = this.#counter.ordinalOf(record.ordinal);
    const timestamp = ownTimestamp ?? this.lastTimestamp ?? NO_TIME;
    this.lastTimestamp = timestamp;
    if (ordinal >= (endOrdinalExclusive ?? Number.POSITIVE_INFINITY)) return true;
    const place = { part, offset: line.offset, length: line.end - line.start };
    book.line = ownTimestamp === null ? { ...place, timestamp } : place;
    foldIntoTurns(turns, book, { item: record.item, ordinal, timestamp });
    return true;
  }
}
