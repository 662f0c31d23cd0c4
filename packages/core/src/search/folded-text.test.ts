import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findMatches, holdsTerm } from "./find-matches.js";
import { foldText } from "./folded-text.js";
import { foldTerm } from "./search-term.js";

/** The matches of a term as it was typed, as pieces of the text. */
function matched(text: string, term: string): string[] {
  return findMatches(text, foldTerm(term)).map(([from, to]) => text.slice(from, to));
}

describe("folding", () => {
  it.each([
    ["plain text", "Hello World", "hello world"],
    ["letters that fold to several", "STRASSE Straße ﬁn ŉ", "strasse strasse fin ʼn"],
    ["sigma at the end of a word", "ΟΔΟΣ οδος", "οδοσ οδοσ"],
    ["white space of every kind", "a\t\n\r\u00a0\u2028 b", "a b"],
    ["NUL", "a\0b", "a\ufffdb"],
    ["half a surrogate pair", "a\ud83db", "a\ud83db"],
  ])("of %s", (_what, text, folded) => {
    expect(foldText(text).text).toBe(folded);
  });

  it("of a term leaves out white space at its ends", () => {
    expect(["  A  b \n", " ", ""].map(foldTerm)).toStrictEqual(["a b", "", ""]);
  });

  it("is the same when it is done twice", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const { text: folded } = foldText(text);
        expect(foldText(folded).text).toBe(folded);
      }),
    );
  });
});

describe("matches", () => {
  it.each([
    ["in another case", "Hello HELLO", "hello", ["Hello", "HELLO"]],
    ["whole characters where one folds to several", "ﬁn and Straße", "i", ["ﬁ"]],
    ["over several characters", "ﬁn and Straße", "SSE", ["ße"]],
    ["over white space", "a \n\t b", "A B", ["a \n\t b"]],
    ["characters beside the first plane", "👩‍👩‍👧 and 👩", "👩", ["👩", "👩", "👩"]],
    ["without overlaps", "aaaa", "aa", ["aa", "aa"]],
    ["nowhere", "abc", "d", []],
  ])("stand %s", (_where, text, term, pieces) => {
    expect(matched(text, term)).toStrictEqual(pieces);
  });

  it("are where the term was put, and fold to it", () => {
    const text = fc.string({ unit: "binary", maxLength: 20 });
    const term = fc.string({ unit: "grapheme", minLength: 1, maxLength: 5 }).filter((one) => foldTerm(one) !== "");
    fc.assert(
      fc.property(text, term, text, (before, put, after) => {
        const whole = `${before}${put}${after}`;
        const folded = foldTerm(put);
        expect(holdsTerm(whole, folded)).toBe(true);
        for (const piece of matched(whole, put)) expect(foldText(piece).text).toContain(folded);
      }),
    );
  });
});
