import type { StoredThread } from "@threadstore/core";
import { describe, expect, it } from "vitest";
import {
  FIRST_PICKER_STATE,
  type FoundRows,
  nextPickerState,
  type PickerEvent,
  type PickerState,
} from "./picker-state.js";

const thread = (threadId: string) => ({ threadId }) as StoredThread;

function found(ids: string, fields: Partial<FoundRows> = {}): PickerEvent {
  const rows = [...ids].map((id) => ({ thread: thread(id) }));
  return { type: "found", found: { rows, isWhole: true, hasOlder: false, missing: 0, ...fields } };
}

const typed = (text: string): PickerEvent => ({ type: "typed", text });
const moved = (by: number): PickerEvent => ({ type: "moved", by });
const SHOW: PickerEvent = { type: "chosen", choice: "show" };
const RESUME: PickerEvent = { type: "chosen", choice: "resume" };

function stateAfter(...events: readonly PickerEvent[]): PickerState {
  return events.reduce(nextPickerState, FIRST_PICKER_STATE);
}

const marked = ({ found: { rows }, selected }: PickerState) => rows[selected]?.thread.threadId;

describe("what is typed", () => {
  it("is added and erased, characters whole", () => {
    expect(stateAfter(typed("a"), typed(" b")).query).toBe("a b");
    const erase = (query: string, part: "character" | "word" | "all") =>
      stateAfter(typed(query), { type: "erased", part }).query;
    expect(erase("a🚀", "character")).toBe("a");
    expect(erase("", "character")).toBe("");
    expect(erase("one two ", "word")).toBe("one ");
    expect(erase("one two", "all")).toBe("");
  });

  it("is no longer than what a store searches for", () => {
    expect(stateAfter(typed("x".repeat(999)), typed("🚀🚀")).query).toBe(`${"x".repeat(999)}🚀`);
  });

  it("makes what was found old, but for white space at its end, and moves the mark to the top", () => {
    const state = stateAfter(found("abc"), moved(2), typed("x"));
    expect([state.isCurrent, state.selected, state.found.rows.length]).toEqual([false, 0, 3]);
    expect(stateAfter(typed("x"), found("abc"), moved(2), typed(" "))).toMatchObject({ isCurrent: true, selected: 2 });
  });
});

describe("the mark", () => {
  it("stays among the rows", () => {
    expect([-1, 1, 2, 9].map((by) => stateAfter(found("abc"), moved(by)).selected)).toEqual([0, 1, 2, 2]);
    expect(stateAfter(found(""), moved(1)).selected).toBe(0);
  });

  it("stays on its thread when more are found for the same text", () => {
    expect(marked(stateAfter(typed("x"), found("bd"), moved(1), found("abcd")))).toBe("d");
    expect(marked(stateAfter(typed("x"), found("b"), found("ab")))).toBe("b");
    expect(marked(stateAfter(found("bd"), moved(1), typed("x"), found("abd")))).toBe("a");
  });
});

describe("choosing", () => {
  it("ends with the thread of the mark, and nothing happens after it", () => {
    const state = stateAfter(found("abc"), moved(1), SHOW);
    expect(state.outcome).toEqual({ type: "show", thread: thread("b") });
    expect(nextPickerState(state, typed("x"))).toBe(state);
    expect(stateAfter(found("a"), RESUME).outcome).toEqual({ type: "resume", thread: thread("a") });
    expect(stateAfter({ type: "left" }).outcome).toEqual({ type: "leave" });
  });

  it("waits for what was just typed", () => {
    const waiting = stateAfter(found("abc"), typed("x"), SHOW);
    expect(waiting.outcome).toBeNull();
    expect(nextPickerState(waiting, found("c", { isWhole: false })).outcome).toEqual({
      type: "show",
      thread: thread("c"),
    });
    const nothingYet = nextPickerState(waiting, found("", { isWhole: false }));
    expect(nothingYet.outcome).toBeNull();
    expect(nextPickerState(nothingYet, found("b")).outcome).toEqual({ type: "show", thread: thread("b") });
  });

  it("is forgotten when nothing is found, or something else is done meanwhile", () => {
    const nothing = stateAfter(typed("x"), SHOW, found(""));
    expect([nothing.outcome, nothing.pending]).toEqual([null, null]);
    expect(nextPickerState(nothing, SHOW)).toBe(nothing);
    expect(stateAfter(typed("x"), SHOW, typed("y"), found("a")).outcome).toBeNull();
    expect(stateAfter(typed("x"), SHOW, moved(1), found("a")).outcome).toBeNull();
  });

  it("r resumes where the mark was moved and nothing is typed; else it is a letter", () => {
    expect(stateAfter(found("ab"), moved(1), typed("r")).outcome).toEqual({ type: "resume", thread: thread("b") });
    expect(stateAfter(found("ab"), typed("r"))).toMatchObject({ query: "r", outcome: null });
    expect(stateAfter(typed("o"), found("ab"), moved(1), typed("r"))).toMatchObject({ query: "or", outcome: null });
  });
});

describe("a failure", () => {
  it("is shown until something else is typed", () => {
    const failed = stateAfter(found("a"), typed("x"), { type: "failed", problem: "no disk" });
    expect(failed).toMatchObject({ problem: "no disk", isCurrent: true, found: { rows: [] } });
    expect(nextPickerState(failed, typed("y")).problem).toBeNull();
    expect(nextPickerState(failed, found("a")).problem).toBeNull();
  });

  it("ends the waiting for a thread", () => {
    expect(stateAfter(typed("x"), SHOW, { type: "failed", problem: "no disk" }, found("a")).outcome).toBeNull();
  });
});
