import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { openLocalThreadStore } from "@threadstore/local";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { THREAD_ID } from "./support/core-turn-histories.js";
import { LONG_ROLLOUT, LongLines } from "./support/long-thread.js";
import { releaseHandles } from "./support/release-handles.js";
import { runs } from "./support/runs.js";
import { ThreadFiles, type ThreadPlan, threadPlans } from "./support/thread-files.js";
import { turnsOf } from "./support/turn-oracle.js";
import { makeHome } from "./support/write-home.js";
import { codeOf } from "./support/written-home.js";

describe("items that are named", () => {
  it.each(["paginated", "legacy"] as const)(
    "of turns of a %s thread are those of a fold of the whole history",
    async (historyMode) => {
      const plans = threadPlans(historyMode, { isIncomplete: true });
      await fc.assert(fc.asyncProperty(plans, fc.array(fc.nat(60), { maxLength: 4 }), readNamed), runs(40));
    },
  );
});

/** Asks every turn for some items, which it may have or not. */
async function readNamed(plan: ThreadPlan, picks: readonly number[]): Promise<void> {
  const home = makeHome();
  const files = new ThreadFiles(home.path, plan);
  const { threadId } = files;
  const store = openLocalThreadStore({ home: home.path });
  try {
    const turns = turnsOf(files, files.history());
    const ids = [
      ...turns.flatMap(({ items }) => items.map(({ itemId }) => itemId)),
      "item-1",
      "item-99",
      "of nobody",
      "",
    ];
    const itemIds = picks.map((pick) => ids[pick % ids.length] as string);
    for (const { turnId, items } of turns) {
      const expected = items.filter(({ itemId }) => itemIds.includes(itemId));
      expect(await store.readItems({ threadId, turnId, itemIds })).toEqual(expected);
    }
    expect(await codeOf(store.readItems({ threadId, turnId: "of nobody", itemIds }))).toBe("invalid_request");
  } finally {
    await store[Symbol.asyncDispose]();
    home.remove();
    await releaseHandles();
  }
}

describe("items in lines of any length", () => {
  let home: ReturnType<typeof makeHome>;

  beforeEach(() => {
    home = makeHome();
  });

  afterEach(() => {
    home.remove();
  });

  it("are read whole, also where a line lies across what is read at once", async () => {
    const lengths = [1, 65_300, 65_536, 66_000, 10, 131_000, 131_072, 200, 1_100_000, 30_000, 64_000, 64_200, 500, 7];
    const all = [...lengths, ...lengths.toReversed(), ...lengths.map((length) => length + 77)];
    const lines = all.map((length, at) => itemLine(at + 2, "x".repeat(length)));
    write(`${head()}${started(1)}${lines.join("")}`);
    const store = openLocalThreadStore({ home: home.path });
    for (const sortDirection of ["asc", "desc"] as const) {
      const page = await store.listItems({ threadId: THREAD_ID, pageSize: 100, sortDirection });
      const found = page.data.map(({ item }) => (item.text as string).length);
      expect(found).toEqual(sortDirection === "asc" ? all : all.reverse());
    }
    await store[Symbol.asyncDispose]();
  });

  it("at the highest ordinal there is stand where it puts them, in either direction", async () => {
    const highest = Number.MAX_SAFE_INTEGER;
    write(`${head()}${started(1)}${itemLine(2, "a")}${itemLine(highest, "b")}`);
    const store = openLocalThreadStore({ home: home.path });
    for (const sortDirection of ["asc", "desc"] as const) {
      const page = await store.listItems({ threadId: THREAD_ID, sortDirection });
      const ordinals = page.data.map(({ ordinal }) => ordinal);
      expect(ordinals).toEqual(sortDirection === "asc" ? [2, highest] : [highest, 2]);
    }
    await store[Symbol.asyncDispose]();
  });

  it("turns at the highest ordinal there is are shown in either direction", async () => {
    write(
      `${head()}${started(1)}${line(Number.MAX_SAFE_INTEGER, "event_msg", { type: "task_started", turn_id: "last" })}`,
    );
    const store = openLocalThreadStore({ home: home.path });
    for (const sortDirection of ["asc", "desc"] as const) {
      const page = await store.listTurns({ threadId: THREAD_ID, sortDirection });
      expect(page.data.map(({ turnId }) => turnId)).toEqual(
        sortDirection === "asc" ? ["turn", "last"] : ["last", "turn"],
      );
    }
    await store[Symbol.asyncDispose]();
  });

  it("that are changed in place are read as they are now", async () => {
    write(`${head()}${started(1)}${itemLine(2, "a".repeat(5_000))}${itemLine(3, "b".repeat(5_000))}`);
    const store = openLocalThreadStore({ home: home.path });
    expect((await store.listItems({ threadId: THREAD_ID })).data.map(({ itemId }) => itemId)).toEqual([
      "item-of-2",
      "item-of-3",
    ]);
    write(
      `${head()}${started(1)}${itemLine(2, "a".repeat(100))}${itemLine(3, "b".repeat(5_000))}${itemLine(4, "c".repeat(4_900))}`,
    );
    expect((await store.listItems({ threadId: THREAD_ID })).data.map(({ itemId }) => itemId)).toEqual([
      "item-of-2",
      "item-of-3",
      "item-of-4",
    ]);
    await store[Symbol.asyncDispose]();
  });

  function write(text: string): void {
    fs.mkdirSync(dirname(join(home.path, LONG_ROLLOUT)), { recursive: true });
    fs.writeFileSync(join(home.path, LONG_ROLLOUT), text);
  }
});

describe("the turns of a thread that is written outside its home", () => {
  it("are shown while it is live", async () => {
    const [home, elsewhere] = [makeHome(), makeHome()];
    const lines = new LongLines({ historyMode: "paginated", turns: 0, turnBytes: 10 });
    const rolloutPath = join(elsewhere.path, LONG_ROLLOUT.slice(LONG_ROLLOUT.lastIndexOf("/") + 1));
    fs.writeFileSync(rolloutPath, lines.head() + lines.turn(0) + lines.turn(1));
    const store = openLocalThreadStore({ home: home.path });
    await store.resumeThread({ threadId: THREAD_ID, rolloutPath });
    const idsOf = async (sortDirection: "asc" | "desc") =>
      (await store.listTurns({ threadId: THREAD_ID, sortDirection })).data.map(({ turnId }) => turnId);
    expect([await idsOf("asc"), await idsOf("desc")]).toEqual([
      ["turn-0", "turn-1"],
      ["turn-1", "turn-0"],
    ]);
    const payload = { type: "task_started", turn_id: "turn-2" };
    await store.appendItems({ threadId: THREAD_ID, items: [{ type: "event_msg", payload }] });
    expect([await idsOf("asc"), await idsOf("desc")]).toEqual([
      ["turn-0", "turn-1", "turn-2"],
      ["turn-2", "turn-1", "turn-0"],
    ]);
    expect((await store.listItems({ threadId: THREAD_ID })).data.length).toBe(4);
    await store[Symbol.asyncDispose]();
    home.remove();
    elsewhere.remove();
  });
});

function head(): string {
  return new LongLines({ historyMode: "paginated", turns: 0, turnBytes: 0 }).head();
}

function started(ordinal: number): string {
  return line(ordinal, "event_msg", { type: "task_started", turn_id: "turn" });
}

function itemLine(ordinal: number, text: string): string {
  const item = { type: "Plan", id: `item-of-${ordinal}`, text };
  return line(ordinal, "event_msg", { type: "item_completed", turn_id: "turn", item });
}

function line(ordinal: number, type: string, payload: unknown): string {
  return `${JSON.stringify({ timestamp: "2026-11-20T00:00:00.000Z", ordinal, type, payload })}\n`;
}
