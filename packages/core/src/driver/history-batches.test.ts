import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type StoredItem, storedItem } from "../protocol/rollout-item.js";
import type { HistoryBatch } from "../store/records.js";
import { historyBatches } from "./history-batches.js";

fc.configureGlobal({ seed: 20_261_120, numRuns: 300 });

const ITEMS = [0, 1, 2, 3, 4].map((ordinal) => anItem(ordinal));
const ITEM_BYTES = byteLength(ITEMS[0] as StoredItem);

describe("historyBatches", () => {
  it("a batch ends when it has the bytes asked for", () => {
    const ordinals = (batchBytes: number) => ordinalsOf(batches(ITEMS, { batchBytes }));
    expect(ordinals(1)).toStrictEqual([[0], [1], [2], [3], [4]]);
    expect(ordinals(ITEM_BYTES)).toStrictEqual([[0], [1], [2], [3], [4]]);
    expect(ordinals(ITEM_BYTES + 1)).toStrictEqual([[0, 1], [2, 3], [4]]);
    expect(ordinals(1_000_000)).toStrictEqual([[0, 1, 2, 3, 4]]);
  });

  it("bytes are those of UTF-8", () => {
    const wide = [anItem(0, "日".repeat(10)), anItem(1, "日".repeat(10))];
    const bytes = byteLength(wide[0] as StoredItem);
    expect(ordinalsOf(batches(wide, { batchBytes: bytes }))).toStrictEqual([[0], [1]]);
    expect(ordinalsOf(batches(wide, { batchBytes: bytes + 1 }))).toStrictEqual([[0, 1]]);
  });

  it("begins at an ordinal, from either end", () => {
    expect(ordinalsOf(batches(ITEMS, { from: 2 }))).toStrictEqual([[2, 3, 4]]);
    expect(ordinalsOf(batches(ITEMS, { from: 2, direction: "desc" }))).toStrictEqual([[2, 1, 0]]);
    expect(ordinalsOf(batches(ITEMS, { direction: "desc" }))).toStrictEqual([[4, 3, 2, 1, 0]]);
    expect(batches(ITEMS, { from: 5 })).toStrictEqual([]);
  });

  it("the last batch carries what was rejected, if need be alone", () => {
    const rejected = 2;
    expect(batches(ITEMS, { batchBytes: 1 }, rejected).map((batch) => batch.rejected)).toStrictEqual([
      0, 0, 0, 0, 0, 2,
    ]);
    expect(batches(ITEMS, {}, rejected).map((batch) => batch.rejected)).toStrictEqual([2]);
    expect(batches([], {}, rejected)).toStrictEqual([{ items: [], rejected: 2 }]);
    expect(batches([], {})).toStrictEqual([]);
  });

  it("of any size are the whole history once, in its order, none empty", () => {
    const texts = fc.array(fc.string({ maxLength: 40 }), { maxLength: 30 });
    const directions = fc.constantFrom("asc" as const, "desc" as const);
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 300 }), directions, (all, batchBytes, direction) => {
        const items = all.map((text, ordinal) => anItem(ordinal, text));
        const found = batches(items, { batchBytes, direction });
        expect(found.flatMap((batch) => batch.items)).toStrictEqual(direction === "asc" ? items : [...items].reverse());
        for (const [at, batch] of found.entries()) {
          const sizes = batch.items.map(byteLength);
          expect(sum(sizes.slice(0, -1))).toBeLessThan(batchBytes);
          if (at < found.length - 1) expect(sum(sizes)).toBeGreaterThanOrEqual(batchBytes);
        }
      }),
    );
  });
});

type Query = Partial<Parameters<typeof historyBatches>[1]>;

function batches(items: readonly StoredItem[], query: Query, rejected = 0): HistoryBatch[] {
  return [...historyBatches({ items, rejected }, { direction: "asc", batchBytes: 1_000_000, ...query })];
}

function ordinalsOf(found: readonly HistoryBatch[]): number[][] {
  return found.map((batch) => batch.items.map((item) => item.ordinal));
}

function anItem(ordinal: number, text = "text"): StoredItem {
  const json = JSON.stringify({ type: "event_msg", payload: { type: "agent_message", message: text } });
  return storedItem({ ordinal, timestamp: "2026-11-20T10:51:48.248Z", json });
}

function byteLength(item: StoredItem): number {
  return new TextEncoder().encode(item.json).length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
