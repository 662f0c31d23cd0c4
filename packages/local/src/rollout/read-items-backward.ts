import {
  type HistoryMode,
  type Instant,
  instantFromMs,
  parseInstant,
  type StoredItem,
  storedItem,
} from "@threadstore/core";
import type { OpenFile } from "../file-system/file-system.js";
import { isBlank, readLine, timestampOf } from "./line-item.js";
import { type LineBytes, readLines, readLinesBackward } from "./line-reader.js";
import { type ItemBatch, type ItemRange, OrdinalCounter } from "./read-items.js";

type BackwardRange = ItemRange & { readonly batchBytes: number };

/** Reads the items of a rollout from its end, a batch at a time, newest first. */
export function* readItemsBackward(
  file: OpenFile,
  historyMode: HistoryMode,
  range: BackwardRange,
): Generator<ItemBatch> {
  const { size } = file.status();
  // Legacy ordinals count what came before: such a rollout is read forward once to find its lines.
  const countedTo = historyMode === "legacy" ? size : yield* readRecorded(file, range);
  if (countedTo > 0) yield* readCounted(file, historyMode, { ...range, countedTo });
}

/**
 * Goes back through records that carry their ordinal and time, and so need nothing of what stands before them. Returns
 * the offset up to which records are left: 0, or after the first one that lacks either.
 */
function* readRecorded(file: OpenFile, range: BackwardRange): Generator<ItemBatch, number> {
  let end = file.status().size;
  while (end > 0) {
    const items: StoredItem[] = [];
    let rejected = 0;
    let bytes = 0;
    let left = 0;
    readLinesBackward(file, { start: 0, end }, (line) => {
      if (bytes >= range.batchBytes) {
        left = afterLine(line);
        return false;
      }
      const record = isBlank(line) ? undefined : readLine(line);
      if (record === undefined) return true;
      if (record === null) {
        rejected++;
        return true;
      }
      const timestamp = parseInstant(record.timestamp ?? "");
      if (record.ordinal === undefined || timestamp === null) {
        left = -afterLine(line);
        return false;
      }
      if (record.ordinal < range.from || record.ordinal >= range.end) return true;
      items.push(storedItem({ ordinal: record.ordinal, timestamp, json: record.json, item: record.item }));
      bytes += line.end - line.start;
      return true;
    });
    if (items.length > 0 || rejected > 0) yield { items, rejected };
    if (left < 0) return -left;
    end = left;
  }
  return 0;
}

function afterLine(line: LineBytes): number {
  return line.offset + (line.end - line.start) + (line.isClosed ? 1 : 0);
}

/** Where a record lies, found by reading forward. */
interface Place {
  readonly offset: number;
  readonly length: number;
  readonly ordinal: number;
  readonly timestamp: Instant;
}

function* readCounted(
  file: OpenFile,
  historyMode: HistoryMode,
  { from, end, batchBytes, countedTo }: BackwardRange & { readonly countedTo: number },
): Generator<ItemBatch> {
  const { places, rejected } = findPlaces(file, historyMode, countedTo);
  let items: StoredItem[] = [];
  let bytes = 0;
  for (const place of places.reverse()) {
    if (place.ordinal < from || place.ordinal >= end) continue;
    const buffer = Buffer.allocUnsafe(place.length);
    file.read(buffer, place.offset);
    const record = readLine({ buffer, start: 0, end: place.length, offset: place.offset, isClosed: true });
    if (!record) continue;
    const { ordinal, timestamp } = place;
    items.push(storedItem({ ordinal, timestamp, json: record.json, item: record.item }));
    bytes += place.length;
    if (bytes < batchBytes) continue;
    yield { items, rejected: 0 };
    items = [];
    bytes = 0;
  }
  if (items.length > 0 || rejected > 0) yield { items, rejected };
}

function findPlaces(file: OpenFile, historyMode: HistoryMode, end: number): { places: Place[]; rejected: number } {
  const counter = new OrdinalCounter(historyMode);
  const places: Place[] = [];
  let rejected = 0;
  let timestamp = instantFromMs(file.status().mtimeMs);
  readLines(file, { start: 0, end }, (line) => {
    if (isBlank(line)) return true;
    const record = readLine(line);
    if (!record) {
      rejected++;
      counter.reject();
      return true;
    }
    timestamp = timestampOf(record, timestamp);
    const ordinal = counter.ordinalOf(record.ordinal);
    places.push({ offset: line.offset, length: line.end - line.start, ordinal, timestamp });
    return true;
  });
  return { places, rejected };
}
