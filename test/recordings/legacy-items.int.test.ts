import {
  type ApiItemEntry,
  type ApiThreadItem,
  type ApiTimelineEntry,
  type ApiTurn,
  listApiItems,
  listApiTimeline,
  readApiItems,
} from "@threadstore/codex-wire";
import { describe, expect, it } from "vitest";
import { readFixtureJson, readRecordings } from "../support/fixture-home.js";
import { openedHome } from "../support/opened-home.js";

// Difference 5: legacy threads have items and a timeline. They must tell what the real server's turns of them tell.
describe.each(["home169", "home128"] as const)("legacy threads of %s", (name) => {
  const ids = readFixtureJson<Record<string, string>>(`homes/${name}/ids.json`);
  const recorded = [...recordedTurns(name)].filter(([threadId]) => !isRolledBack(threadId));
  const home = openedHome(name);

  it("are as many as were recorded", () => {
    expect(recorded.length).toBe(name === "home169" ? 3 : 41);
  });

  it.each(recorded)("%s lists the items of its turns, page by page, in both directions", async (threadId, turns) => {
    const items = turns.flatMap(entriesOf);
    expect(await allItems(threadId, "asc")).toEqual(items);
    expect(await allItems(threadId, "desc")).toEqual(items.toReversed());
  });

  it.each(recorded)("%s lists and reads the items of one turn", async (threadId, turns) => {
    for (const turn of turns) {
      const data = entriesOf(turn);
      const turnId = turn.id;
      expect(await listApiItems(home.store, { threadId, turnId, limit: 100 })).toMatchObject({
        data,
        nextCursor: null,
      });
      const itemIds = data.map(({ item }) => item.id).reverse();
      if (itemIds.length > 0) expect(await readApiItems(home.store, { threadId, turnId, itemIds })).toEqual({ data });
    }
  });

  it.each(recorded)("%s has a timeline of its turns and items", async (threadId, turns) => {
    const { archivedAt } = await home.store.readThread({ threadId, includeArchived: true });
    if (archivedAt !== undefined) {
      await expect(listApiTimeline(home.store, { threadId })).rejects.toThrow(`thread ${threadId} is archived`);
      return;
    }
    const timeline = await wholeTimeline(threadId);
    expect(timeline.map(withoutPosition)).toEqual(turns.flatMap(timelineOf));
    const positions = timeline.map(({ position }) => position);
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
  });

  function isRolledBack(threadId: string): boolean {
    return threadId === ids.legacy_rolledback || threadId === ids.rolledback;
  }

  async function allItems(threadId: string, sortDirection: "asc" | "desc"): Promise<ApiItemEntry[]> {
    const items: ApiItemEntry[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await listApiItems(home.store, { threadId, sortDirection, limit: 3, cursor: cursor ?? null });
      items.push(...page.data);
      cursor = page.nextCursor;
    }
    return items;
  }

  async function wholeTimeline(threadId: string): Promise<ApiTimelineEntry[]> {
    const entries: ApiTimelineEntry[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await listApiTimeline(home.store, { threadId, limit: 4, cursor: cursor ?? null });
      entries.unshift(...page.data);
      cursor = page.nextCursor;
    }
    return entries;
  }
});

/** The turns of each legacy thread that has some, oldest first, with all of their items. */
function recordedTurns(name: "home169" | "home128"): Map<string, readonly ApiTurn[]> {
  const turns = new Map<string, readonly ApiTurn[]>();
  for (const { response } of readRecordings(`${name}-by-0.169.0`, "thread-read")) {
    const { thread } = (response.result ?? {}) as {
      thread?: { readonly id: string; readonly historyMode: string; readonly turns: readonly ApiTurn[] };
    };
    if (thread?.historyMode === "legacy" && thread.turns.length > 0) turns.set(thread.id, thread.turns);
  }
  return turns;
}

function entriesOf({ id, items }: ApiTurn): ApiItemEntry[] {
  return items.map((item: ApiThreadItem) => {
    const { startedAtMs, completedAtMs } = item;
    return { turnId: id, item, startedAtMs, completedAtMs };
  });
}

function timelineOf({ id: turnId, items, status, error, startedAt, completedAt, durationMs }: ApiTurn): unknown[] {
  const end = { type: "turnCompleted", turnId, status, error, startedAt, completedAt, durationMs };
  return [
    { type: "turnStarted", turnId, startedAt },
    ...items.map((item) => ({ type: "item", turnId, item })),
    ...(completedAt === null ? [] : [end]),
  ];
}

function withoutPosition({ position: _position, ...entry }: ApiTimelineEntry): unknown {
  return entry;
}
