import { foldText, holdsTerm } from "@threadstore/core/driver";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodeFileSystem } from "../file-system/node-file-system.js";
import { IndexDatabase } from "../index/index-database.js";
import { matchExpression } from "./term-candidates.js";
import { DocumentMaker } from "./text-document.js";

/** An index of documents, each with one text. */
function indexOf(texts: readonly string[]): IndexDatabase {
  const index = new IndexDatabase([{ path: null, prepare: () => {} }], nodeFileSystem);
  for (const [doc, text] of texts.entries()) {
    const made = new DocumentMaker();
    made.add({ start: 0, end: 1, firstLine: 0 }, [text]);
    made.close();
    for (const { words } of made.documents) index.run("INSERT INTO texts (rowid, words) VALUES (?, ?)", doc, words);
    for (const word of made.vocabulary) index.run("INSERT OR IGNORE INTO text_words (word) VALUES (?)", word);
  }
  return index;
}

/** The texts that the index says may hold a folded term; all where it cannot tell. */
function candidates(index: IndexDatabase, texts: readonly string[], term: string): string[] {
  const expression = matchExpression(index, term);
  if (expression === null) return [...texts];
  const rows = index.all("SELECT rowid AS doc FROM texts WHERE texts MATCH ? ORDER BY rowid", expression);
  return rows.map(({ doc }) => texts[Number(doc)] as string);
}

function found(texts: readonly string[], term: string): string[] {
  const index = indexOf(texts);
  try {
    return candidates(index, texts, foldText(term).text.trim());
  } finally {
    index.close();
  }
}

const WORDS = [
  "Haus",
  "Straße",
  "caf",
  "café",
  "日本語",
  "ﬁn",
  "x1",
  "🚀",
  "a-b",
  "it's",
  "ΟΔΟΣ",
  "zq0061",
  "ไทย",
  "AND",
  "near",
];
const word = fc.oneof(
  fc.constantFrom(...WORDS),
  fc.string({ unit: "grapheme", maxLength: 4 }),
  fc.constantFrom("long", "ab").map((part) => part.repeat(40)),
);
const text = fc.array(fc.tuple(word, fc.constantFrom(" ", "", "\n", ". ", "_", '"')), { maxLength: 8 });
const texts = fc.array(
  text.map((parts) => parts.flat().join("")),
  { minLength: 1, maxLength: 6 },
);

describe("the documents that may hold a term", () => {
  it("are all that do, whatever the texts and the term", () => {
    const searched = texts.chain((all) => {
      const place = fc.tuple(fc.nat(all.length - 1), fc.nat(40), fc.integer({ min: 1, max: 12 }));
      const part = place.map(([at, from, length]) => [...(all[at] as string)].slice(from, from + length).join(""));
      return fc.tuple(fc.constant(all), fc.oneof(part, fc.string({ unit: "grapheme", minLength: 1, maxLength: 3 })));
    });
    fc.assert(
      fc.property(searched, ([all, typed]) => {
        const term = foldText(typed).text.trim();
        fc.pre(term !== "");
        const index = indexOf(all);
        const may = candidates(index, all, term);
        index.close();
        for (const one of all) if (holdsTerm(one, term)) expect(may).toContain(one);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ["a word", "house", ["a house", "HOUSES there"]],
    ["the beginning of one", "hou", ["a house", "HOUSES there"]],
    ["the middle of one", "ouse", ["a house", "HOUSES there"]],
    ["a phrase", "a house", ["a house"]],
    ["the end of a word and the beginning of the next", "es th", ["HOUSES there"]],
    ["characters of a script without spaces", "本語", ["日本語"]],
    ["one of them", "語", ["日本語"]],
    ["a letter with a sign", "é", ["un café"]],
    ["a beginning that goes on with other letters", "caf", ["un café"]],
    ["a sign", "🚀", ["off 🚀 now"]],
    ["nothing that is there", "mouse", []],
  ])("for %s are those alone", (_what, term, expected) => {
    const all = ["a house", "HOUSES there", "日本語", "un café", "off 🚀 now", "本 x 語 apart"];
    expect(found(all, term)).toStrictEqual(term === "語" ? ["日本語", "本 x 語 apart"] : expected);
  });

  it("are all where a term is nothing but punctuation", () => {
    expect(found(["a", "b."], "...")).toStrictEqual(["a", "b."]);
  });
});
