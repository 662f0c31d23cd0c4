import { describe, expect, it } from "vitest";
import { boundedOutput } from "./bounded-output.js";

const LONE_HALF = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

describe("boundedOutput", () => {
  it("leaves a text that has room as it is", () => {
    expect([boundedOutput("", 0), boundedOutput("abcd", 4)]).toStrictEqual(["", "abcd"]);
  });

  it("keeps the beginning and the end of a longer one, and tells how much was left out", () => {
    expect(boundedOutput("abcdefghij", 4)).toBe("ab\n[… 6 characters were left out …]\nij");
  });

  it.each([0, 1])("keeps nothing of a longer one at a limit of %d", (maxCharacters) => {
    expect(boundedOutput("abc", maxCharacters)).toBe("\n[… 3 characters were left out …]\n");
  });

  it("never cuts within a character, and counts what it leaves out of one", () => {
    const text = "😀".repeat(50);
    for (let maxCharacters = 0; maxCharacters < text.length; maxCharacters += 1) {
      const bounded = boundedOutput(text, maxCharacters);
      expect(bounded).not.toMatch(LONE_HALF);
      const [head, note, tail] = bounded.split("\n") as [string, string, string];
      expect(head.length + tail.length + Number(note.match(/\d+/))).toBe(text.length);
    }
  });
});
