import type { HistoryMode, Instant, RolloutRecord } from "@threadstore/core";
import { parseInstant } from "@threadstore/core";
import { foldIntoTurns, TURN_EVENTS, TURN_KINDS, type TurnFoldState } from "@threadstore/core/driver";
import { isBlank, NO_TIME, readRecord } from "../rollout/line-item.js";
import { type PeekNames, peekLine, peekNames } from "../rollout/line-peek.js";
import type { LineBytes } from "../rollout/line-reader.js";
import { OrdinalCounter } from "../rollout/read-items.js";
import type { IndexedTurnBook } from "./indexed-turn-book.js";

/** That a line lacks its ordinal or its time: to know them, the lines before it must all be parsed. */
export class LinesAreIncomplete extends Error {}

const NAMES: Readonly<Record<HistoryMode, PeekNames>> = {
  paginated: peekNames(TURN_KINDS.paginated, TURN_EVENTS.paginated),
  legacy: peekNames(TURN_KINDS.legacy, TURN_EVENTS.legacy),
};

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
    const isPassedOver = !isThorough && line.isClosed && peekLine(line, NAMES[historyMode]) === "other";
    if (isPassedOver) {
      this.#counter.reject();
      return true;
    }
    const record = readRecord(line);
    if (record) return this.#takeRecord(line, record);
    if (line.isClosed) this.#counter.reject();
    return line.isClosed;
  }

  #takeRecord(line: LineBytes, record: RolloutRecord): boolean {
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
