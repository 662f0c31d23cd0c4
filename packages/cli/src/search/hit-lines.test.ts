import { searchApiOccurrences } from "@threadstore/codex-wire";
import { openMemoryThreadStore, type RolloutItem, type ThreadStore } from "@threadstore/core";
import { beforeEach, describe, expect, it } from "vitest";
import { colorsFor } from "../output/colors.js";
import { hitLines, occurrenceLines } from "./hit-lines.js";
import { searchJson } from "./search-json.js";

const threadId = "01900000-0000-7000-8000-000000000001";
const NOW = "2026-11-20T10:51:48.248Z";
const NOW_MS = Date.parse(NOW);
const METADATA = { cwd: "/project", originator: "test", cliVersion: "1", source: "cli", modelProvider: "p" } as const;

function said(turn_id: string, text: string): RolloutItem[] {
  const item = { type: "UserMessage", id: `user-${turn_id}`, content: [{ type: "text", text }] };
  return [
    { type: "event_msg", payload: { type: "task_started", turn_id } },
    { type: "event_msg", payload: { type: "item_completed", turn_id, item } },
  ];
}

let store: ThreadStore;

beforeEach(async () => {
  store = openMemoryThreadStore({ clock: { nowMs: () => NOW_MS } });
  await store.createThread({ threadId, metadata: METADATA });
  const items = [
    ...said("turn-1", "first \u001b[31mquestion\u001b[0m"),
    ...said("turn-2", "a needle,\nNEEDLE and needle"),
  ];
  await store.appendItems({ threadId, items });
  await store.shutdownThread(threadId);
});

const style = (isTTY: boolean) => ({ colors: colorsFor({ isTTY }, {}), nowMs: NOW_MS + 7_200_000, width: 80 });

describe("the lines of a hit", () => {
  it("are the thread, the place with its matches, and how to open it there", async () => {
    const { data } = await store.searchThreads({ searchTerm: "needle" });
    expect(data.flatMap((hit) => hitLines(hit, style(false)))).toEqual([
      "01900000-0000 2h   first question",
      "    a needle, NEEDLE and needle",
      `    threadstore show ${threadId} --at turn-2`,
    ]);
    expect(data.flatMap((hit) => hitLines(hit, style(true)))[1]?.split("\u001b[33m").length).toBe(4);
  });

  it("name no turn where the name was found, and say what is archived", async () => {
    await store.updateThreadMetadata({ threadId, patch: { name: `haystack ${"x".repeat(100)}` } });
    await store.archiveThread({ threadId });
    const { data } = await store.searchThreads({ searchTerm: "haystack", archived: "both" });
    const [thread, place, command] = data.flatMap((hit) => hitLines(hit, style(false)));
    expect(thread).toBe(`01900000-0000 2h   archived haystack ${"x".repeat(42)}…`);
    expect(place).toContain("    haystack xxx");
    expect(command).toBe(`    threadstore show ${threadId}`);
  });

  it("of a thread's places name each turn and each text once", async () => {
    const { data } = await searchApiOccurrences(store, { threadId, searchTerm: "e" });
    const lines = [...occurrenceLines({ threadId, data }, style(false))];
    expect(lines).toEqual([
      `turn-1 threadstore show ${threadId} --at turn-1`,
      "    first question",
      `turn-2 threadstore show ${threadId} --at turn-2`,
      "    a needle, NEEDLE and needle",
    ]);
    const [, , , colored = ""] = occurrenceLines({ threadId, data }, style(true));
    expect(colored.split("\u001b[33m").length).toBe(10);
  });
});

describe("a search as JSON", () => {
  it("has the API's fields, and the places, the turn and what is missing", async () => {
    const page = await store.searchThreads({ searchTerm: "needle" });
    const { data, ...rest } = searchJson({ ...page, missing: 3 });
    expect(rest).toEqual({ nextCursor: null, backwardsCursor: page.backwardsCursor, missing: 3 });
    expect(data).toEqual([
      {
        thread: expect.objectContaining({ id: threadId, turns: [] }),
        snippet: "a needle, NEEDLE and needle",
        snippetMatchRanges: [
          { start: 2, end: 8 },
          { start: 10, end: 16 },
          { start: 21, end: 27 },
        ],
        turnId: "turn-2",
      },
    ]);
    expect(searchJson({ data: [], nextCursor: null, backwardsCursor: null }).missing).toBe(0);
  });
});
