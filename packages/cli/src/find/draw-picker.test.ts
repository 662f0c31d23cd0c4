import { openMemoryThreadStore, type StoredThread } from "@threadstore/core";
import { beforeAll, describe, expect, it } from "vitest";
import { colorsFor } from "../output/colors.js";
import { drawPicker } from "./draw-picker.js";
import { FIRST_PICKER_STATE, type PickerRow, type PickerState } from "./picker-state.js";

const NOW_MS = Date.parse("2026-11-20T10:51:48.248Z");
const METADATA = { cwd: "/project", originator: "test", cliVersion: "1", source: "cli", modelProvider: "p" } as const;

let thread: StoredThread;

beforeAll(async () => {
  const store = openMemoryThreadStore({ clock: { nowMs: () => NOW_MS } });
  const threadId = "01900000-0000-7000-8000-000000000001";
  await store.createThread({ threadId, metadata: METADATA });
  await store.persistThread(threadId);
  thread = await store.updateThreadMetadata({ threadId, patch: { name: "title" } });
});

const named = (name: string, snippet?: PickerRow["snippet"]): PickerRow => {
  return { thread: { ...thread, name }, ...(snippet ? { snippet } : {}) };
};

function state(rows: readonly PickerRow[], fields: Partial<PickerState> = {}): PickerState {
  const found = { rows, isWhole: true, hasOlder: false, missing: 0 };
  return { ...FIRST_PICKER_STATE, isCurrent: true, found, ...fields };
}

function draw(drawn: PickerState, [width, height]: readonly [number, number], isTTY = false) {
  return drawPicker(drawn, { colors: colorsFor({ isTTY }, {}), nowMs: NOW_MS + 60_000, width, height });
}

describe("the picker", () => {
  it("is a prompt, threads with their mark, and a line that says what can be done", () => {
    expect(draw(state([named("one"), named("two")], { query: "o", selected: 1 }), [80, 5])).toEqual({
      prompt: "> o",
      lines: [
        "  01900000-0000 1m   one",
        "▶ 01900000-0000 1m   two",
        "",
        "2 threads · enter: show · ctrl-r: how to resume · esc: leave",
      ],
    });
  });

  it("shows the threads around the mark, and no more than there is room for", () => {
    const rows = Array.from({ length: 20 }, (_, number) => named(`thread ${number}`));
    const shown = (selected: number) =>
      draw(state(rows, { selected }), [80, 6])
        .lines.map((line) => /▶?.*?thread (\d+)/.exec(line)?.[1])
        .slice(0, -1);
    expect([0, 1, 10, 19].map(shown)).toEqual([
      ["0", "1", "2", "3"],
      ["0", "1", "2", "3"],
      ["8", "9", "10", "11"],
      ["16", "17", "18", "19"],
    ]);
    expect([1, 2, 3, 4].map((height) => draw(state(rows), [80, height]).lines.length)).toEqual([0, 1, 2, 3]);
  });

  it("shows where the text stands beside the title, the match with little before it", () => {
    const text = `${"far before ".repeat(4)}needle and what comes after it, which is too long for the line`;
    const row = named("a title of a thread that is cut there", { text, ranges: [[44, 50]] });
    const [line = ""] = draw(state([row]), [100, 3]).lines;
    expect(line).toBe(
      "▶ 01900000-0000 1m   a title of a thread that is cu…  …ore far before needle and what comes after i…",
    );
    expect(line.length).toBe(100);
    expect(draw(state([row]), [100, 3], true).lines[0]).toContain("\u001b[33mneedle\u001b[39m");
  });

  it("shows nothing that a terminal would obey", () => {
    const row = named("a\u001b[2Jb", { text: "x\u001b]0;owned\u0007\nneedle", ranges: [[12, 18]] });
    const { lines } = draw(state([row], { problem: "\u001b[31mno" }), [80, 3]);
    expect(lines).toEqual(["▶ 01900000-0000 1m   ab  x needle", "no"]);
  });

  it("says what it is doing, what there is beyond, and what went wrong", () => {
    const footer = (fields: Partial<PickerState>) => draw(state([named("one")], fields), [80, 3]).lines.at(-1);
    expect(footer({ isCurrent: false })).toMatch(/^looking … · enter/);
    const found = { rows: [named("one")], isWhole: true, hasOlder: true, missing: 7 };
    expect(footer({ found })).toMatch(/^1 newest thread · 7 not indexed yet · enter/);
    expect(footer({ problem: "no disk" })).toBe("no disk");
    expect(draw(state([], { problem: "x".repeat(99) }), [20, 3]).lines.at(-1)?.length).toBe(20);
  });

  it("shows the end of a long text that was typed", () => {
    expect(draw(state([], { query: "one two three" }), [10, 3]).prompt).toBe("> … three");
  });
});
