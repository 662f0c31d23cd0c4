import { describe, expect, it } from "vitest";
import { colorsFor } from "./colors.js";
import { plainText } from "./plain-text.js";
import { highlightParts, type Snippet, snippetParts } from "./snippet-parts.js";

const ESC = "\u001b";

/** A snippet whose matches stand between angle brackets. */
function marked(text: string): Snippet {
  const ranges: [number, number][] = [];
  let plain = "";
  for (const [at, piece] of text.split(/[<>]/).entries()) {
    if (at % 2 === 1) ranges.push([plain.length, plain.length + piece.length]);
    plain += piece;
  }
  return { text: plain, ranges };
}

/** The parts of a snippet in the same form. */
function shown(snippet: Snippet): string {
  return snippetParts(snippet)
    .map(({ text, isMatch }) => (isMatch ? `<${text}>` : text))
    .join("");
}

describe("the parts of a snippet", () => {
  it.each([
    ["plain text", "a <needle> and <another>", "a <needle> and <another>"],
    ["a match at each end", "<a> b <c>", "<a> b <c>"],
    ["no match", "text", "text"],
    ["colours before a match", `${ESC}[31mred${ESC}[0m <needle>`, "red <needle>"],
    ["colours inside a match", `a <nee${ESC}[1mdle> b`, "a <needle> b"],
    ["a match that begins in a sequence", `a${ESC}[<31mneedle> b`, "a<needle> b"],
    ["a match that is nothing but a sequence", `a<${ESC}[31m>b`, "ab"],
    ["line breaks in a match", "a <one\r\n\ttwo> b", "a <one two> b"],
    ["control characters beside a match", "a\u0007\u0007<needle>\u202eb", "a <needle> b"],
    ["a window title", `${ESC}]0;owned\u0007<needle>`, "<needle>"],
  ])("are plain, with %s", (_what, text, expected) => {
    expect(shown(marked(text))).toBe(expected);
  });

  it("are together what the plain text is, ends apart", () => {
    const every = Array.from({ length: 0x300 }, (_, code) => String.fromCharCode(code)).join("");
    const text = every + [...every].reverse().join("");
    for (const ranges of [
      [],
      [[3, 40]],
      [
        [0, 1],
        [27, 28],
        [600, 900],
      ],
    ] as [number, number][][]) {
      const parts = snippetParts({ text, ranges });
      expect(
        parts
          .map((part) => part.text)
          .join("")
          .trim(),
      ).toBe(plainText(text));
    }
  });

  it("stand out where there are colours", () => {
    const parts = snippetParts(marked("a <needle> b"));
    expect(highlightParts(parts, colorsFor({ isTTY: true }, {}))).toBe(
      `a ${ESC}[1m${ESC}[33mneedle${ESC}[39m${ESC}[22m b`,
    );
    expect(highlightParts(parts, colorsFor({}, {}))).toBe("a needle b");
  });
});
