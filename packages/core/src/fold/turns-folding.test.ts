import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { turnHistories } from "../../test/support/random-turn-histories.js";
import { foldHistory, THREAD_ID } from "../../test/support/turn-histories.js";
import type { HistoryMode } from "../protocol/history-mode.js";
import type { FoldedItem } from "./metadata.js";
import { MemoryTurnBook } from "./turn-book.js";
import { foldIntoTurns, isForTurns, newTurnFold, type TurnFoldState } from "./turns.js";

fc.configureGlobal({ seed: 20_261_120, numRuns: 500 });

const MODES: readonly HistoryMode[] = ["legacy", "paginated"];

describe.each(MODES)("folding a %s history into turns", (mode) => {
  it("goes on from a state that was kept as JSON as if it had not been", () => {
    fc.assert(
      fc.property(turnHistories(mode), fc.nat(), (history, choice) => {
        const cut = choice % (history.length + 1);
        const book = new MemoryTurnBook();
        const state = newTurnFold(THREAD_ID, mode);
        for (const item of history.slice(0, cut)) foldIntoTurns(state, book, item);
        const kept = JSON.parse(JSON.stringify(state)) as TurnFoldState;
        expect(kept).toStrictEqual(state);
        for (const item of history.slice(cut)) foldIntoTurns(kept, book, item);
        expect([...book.turns()]).toStrictEqual(foldHistory(history, mode));
      }),
    );
  });

  it("leaves the history and what was read of it before as they were", () => {
    fc.assert(
      fc.property(turnHistories(mode), (history) => {
        const before = structuredClone(history);
        const first = foldHistory(history, mode);
        const seen = structuredClone(first);
        expect(foldHistory(history, mode)).toStrictEqual(first);
        expect([history, first]).toStrictEqual([before, seen]);
      }),
    );
  });

  it("needs nothing but the items that are for turns", () => {
    fc.assert(
      fc.property(turnHistories(mode), (history) => {
        const needed = history.filter(({ item }) => isForTurns(item, mode));
        expect(foldHistory(needed, mode)).toStrictEqual(foldHistory(history, mode));
      }),
    );
  });

  it("gives each turn one id, and each item of a turn one id", () => {
    fc.assert(
      fc.property(turnHistories(mode), (history) => {
        const turns = foldHistory(history, mode);
        const turnIds = turns.map(({ turnId }) => turnId);
        const itemIds = turns.flatMap(({ items }) => items.map(({ turnId, itemId }) => `${turnId}/${itemId}`));
        expect([new Set(turnIds).size, new Set(itemIds).size]).toStrictEqual([turnIds.length, itemIds.length]);
      }),
    );
  });

  it("puts every item into the range of its turn, or before a turn that moved to where it ended", () => {
    fc.assert(
      fc.property(turnHistories(mode), (history) => {
        const last = history.at(-1)?.ordinal ?? 0;
        for (const { firstOrdinal, endOrdinalExclusive, items } of foldHistory(history, mode)) {
          expect(firstOrdinal).toBeLessThan(endOrdinalExclusive);
          expect(endOrdinalExclusive).toBeLessThanOrEqual(last + 1);
          expect(items.filter(({ ordinal }) => ordinal >= endOrdinalExclusive)).toStrictEqual([]);
        }
      }),
    );
  });
});

describe("folding a legacy history into turns", () => {
  it("gives no number of an item, and no id of a turn that no event named, a second time", () => {
    fc.assert(
      fc.property(turnHistories("legacy"), (history) => {
        const owners = new Map<string, string>();
        for (const [id, owner] of idsGiven(history)) {
          expect(owners.get(id) ?? owner).toBe(owner);
          owners.set(id, owner);
        }
      }),
    );
  });
});

/** Every id that the fold gave in the course of a history, with the ordinal of what it was given to. */
function* idsGiven(history: readonly FoldedItem[]): Generator<readonly [id: string, owner: string]> {
  const book = new MemoryTurnBook();
  const state = newTurnFold(THREAD_ID, "legacy");
  for (const item of history) {
    foldIntoTurns(state, book, item);
    for (const { turnId, items } of book.turns()) {
      if (turnId.startsWith("rollout-")) yield [turnId, turnId];
      for (const { itemId, ordinal } of items) if (itemId.startsWith("item-")) yield [itemId, `${turnId}/${ordinal}`];
    }
  }
}
