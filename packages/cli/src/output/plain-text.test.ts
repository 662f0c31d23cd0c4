import { describe, expect, it } from "vitest";
import { plainLines, plainText } from "./plain-text.js";

const ESC = "\u001b";

describe("plain text", () => {
  it.each([
    ["colours", `${ESC}[31mred${ESC}[0m text`, "red text"],
    ["a title for the window", `before${ESC}]0;owned\u0007after`, "beforeafter"],
    ["links", `see ${ESC}]8;;https://a${ESC}\\here${ESC}]8;;${ESC}\\.`, "see here."],
    ["character sets", `${ESC}(0qqq${ESC}(B`, "qqq"],
    ["an 8-bit sequence", "a\u009b31mb", "ab"],
    ["a lone escape", `a${ESC}b`, "a b"],
    ["bells and backspaces", "a\u0007\b\u0000b", "a b"],
    ["directions", "abc\u202e\u2066def", "abc def"],
    ["line breaks", "a\r\nb\nc\u2028d", "a b c d"],
  ])("of one line has no %s", (_what, text, plain) => {
    expect(plainText(text)).toBe(plain);
  });

  it("of several lines keeps breaks and indentation", () => {
    expect(plainLines(`if x:\r\n\treturn ${ESC}[1m1${ESC}[0m  \n    done`)).toBe("if x:\n    return 1\n    done");
  });

  it("keeps what stands beside a sequence that does not end, or before a bell", () => {
    expect([`${ESC}[31mbroken\u0007`, `${ESC}]0;no end`, `${ESC}[31`, `${ESC}[31\u0007m`].map(plainText)).toEqual([
      "broken",
      "]0;no end",
      "[31",
      "[31 m",
    ]);
  });

  it("takes what wrote over itself as lines", () => {
    expect(plainLines("10 %\r50 %\r100 %\n")).toBe("10 %\n50 %\n100 %\n");
  });

  it("never has a control character, whatever the text", () => {
    const every = Array.from({ length: 0x300 }, (_, code) => String.fromCharCode(code)).join("");
    expect(plainLines(every + [...every].reverse().join("")).replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  });
});
