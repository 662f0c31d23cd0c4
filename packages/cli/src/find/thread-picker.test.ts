import { openMemoryThreadStore, type RolloutItem, type ThreadStore } from "@threadstore/core";
import { beforeEach, describe, expect, it } from "vitest";
import type { PickerEvent, PickerState } from "./picker-state.js";
import { ThreadPicker } from "./thread-picker.js";

const METADATA = { cwd: "/project", originator: "test", cliVersion: "1", source: "cli", modelProvider: "p" } as const;
const ids = [1, 2, 3].map((number) => `01900000-0000-7000-8000-00000000000${number}`);
const [A, B, C] = ids as [string, string, string];

function said(text: string): RolloutItem[] {
  const item = { type: "UserMessage", id: `user-${text}`, content: [{ type: "text", text }] };
  const turn_id = `turn-${text}`;
  return [
    { type: "event_msg", payload: { type: "task_started", turn_id } },
    { type: "event_msg", payload: { type: "item_completed", turn_id, item } },
  ];
}

let store: ThreadStore;

beforeEach(async () => {
  let nowMs = Date.parse("2026-11-20T10:00:00.000Z");
  store = openMemoryThreadStore({ clock: { nowMs: () => (nowMs += 1_000) } });
  for (const [threadId, ...texts] of [
    [A, "apple"],
    [B, "banana", "an apple too"],
    [C, "cherry"],
  ] as const) {
    await store.createThread({ threadId, metadata: METADATA });
    for (const text of texts) await store.appendItems({ threadId, items: said(text) });
    await store.shutdownThread(threadId);
  }
});

/** Makes events happen as soon as the state is as expected, one after the other. */
async function pick(steps: readonly (readonly [(state: PickerState) => boolean, ...PickerEvent[]])[]) {
  const states: PickerState[] = [];
  const waiting = [...steps];
  const picker = new ThreadPicker(store, {
    filter: {},
    draw: (state) => {
      states.push(state);
      const [isReady, ...events] = waiting[0] ?? [];
      if (!isReady?.(state)) return;
      waiting.shift();
      for (const event of events) queueMicrotask(() => picker.take(event));
    },
  });
  return { outcome: await picker.pick(), states };
}

const isWhole = ({ isCurrent, found }: PickerState) => isCurrent && found.isWhole;
const idsOf = (state: PickerState | undefined) => state?.found.rows.map(({ thread }) => thread.threadId);
const typed = (text: string): PickerEvent => ({ type: "typed", text });
const LEAVE: PickerEvent = { type: "left" };

describe("looking for a thread", () => {
  it("begins with all of them, the last changed first", async () => {
    const { states, outcome } = await pick([[isWhole, LEAVE]]);
    expect([idsOf(states[0]), outcome]).toEqual([[C, B, A], { type: "leave" }]);
  });

  it("finds names and beginnings first, then texts, with the place", async () => {
    const { states } = await pick([
      [isWhole, typed("apple")],
      [(state) => state.query === "apple" && isWhole(state), LEAVE],
    ]);
    const found = states.filter((state) => state.query === "apple" && state.isCurrent);
    expect([idsOf(found[0]), found[0]?.found.isWhole]).toEqual([[A], false]);
    expect(found[1]?.found.rows.map(({ thread, snippet }) => [thread.threadId, snippet])).toEqual([
      [B, { text: "an apple too", ranges: [[3, 8]] }],
      [A, undefined],
    ]);
  });

  it("shows only what was found for the text that stands there, however fast it is typed", async () => {
    const { states, outcome } = await pick([
      [isWhole, ...[..."cherry"].map(typed), { type: "chosen", choice: "show" }],
    ]);
    expect(outcome).toMatchObject({ type: "show", thread: { threadId: C } });
    const shown = states.filter(({ isCurrent, query }) => isCurrent && query !== "");
    expect(shown.map(({ query }) => query)).toEqual(["cherry"]);
  });

  it("goes back to all of them when the text is erased", async () => {
    const { states } = await pick([
      [isWhole, typed("zzz")],
      [(state) => state.query === "zzz" && isWhole(state), { type: "erased", part: "all" }],
      [(state) => state.query === "" && isWhole(state), LEAVE],
    ]);
    expect(states.filter(isWhole).map((state) => idsOf(state)?.length)).toEqual([3, 0, 3, 3]);
  });

  it("says why nothing could be found", async () => {
    await store[Symbol.asyncDispose]();
    const { states } = await pick([[({ problem }) => problem !== null, LEAVE]]);
    expect(states[0]).toMatchObject({ problem: expect.stringMatching(/closed/), found: { rows: [], isWhole: true } });
  });
});
