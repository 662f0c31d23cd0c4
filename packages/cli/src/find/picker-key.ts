import type { Key } from "node:readline";
import type { PickerEvent } from "./picker-state.js";

const PAGE_ROWS = 10;

const NAMED: ReadonlyMap<string, PickerEvent> = new Map<string, PickerEvent>([
  ["up", { type: "moved", by: -1 }],
  ["down", { type: "moved", by: 1 }],
  ["pageup", { type: "moved", by: -PAGE_ROWS }],
  ["pagedown", { type: "moved", by: PAGE_ROWS }],
  ["return", { type: "chosen", choice: "show" }],
  ["enter", { type: "chosen", choice: "show" }],
  ["backspace", { type: "erased", part: "character" }],
  ["escape", { type: "left" }],
]);

const WITH_CONTROL: ReadonlyMap<string, PickerEvent> = new Map<string, PickerEvent>([
  ["p", { type: "moved", by: -1 }],
  ["n", { type: "moved", by: 1 }],
  ["r", { type: "chosen", choice: "resume" }],
  ["h", { type: "erased", part: "character" }],
  ["w", { type: "erased", part: "word" }],
  ["u", { type: "erased", part: "all" }],
  ["c", { type: "left" }],
]);

/** What a key of a terminal, as Node tells it, does in the picker; null for one that does nothing. */
export function eventOfKey(text: string | undefined, { name = "", ctrl, meta }: Key): PickerEvent | null {
  if (ctrl) return WITH_CONTROL.get(name) ?? null;
  // A lone Escape is told as one that was pressed with itself.
  const event = NAMED.get(name);
  if (event !== undefined) return event;
  return meta || text === undefined || /\p{Cc}/u.test(text) ? null : { type: "typed", text };
}
