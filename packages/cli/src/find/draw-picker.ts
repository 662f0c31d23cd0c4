import type { Colors } from "../output/colors.js";
import { plainText } from "../output/plain-text.js";
import { relativeTime } from "../output/relative-time.js";
import { shorten } from "../output/shorten.js";
import { highlightParts, type SnippetPart, snippetParts } from "../output/snippet-parts.js";
import { titleOf } from "../output/thread-table.js";
import type { PickerRow, PickerState } from "./picker-state.js";

export interface DrawPickerOptions {
  readonly colors: Colors;
  readonly nowMs: number;
  readonly width: number;
  readonly height: number;
}

/** What stands on the screen. */
export interface PickerFrame {
  /** The first line, behind which the cursor stands. */
  readonly prompt: string;
  /** The lines below it. */
  readonly lines: readonly string[];
}

/** With fewer lines there is room for the prompt and threads only. */
const HEIGHT_WITH_FOOTER = 3;
const ID_CHARACTERS = 13;
const AGE_CHARACTERS = 4;
const PROMPT = "> ";
/** Not less than titleOf needs for its own words with their colour. */
const TITLE_MIN_CHARACTERS = 30;
/** How much of its line a title has beside a snippet. */
const TITLE_SHARE = 0.4;
/** What stands before the first match of a snippet that shares its line. */
const LEAD_MAX_CHARACTERS = 16;

/** A state of the picker as lines of a terminal; none is longer than it is wide, as far as each character takes one column. */
export function drawPicker(state: PickerState, options: DrawPickerOptions): PickerFrame {
  const { width, height } = options;
  const hasFooter = height >= HEIGHT_WITH_FOOTER;
  const rowsMax = Math.max(height - (hasFooter ? 2 : 1), 0);
  const { rows } = state.found;
  const top = Math.max(Math.min(state.selected - Math.floor(rowsMax / 2), rows.length - rowsMax), 0);
  const shown = rows
    .slice(top, top + rowsMax)
    .map((row, at) => drawRow(row, { ...options, isMarked: top + at === state.selected }));
  const empty = Array.from({ length: rowsMax - shown.length }, () => "");
  return {
    prompt: `${PROMPT}${endOf(state.query, width - PROMPT.length - 1)}`,
    lines: [...shown, ...empty, ...(hasFooter ? [drawFooter(state, options)] : [])],
  };
}

function drawRow({ thread, snippet }: PickerRow, options: DrawPickerOptions & { readonly isMarked: boolean }): string {
  const { colors, nowMs, width, isMarked } = options;
  const id = thread.threadId.slice(0, ID_CHARACTERS);
  const age = relativeTime(thread.updatedAt, nowMs).padEnd(AGE_CHARACTERS);
  const room = width - `▶ ${id} ${age} `.length;
  const parts = snippet === undefined ? [] : snippetParts(snippet);
  const titleMax = parts.length === 0 ? room : Math.floor(room * TITLE_SHARE);
  const title = shorten(titleOf(thread), Math.max(titleMax, TITLE_MIN_CHARACTERS));
  const line = `${isMarked ? colors.green("▶") : " "} ${colors.cyan(id)} ${age} ${isMarked ? colors.bold(title) : title}`;
  const place = highlightParts(cutParts(parts, room - title.length - 2), colors);
  return place === "" ? line : `${line}  ${place}`;
}

/** A part of a snippet that shows the first match, and no more characters than there is room for. */
function cutParts(parts: readonly SnippetPart[], charactersMax: number): SnippetPart[] {
  const cut: SnippetPart[] = [];
  let room = charactersMax;
  for (const [at, part] of parts.entries()) {
    const isLead = at === 0 && !part.isMatch && parts.length > 1;
    const text = shorten(isLead ? endOf(part.text, LEAD_MAX_CHARACTERS) : part.text, Math.max(room, 1));
    if (room < 1) break;
    cut.push({ ...part, text });
    room -= text.length;
  }
  return cut;
}

function drawFooter({ found, problem, isCurrent }: PickerState, { colors, width }: DrawPickerOptions): string {
  if (problem !== null) return colors.red(shorten(plainText(problem), width));
  const count = `${found.rows.length}${found.hasOlder ? " newest" : ""} ${found.rows.length === 1 ? "thread" : "threads"}`;
  const facts = [
    isCurrent && found.isWhole ? count : "looking …",
    found.missing > 0 ? `${found.missing} not indexed yet` : "",
    "enter: show",
    "ctrl-r: how to resume",
    "esc: leave",
  ];
  return colors.dim(shorten(facts.filter(Boolean).join(" · "), width));
}

/** The end of a text, where what is being typed is. */
function endOf(text: string, charactersMax: number): string {
  const characters = [...text];
  if (characters.length <= charactersMax) return text;
  return `…${characters.slice(characters.length - Math.max(charactersMax - 1, 0)).join("")}`;
}
