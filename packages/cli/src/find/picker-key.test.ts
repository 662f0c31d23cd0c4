import { describe, expect, it } from "vitest";
import { eventOfKey } from "./picker-key.js";

describe("keys of the picker", () => {
  it.each([
    ["a letter", "a", { name: "a" }, { type: "typed", text: "a" }],
    ["a capital letter", "A", { name: "a", shift: true }, { type: "typed", text: "A" }],
    ["a letter that has no name", "ß", {}, { type: "typed", text: "ß" }],
    ["space", " ", { name: "space" }, { type: "typed", text: " " }],
    ["up", undefined, { name: "up" }, { type: "moved", by: -1 }],
    ["down", undefined, { name: "down" }, { type: "moved", by: 1 }],
    ["Ctrl-P", "\u0010", { name: "p", ctrl: true }, { type: "moved", by: -1 }],
    ["Ctrl-N", "\u000e", { name: "n", ctrl: true }, { type: "moved", by: 1 }],
    ["page down", undefined, { name: "pagedown" }, { type: "moved", by: 10 }],
    ["Enter", "\r", { name: "return" }, { type: "chosen", choice: "show" }],
    ["Ctrl-R", "\u0012", { name: "r", ctrl: true }, { type: "chosen", choice: "resume" }],
    ["backspace", "\u007f", { name: "backspace" }, { type: "erased", part: "character" }],
    ["Ctrl-W", "\u0017", { name: "w", ctrl: true }, { type: "erased", part: "word" }],
    ["Ctrl-U", "\u0015", { name: "u", ctrl: true }, { type: "erased", part: "all" }],
    ["Escape", undefined, { name: "escape", meta: true }, { type: "left" }],
    ["Ctrl-C", "\u0003", { name: "c", ctrl: true }, { type: "left" }],
    ["another one with Control", "\u0001", { name: "a", ctrl: true }, null],
    ["a letter with Alt", "a", { name: "a", meta: true }, null],
    ["a function key", undefined, { name: "f1" }, null],
    ["a control character", "\u0000", {}, null],
  ])("%s", (_what, text, key, event) => {
    expect(eventOfKey(text, key)).toEqual(event);
  });
});
