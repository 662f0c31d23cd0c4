import { describe, expect, it } from "vitest";
import { findMatches } from "./find-matches.js";
import { lineSnippet, snippetOf } from "./snippet.js";

const LONG = `${"x".repeat(200)} needle ${"y".repeat(200)} needle ${"z".repeat(300)}`;

function pieces({ text, ranges }: { text: string; ranges: readonly (readonly [number, number])[] }): string[] {
  return ranges.map(([from, to]) => text.slice(from, to));
}

describe("a snippet", () => {
  it("of a short text is the text", () => {
    expect(lineSnippet("a\n  needle\there ", "needle")).toStrictEqual({ text: "a needle here", ranges: [[2, 8]] });
  });

  it("has 49 characters before the match and 96 after it, as Codex cuts them", () => {
    const text = `... ${"x".repeat(48)} needle ${"y".repeat(95)} ...`;
    expect(lineSnippet(LONG, "needle")).toStrictEqual({ text, ranges: [[53, 59]] });
  });

  it("shows the other matches that are in it", () => {
    const snippet = lineSnippet(`one ${"x".repeat(100)} one ${"x".repeat(40)} one`, "one");
    expect(snippet && pieces(snippet)).toStrictEqual(["one"]);
    const near = lineSnippet("one two one", "one");
    expect(near && pieces(near)).toStrictEqual(["one", "one"]);
  });

  it("keeps the text as it was written where that is asked for", () => {
    const text = "a\n  needle\there ";
    expect(snippetOf(text, findMatches(text, "needle"))).toStrictEqual({ text, ranges: [[4, 10]] });
  });

  it("counts characters, and never cuts one in two", () => {
    const text = `${"👩".repeat(60)}needle${"👧".repeat(100)}`;
    const { text: cut } = snippetOf(text, findMatches(text, "needle"));
    expect(cut).toBe(`... ${"👩".repeat(49)}needle${"👧".repeat(96)} ...`);
  });

  it("on one line is not cut beside a space", () => {
    const text = `${"x ".repeat(60)}needle${" y".repeat(60)}`;
    expect(lineSnippet(text, "needle")?.text).toBe(`... ${"x ".repeat(24)}needle${" y".repeat(48)} ...`);
    expect(lineSnippet(`needle${"y ".repeat(60)}`, "needle")?.text).toBe(`needle${"y ".repeat(48).trim()} ...`);
  });

  it("of a text without the term is none", () => {
    expect(lineSnippet("hay", "needle")).toBeNull();
  });
});
