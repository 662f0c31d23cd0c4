import type { HistoryMode, Instant, StoredItem } from "@threadstore/core";
import { instantFromMs, parseInstant, storedItem } from "@threadstore/core";
import type { OpenFile } from "../file-system/file-system.js";
import { isBlank, readLine, timestampOf } from "./line-item.js";
import { peekOrdinal, peekTimestamp } from "./line-peek.js";
import { type LineBytes, readLines } from "./line-reader.js";

/** Some items of a rollout, and the offset to go on from. */
export interface ItemBatch {
  readonly items: readonly StoredItem[];
  readonly rejected: number;
}

/** Which items of a rollout are read: ordinals from `from` up to but not including `end`. */
export interface ItemRange {
  readonly from: number;
  readonly end: number;
}

/**
 * Gives the ordinals of a rollout's records: the recorded one in a paginated rollout, and one after the record before
 * where it is missing; the position among the lines in a legacy one, blank ones left out.
 */
export class OrdinalCounter {
  readonly #isPaginated: boolean;
  #next: number;

  constructor(historyMode: HistoryMode, next = 0) {
    this.#isPaginated = historyMode === "paginated";
    this.#next = next;
  }

  ordinalOf(recorded: number | undefined): number {
    const ordinal = this.#isPaginated && recorded !== undefined ? recorded : this.#next;
    this.#next = ordinal + 1;
    return ordinal;
  }

  /** Counts a record by its first bytes; false when they do not tell that it comes before an ordinal. */
  passOver(line: LineBytes, before: number): boolean {
    const ordinal = this.#isPaginated ? peekOrdinal(line) : this.#next;
    if (ordinal === null || ordinal >= before) return false;
    this.#next = ordinal + 1;
    return true;
  }

  /** A line that cannot be read keeps its place in a legacy rollout: to count lines, none needs to be parsed. */
  reject(): void {
    if (!this.#isPaginated) this.#next++;
  }

  get next(): number {
    return this.#next;
  }
}

const CLOSING_BRACE = 0x7d;

/** Counts a record that comes before what is asked for, by its beginning alone. Its time; null when it must be read. */
function passOver(line: LineBytes, counter: OrdinalCounter, from: number): string | null {
  if (line.buffer[line.end - 1] !== CLOSING_BRACE) return null;
  const timestamp = peekTimestamp(line);
  return timestamp !== null && counter.passOver(line, from) ? timestamp : null;
}

/** Reads the items of a rollout in order, a batch at a time. Each batch is read when it is asked for. */
export function* readItems(
  file: OpenFile,
  historyMode: HistoryMode,
  { from, end, batchBytes }: ItemRange & { readonly batchBytes: number },
): Generator<ItemBatch> {
  const { size, mtimeMs } = file.status();
  const counter = new OrdinalCounter(historyMode);
  let before: Instant = instantFromMs(mtimeMs);
  let offset = 0;
  while (offset < size) {
    const items: StoredItem[] = [];
    let rejected = 0;
    let bytes = 0;
    offset = readLines(file, { start: offset, end: size }, (line) => {
      if (bytes >= batchBytes) return false;
      if (isBlank(line)) return true;
      const passed = counter.next < from ? passOver(line, counter, from) : null;
      if (passed !== null) {
        before = parseInstant(passed) ?? before;
        return true;
      }
      const record = readLine(line);
      if (!record) {
        rejected++;
        counter.reject();
        return true;
      }
      before = timestampOf(record, before);
      const ordinal = counter.ordinalOf(record.ordinal);
      if (ordinal < from || ordinal >= end) return true;
      items.push(storedItem({ ordinal, timestamp: before, json: record.json, item: record.item }));
      bytes += line.end - line.start;
      return true;
    });
    if (items.length > 0 || rejected > 0) yield { items, rejected };
  }
}
