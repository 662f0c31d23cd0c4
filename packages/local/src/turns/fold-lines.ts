import { type HistoryMode, type Instant, parseInstant } from "@threadstore/core";
import { foldIntoTurns, type TurnFoldState } from "@threadstore/core/driver";
import { isBlank, NO_TIME } from "../rollout/line-item.js";
import { peekLine } from "../rollout/line-peek.js";
import type { LineBytes } from "../rollout/line-reader.js";
import { OrdinalCounter } from "../rollout/read-items.js";
import type { IndexedTurnBook } from "./indexed-turn-book.js";
import { readTurnRecord, TURN_NAMES, type TurnRecord } from "./turn-record.js";

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
  /** Whether a record was met that comes after the cut. */
  isCut = false;

  constructor(options: LineFoldOptions) {
    this.#options = options;
    this.#counter = new OrdinalCounter(options.historyMode, options.nextOrdinal);
    this.lastTimestamp = options.lastTimestamp;
  }

  get nextOrdinal(): number {
    return this.#counter.next;
  }

  /**
   * Takes a line; false when it is not to be taken: it comes after the cut, or is the last one and may not be finished.
   * @throws LinesAreIncomplete what lines say of themselves does not suffice.
   */
  take(line: LineBytes): boolean {
    if (isBlank(line)) return true;
    const { historyMode, isThorough } = this.#options;
    const kind = peekLine(line, TURN_NAMES[historyMode]);
    if (kind === "other" && !isThorough && line.isClosed) {
      this.#counter.reject();
      return true;
    }
    const record = readTurnRecord(line, kind);
    if (record) return this.#takeRecord(line, record);
    if (line.isClosed) this.#counter.reject();
    return line.isClosed;
  }

  #takeRecord(line: LineBytes, record: TurnRecord): boolean {
    const { historyMode, isThorough, endOrdinalExclusive, turns, book, part } = this.#options;
    const ownTimestamp = parseInstant(record.timestamp ?? "");
    const isIncomplete = ownTimestamp === null || (historyMode === "paginated" && record.ordinal === undefined);
    if (isIncomplete && !isThorough) throw new LinesAreIncomplete();
    const ordinal = this.#counter.ordinalOf(record.ordinal);
    this.isCut = ordinal >= (endOrdinalExclusive ?? Number.POSITIVE_INFINITY);
    if (this.isCut) return false;
    const timestamp = ownTimestamp ?? this.lastTimestamp ?? NO_TIME;
    this.lastTimestamp = timestamp;
    const place = { part, offset: line.offset, length: line.end - line.start };
    book.line = ownTimestamp === null ? { ...place, timestamp } : place;
    foldIntoTurns(turns, book, { item: record.item, ordinal, timestamp });
    return true;
  }
}
