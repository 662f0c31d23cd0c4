import type { Page, RolloutItem, ThreadStore } from "@threadstore/core";
import { describe, expect, it } from "vitest";
import { itemOf, storeWith, THREAD_ID, turnEnd, turnStart, wholeTurn } from "../test/support/written-threads.js";
import { listApiTimeline } from "./timeline.js";
import type { ApiTimelineEntry } from "./timeline-entry.js";

const threadId = THREAD_ID;

describe("a timeline", () => {
  it.each([
    ["of turns that follow one another", wholeTurns(12)],
    ["of unfinished turns", Array.from({ length: 40 }, (_, index) => turnStart(`turn-${index}`))],
    ["of a turn with many items", wholeTurn("t", names(60))],
    [
      "of a turn with items that came late",
      [...wholeTurn("t", names(3)), ...names(5, "late").map((id) => itemOf("t", id))],
    ],
    ["of a turn whose start was not recorded", [...names(20).map((id) => itemOf("t", id)), turnEnd("t")]],
    ["of turns that end after the next began", overlappingTurns(30)],
  ])("%s is the same in pages of every size", async (_title, items) => {
    const store = await storeWith("paginated", items);
    const whole = await pages(store, 100);
    expect(whole.map(({ position }) => position)).toEqual(
      whole.map(({ position }) => position).toSorted((a, b) => a - b),
    );
    expect(new Set(whole.map((entry) => JSON.stringify(entry))).size).toBe(whole.length);
    for (const limit of [1, 2, 3, 5, 8, 25]) expect(await pages(store, limit)).toEqual(whole);
  });

  it("tells each turn's start, items and end at the places where they were recorded", async () => {
    const store = await storeWith("paginated", [...wholeTurn("t", ["a"]), itemOf("t", "late"), turnStart("u")]);
    const first = (await store.listTurns({ threadId, sortDirection: "asc" })).data[0]?.firstOrdinal ?? 0;
    const { data } = await listApiTimeline(store, { threadId });
    expect(data.map(({ type, position, turnId }) => [type, position - first, turnId])).toEqual([
      ["turnStarted", 0, "t"],
      ["item", 1, "t"],
      ["turnCompleted", 2, "t"],
      ["item", 3, "t"],
      ["turnStarted", 4, "u"],
    ]);
  });

  it("costs a page as much in a long thread as in a short one", async () => {
    const rows = await rowsReadForPage(50);
    expect(rows).toEqual({ listTurns: 16, listItems: 28 });
    expect(await rowsReadForPage(200)).toEqual(rows);
  });
});

describe("a cursor of a timeline", () => {
  const fields = { threadId, position: 3, kind: 1, id: "a" };

  it.each([
    "",
    "{}",
    JSON.stringify({ ...fields, position: -3 }),
    JSON.stringify({ ...fields, kind: 1.5 }),
    JSON.stringify({ ...fields, kind: 256 }),
    JSON.stringify({ ...fields, id: 1 }),
    JSON.stringify({ ...fields, threadId: "thread" }),
  ])("that is none is refused: %s", async (cursor) => {
    const store = await storeWith("paginated", wholeTurns(2));
    const refusal = { code: "invalid_request", message: "invalid thread timeline cursor" };
    await expect(listApiTimeline(store, { threadId, cursor })).rejects.toMatchObject(refusal);
  });

  it("of another thread is refused", async () => {
    const store = await storeWith("paginated", wholeTurns(2));
    const cursor = JSON.stringify({ ...fields, threadId: "01900000-0000-7000-8000-000000000002" });
    const refusal = { code: "invalid_request", message: "thread timeline cursor belongs to another thread" };
    await expect(listApiTimeline(store, { threadId, cursor })).rejects.toMatchObject(refusal);
  });
});

it("an archived thread has no timeline, and neither has an unknown one", async () => {
  const store = await storeWith("paginated", wholeTurns(2));
  await store.shutdownThread(threadId);
  await store.archiveThread({ threadId });
  await expect(listApiTimeline(store, { threadId })).rejects.toMatchObject({
    code: "invalid_request",
    message: `thread ${threadId} is archived`,
  });
  const unknown = "01900000-0000-7000-8000-000000000009";
  await expect(listApiTimeline(store, { threadId: unknown })).rejects.toMatchObject({
    code: "thread_not_found",
    message: `thread not found: ${unknown}`,
  });
});

async function pages(store: ThreadStore, limit: number): Promise<ApiTimelineEntry[]> {
  const entries: ApiTimelineEntry[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await listApiTimeline(store, { threadId, limit, cursor: cursor ?? null });
    expect(page.data.length).toBeLessThanOrEqual(limit);
    entries.unshift(...page.data);
    cursor = page.nextCursor;
  }
  return entries;
}

/** How many turns and items are read for the third page of a thread of so many turns. */
async function rowsReadForPage(turnCount: number): Promise<{ readonly listTurns: number; readonly listItems: number }> {
  const store = await storeWith("paginated", wholeTurns(turnCount));
  let cursor: string | null = null;
  for (let page = 0; page < 2; page++) ({ nextCursor: cursor } = await listApiTimeline(store, { threadId, cursor }));
  const read = { listTurns: 0, listItems: 0 };
  const counting = new Proxy(store, {
    get: (target, name) => {
      const member = Reflect.get(target, name);
      if (name !== "listTurns" && name !== "listItems") return member.bind(target);
      return async (...parameters: unknown[]) => {
        const page: Page<unknown> = await Reflect.apply(member, target, parameters);
        read[name] += page.data.length;
        return page;
      };
    },
  });
  await listApiTimeline(counting, { threadId, cursor });
  return read;
}

function wholeTurns(count: number): RolloutItem[] {
  return names(count, "turn").flatMap((turnId) => wholeTurn(turnId, [`${turnId}-a`, `${turnId}-b`]));
}

/** Turns that each end after the next one began. */
function overlappingTurns(count: number): RolloutItem[] {
  return names(count, "turn").flatMap((turnId, index) => [
    turnStart(turnId),
    itemOf(turnId, `${turnId}-a`),
    ...(index > 0 ? [turnEnd(`turn-${index - 1}`)] : []),
  ]);
}

function names(count: number, stem = "item"): string[] {
  return Array.from({ length: count }, (_, index) => `${stem}-${index}`);
}
