import type { StoredTurn } from "@threadstore/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lineageOf } from "../src/index/lineage.js";
import { openLocalHome } from "../src/local-home.js";
import { locateThread } from "../src/operations/locate-thread.js";
import { HistoryFiles } from "../src/turns/history-files.js";
import { type RecentQuery, readRecentTurns } from "../src/turns/recent-turns.js";
import { releaseHandles } from "./support/release-handles.js";
import { runs } from "./support/runs.js";
import { ThreadFiles, type ThreadPlan, threadPlans } from "./support/thread-files.js";
import { pageOfTurns, turnsOf } from "./support/turn-oracle.js";
import { makeHome } from "./support/write-home.js";

describe("turns that are read from the end of a history", () => {
  it("are the last ones of a fold of the whole history", async () => {
    const property = fc.asyncProperty(
      threadPlans("paginated", { isIncomplete: false }),
      queries(),
      async (plan, all) => {
        await compare(plan, all, ({ found, expected }) => expect(found).toEqual(expected));
      },
    );
    await fc.assert(property, runs(150));
  });

  it("are the last ones of a fold of the whole history, or not known, where lines lack their ordinal or time", async () => {
    const property = fc.asyncProperty(
      threadPlans("paginated", { isIncomplete: true }),
      queries(),
      async (plan, all) => {
        await compare(plan, all, ({ found, expected }) => {
          if (found !== null) expect(found).toEqual(expected);
        });
      },
    );
    await fc.assert(property, runs(100));
  });

  it("are not known of a legacy thread", async () => {
    const property = fc.asyncProperty(threadPlans("legacy", { isIncomplete: true }), queries(), async (plan, all) => {
      await compare(plan, all, ({ found }) => expect(found).toBe(null));
    });
    await fc.assert(property, runs(10));
  });
});

/** How many turns, and from where on, as a number that stands for a turn. */
type Query = { readonly count: number; readonly from: number | null; readonly inclusive: boolean };

function queries(): fc.Arbitrary<readonly Query[]> {
  const query = fc.record({
    count: fc.integer({ min: 1, max: 6 }),
    from: fc.oneof(fc.constant(null), fc.nat(20)),
    inclusive: fc.boolean(),
  });
  return fc.array(query, { minLength: 1, maxLength: 4 });
}

interface Compared {
  /** Newest first. */
  readonly found: readonly StoredTurn[] | null;
  readonly expected: readonly StoredTurn[];
}

async function compare(plan: ThreadPlan, all: readonly Query[], check: (compared: Compared) => void): Promise<void> {
  const place = makeHome();
  const written = new ThreadFiles(place.path, plan);
  const home = openLocalHome({ home: place.path });
  try {
    const { thread, rollout } = await locateThread(home, { threadId: written.threadId });
    const lineage = await home.index.query((index) => lineageOf(index, rollout), { asIs: true });
    using files = new HistoryFiles(home, lineage);
    const turns = turnsOf(written, written.history());
    for (const { count, from, inclusive } of all) {
      const at = from === null ? undefined : turns[from % Math.max(turns.length, 1)];
      const anchor = at ? { ordinal: at.firstOrdinal, id: at.turnId, inclusive } : null;
      const found = lastOf(readRecentTurns(files, { ...thread, lineage }, { anchor, count }), { anchor, count });
      check({ found, expected: lastOf(turns, { anchor, count }) as StoredTurn[] });
    }
  } finally {
    home.index.close();
    place.remove();
    await releaseHandles();
  }
}

function lastOf(turns: readonly StoredTurn[] | null, { anchor, count }: RecentQuery): readonly StoredTurn[] | null {
  const from = anchor && { ordinal: anchor.ordinal, id: anchor.id ?? "", inclusive: anchor.inclusive };
  return turns && pageOfTurns(turns, { direction: "desc", pageSize: count, from }, "full").data;
}
