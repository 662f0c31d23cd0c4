import * as fs from "node:fs";
import { join } from "node:path";
import { instantFromMs, type ThreadSortKey, type ThreadStore } from "@threadstore/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isLong } from "../support/runs.js";
import { SEED, SeededRandom } from "../support/seeded-random.js";
import { Tally } from "../support/tally.js";
import { METADATA, message, threadId, WrittenHome } from "../support/written-home.js";
import { textsOf } from "./support/hung-home.js";

const DAY_MS = 24 * 60 * 60 * 1_000;
const YEAR_MS = 365 * DAY_MS;
const JUMPS_MS = [-DAY_MS, YEAR_MS, 0, 0, -1, 1, 60_000, -YEAR_MS, -3 * YEAR_MS, 12 * 60 * 60 * 1_000];
const RUNS = isLong ? 100 : 2;
const STEPS = 40;
const SORT_KEYS: readonly ThreadSortKey[] = ["createdAt", "updatedAt", "recencyAt"];

const tally = new Tally("jumping clocks", ["jumps", "appends", "changes of metadata", "pages", "times of files set"]);

let home: WrittenHome;

beforeEach(() => {
  home = new WrittenHome();
});

afterEach(async () => {
  await home[Symbol.asyncDispose]();
});

/** What a thread must tell after what was done to it. */
interface Expected {
  readonly texts: string[];
  readonly createdAt: string;
  updatedAt: string;
  name?: string;
}

describe("a clock that jumps", () => {
  const runs = Array.from({ length: RUNS }, (_, run) => run);

  it.each(runs)("keeps order, loses no append, and no time is another than the clock told (run %i)", async (run) => {
    const random = new SeededRandom(SEED + run);
    const [writer, reader] = [home.open(), home.open()];
    const threads = new Map<string, Expected>();
    for (let step = 0; step < STEPS; step++) {
      jump(random);
      await change(writer, { threads, random, step });
      await expectThreads(reader, threads);
    }
    for (const sortKey of SORT_KEYS) await expectPages(reader, sortKey, [...threads.keys()]);
    for (const id of threads.keys()) if (random.isChance(0.5)) await writer.shutdownThread(id);
    await expectThreads(home.open(), threads);
    await expectRecordedOrdinals();
  });

  it("standing still gives every record an ordinal of its own, and ids decide the order of lists", async () => {
    const store = home.open();
    const ids = [3, 1, 2].map(threadId);
    for (const id of ids) {
      await store.createThread({ threadId: id, metadata: METADATA });
      for (const text of ["one", "two", "three"]) await store.appendItems({ threadId: id, items: [message(text)] });
    }
    for (const sortKey of SORT_KEYS) {
      const { data } = await home.open().listThreads({ sources: "all", sortKey, sortDirection: "asc" });
      expect(data.map((thread) => thread.threadId)).toEqual([...ids].sort());
    }
    for (const id of ids) expect(await textsOf(store, id)).toEqual(["one", "two", "three"]);
  });

  it("before 1970 writes nothing, and what was written is read all the same", async () => {
    const store = home.open();
    await store.createThread({ threadId: threadId(1), metadata: METADATA });
    await store.appendItems({ threadId: threadId(1), items: [message("one")] });
    home.clock.set("1969-12-31T23:59:59.999Z");
    const append = store.appendItems({ threadId: threadId(1), items: [message("two")] });
    await expect(append).rejects.toMatchObject({ code: "unavailable" });
    await expect(rename(store, threadId(1), "name")).rejects.toMatchObject({ code: "unavailable" });
    expect(await textsOf(home.open(), threadId(1))).toEqual(["one"]);
    home.clock.set("2026-01-01T00:00:00.000Z");
    await store.appendItems({ threadId: threadId(1), items: [message("three")] });
    expect(await textsOf(home.open(), threadId(1))).toEqual(["one", "three"]);
  });
});

describe("files whose times jump", () => {
  /** Files are timed by the system's clock; what follows is what they look like when that one jumps. */
  const TIMES = [() => new Date(0), () => new Date(Date.now() - DAY_MS), () => new Date(Date.now() + YEAR_MS)];

  it("hide no append and no new thread, neither from the store that knows them nor from another", async () => {
    const random = new SeededRandom(SEED);
    const [writer, reader] = [home.open(), home.open()];
    const texts = new Map<string, string[]>();
    for (let step = 0; step < (isLong ? 400 : 60); step++) {
      const id = step % 7 === 0 ? threadId(step + 1) : (random.pick([...texts.keys()]) as string);
      if (!texts.has(id)) await writer.createThread({ threadId: id, metadata: METADATA });
      await writer.appendItems({ threadId: id, items: [message(`text ${step}`)] });
      texts.set(id, [...(texts.get(id) ?? []), `text ${step}`]);
      tally.add("appends");
      const time = (random.pick(TIMES) as () => Date)();
      for (const path of pathsToTime(random)) fs.utimesSync(path, time, time);
      const { data } = await reader.listThreads({ sources: "all", pageSize: 1_000 });
      expect(data.map((thread) => thread.threadId).sort()).toEqual([...texts.keys()].sort());
      expect(await textsOf(reader, id)).toEqual(texts.get(id));
      expect((await reader.readThread({ threadId: id })).updatedAt).toBe(home.clock.now());
      home.clock.advance(1_000);
    }
  });
});

function jump(random: SeededRandom): void {
  home.clock.advance(random.pick(JUMPS_MS) as number);
  // Jumps back add up; before 1970 nothing is written.
  if (home.clock.nowMs() < 0) home.clock.set("2026-01-01T00:00:00.000Z");
  tally.add("jumps");
}

async function change(
  store: ThreadStore,
  { threads, random, step }: { threads: Map<string, Expected>; random: SeededRandom; step: number },
): Promise<void> {
  const id = random.pick([...threads.keys()]);
  const known = id === undefined ? undefined : threads.get(id);
  const now = home.clock.now();
  const choice = random.fraction();
  if (!id || !known || choice < 0.15) {
    await createThread(store, { threads, step, isLegacy: random.isChance(0.3) });
  } else if (choice < 0.3) {
    known.name = `name ${step}`;
    await rename(store, id, known.name);
    known.updatedAt = now;
    tally.add("changes of metadata");
  } else {
    const texts = Array.from({ length: random.between(1, 3) }, (_, at) => `text ${step}.${at}`);
    await store.appendItems({ threadId: id, items: texts.map(message) });
    known.texts.push(...texts);
    known.updatedAt = now;
    tally.add("appends");
  }
}

async function createThread(
  store: ThreadStore,
  { threads, step, isLegacy }: { threads: Map<string, Expected>; step: number; isLegacy: boolean },
): Promise<void> {
  const id = threadId(step + 1);
  const now = home.clock.now();
  await store.createThread({ threadId: id, metadata: METADATA, historyMode: isLegacy ? "legacy" : "paginated" });
  await store.appendItems({ threadId: id, items: [message(`text ${step}`)] });
  threads.set(id, { texts: [`text ${step}`], createdAt: now, updatedAt: now });
  tally.add("appends");
}

async function expectThreads(store: ThreadStore, threads: ReadonlyMap<string, Expected>): Promise<void> {
  const { data } = await store.listThreads({ sources: "all", pageSize: 1_000 });
  const rows = data.map(({ threadId: id, createdAt, updatedAt, name }) => ({ id, createdAt, updatedAt, name }));
  const expected = [...threads].map(([id, { createdAt, updatedAt, name }]) => ({ id, createdAt, updatedAt, name }));
  const byId = (a: { id: string }, b: { id: string }) => a.id.localeCompare(b.id);
  expect(rows.sort(byId)).toEqual(expected.sort(byId));
  for (const [id, { texts }] of threads) {
    expect(await textsOf(store, id)).toEqual(texts);
    const { items } = await store.loadHistory({ threadId: id });
    expect(items.map(({ ordinal }) => ordinal)).toEqual(items.map((_, at) => at));
  }
}

/** Pages of any size, in both directions, show every thread once and in the order of their times. */
async function expectPages(store: ThreadStore, sortKey: ThreadSortKey, ids: readonly string[]): Promise<void> {
  for (const sortDirection of ["asc", "desc"] as const) {
    const rows: { readonly threadId: string; readonly key: string }[] = [];
    for (let cursor: string | undefined; ; ) {
      const at = cursor === undefined ? {} : { cursor };
      const page = await store.listThreads({ sources: "all", sortKey, sortDirection, pageSize: 2, ...at });
      tally.add("pages");
      rows.push(...page.data.map((thread) => ({ threadId: thread.threadId, key: thread[sortKey] })));
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    const sorted = [...rows].sort((a, b) =>
      a.key === b.key ? compare(a.threadId, b.threadId) : compare(a.key, b.key),
    );
    expect(rows).toEqual(sortDirection === "asc" ? sorted : sorted.reverse());
    expect(rows.map((row) => row.threadId).sort()).toEqual([...ids].sort());
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : 1;
}

async function expectRecordedOrdinals(): Promise<void> {
  for (const path of home.rollouts()) {
    const lines = home.lines(path);
    if (lines[0]?.ordinal !== undefined) expect(lines.map(({ ordinal }) => ordinal)).toEqual(lines.map((_, at) => at));
    for (const { timestamp } of lines) expect(timestamp).toBe(instantFromMs(Date.parse(timestamp)));
  }
}

/** Some rollouts, some folders, or both. */
function pathsToTime(random: SeededRandom): string[] {
  const entries = fs.readdirSync(join(home.path, "sessions"), { recursive: true, encoding: "utf8" });
  const all = ["", ...entries].map((path) => join(home.path, "sessions", path));
  const some = all.filter(() => random.isChance(0.5));
  tally.add("times of files set", some.length);
  return some;
}

function rename(store: ThreadStore, id: string, name: string): Promise<unknown> {
  return store.updateThreadMetadata({ threadId: id, patch: { name } });
}
