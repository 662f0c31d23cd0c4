import type { StoredThread } from "@threadstore/core";
import type { Snippet } from "../output/snippet-parts.js";

/** A thread that can be picked, and where it holds what was typed. */
export interface PickerRow {
  readonly thread: StoredThread;
  /** Absent where the title holds it, or nothing was typed. */
  readonly snippet?: Snippet;
}

/** Threads that were found so far. */
export interface FoundRows {
  readonly rows: readonly PickerRow[];
  /** Whether no more come. */
  readonly isWhole: boolean;
  /** Whether there are older ones beyond these. */
  readonly hasOlder: boolean;
  /** How many threads could not be looked through. */
  readonly missing: number;
}

/** What is done with a thread. */
type PickerChoice = "show" | "resume";

export type PickerOutcome = { readonly type: PickerChoice; readonly thread: StoredThread } | { readonly type: "leave" };

export interface PickerState {
  readonly query: string;
  readonly found: FoundRows;
  /** Whether what was found was looked for with what stands there now. */
  readonly isCurrent: boolean;
  /** The place of the row that is marked; 0 when there is none. */
  readonly selected: number;
  /** Whether the mark was moved since something was typed. */
  readonly isBrowsing: boolean;
  /** What is to be done with the first thread as soon as it is found. */
  readonly pending: PickerChoice | null;
  /** Why nothing could be found; null when nothing went wrong. */
  readonly problem: string | null;
  readonly outcome: PickerOutcome | null;
}

export type PickerEvent =
  | { readonly type: "typed"; readonly text: string }
  | { readonly type: "erased"; readonly part: "character" | "word" | "all" }
  | { readonly type: "moved"; readonly by: number }
  | { readonly type: "chosen"; readonly choice: PickerChoice }
  | { readonly type: "left" }
  | { readonly type: "found"; readonly found: FoundRows }
  | { readonly type: "failed"; readonly problem: string };

/** What a store takes for a search term. */
const QUERY_MAX_CHARACTERS = 1_000;

const NO_ROWS: FoundRows = { rows: [], isWhole: false, hasOlder: false, missing: 0 };

export const FIRST_PICKER_STATE: PickerState = {
  query: "",
  found: NO_ROWS,
  isCurrent: false,
  selected: 0,
  isBrowsing: false,
  pending: null,
  problem: null,
  outcome: null,
};

/** The state after something happened. Nothing happens any more after the outcome. */
export function nextPickerState(state: PickerState, event: PickerEvent): PickerState {
  if (state.outcome !== null) return state;
  switch (event.type) {
    case "typed":
      return event.text === "r" && state.query === "" && state.isBrowsing
        ? chosen(state, "resume")
        : withQuery(state, state.query + event.text);
    case "erased":
      return withQuery(state, erased(state.query, event.part));
    case "moved":
      return moved(state, event.by);
    case "chosen":
      return chosen(state, event.choice);
    case "left":
      return { ...state, outcome: { type: "leave" } };
    case "found":
      return withRows(state, event.found);
    case "failed":
      return failed(state, event.problem);
  }
}

function failed(state: PickerState, problem: string): PickerState {
  return { ...state, found: { ...NO_ROWS, isWhole: true }, isCurrent: true, selected: 0, pending: null, problem };
}

/** What was found before stays on the screen until something is found. */
function withQuery(state: PickerState, text: string): PickerState {
  const query = [...text].slice(0, QUERY_MAX_CHARACTERS).join("");
  const isSame = query.trim() === state.query.trim();
  return {
    ...state,
    query,
    isCurrent: isSame && state.isCurrent,
    selected: isSame ? state.selected : 0,
    isBrowsing: false,
    pending: null,
    problem: isSame ? state.problem : null,
  };
}

function erased(query: string, part: "character" | "word" | "all"): string {
  if (part === "all") return "";
  return part === "word" ? query.replace(/\S*\s*$/u, "") : [...query].slice(0, -1).join("");
}

function moved(state: PickerState, by: number): PickerState {
  const last = Math.max(state.found.rows.length - 1, 0);
  const selected = Math.min(Math.max(state.selected + by, 0), last);
  return { ...state, selected, isBrowsing: true, pending: null };
}

/** Whoever types and presses Enter at once means the first thread that holds it, and not one that was there before. */
function chosen(state: PickerState, choice: PickerChoice): PickerState {
  const row = state.isCurrent ? state.found.rows[state.selected] : undefined;
  if (row !== undefined) return { ...state, pending: null, outcome: { type: choice, thread: row.thread } };
  return state.isCurrent && state.found.isWhole ? state : { ...state, pending: choice };
}

/** The mark stays on its thread when more are found. */
function withRows(state: PickerState, found: FoundRows): PickerState {
  const marked = state.isCurrent ? state.found.rows[state.selected]?.thread.threadId : undefined;
  const at = found.rows.findIndex(({ thread }) => thread.threadId === marked);
  const next = { ...state, found, isCurrent: true, selected: Math.max(at, 0), problem: null };
  if (state.pending === null) return next;
  return chosen({ ...next, pending: null }, state.pending);
}
