import { describe, expect, it } from "vitest";
import { pageNotes } from "./page-notes.js";

describe("the notes of a page", () => {
  it.each([
    ["nothing, where all was looked through", { data: ["a hit"] }, []],
    ["that nothing was found", { data: [] }, ["nothing found"]],
    [
      "how many threads were left out",
      { data: ["a hit"], missing: 1_200 },
      ["1200 threads are not indexed yet and were left out; --complete looks through them"],
    ],
    [
      "both",
      { data: [], missing: 1 },
      ["nothing found", "1 thread is not indexed yet and was left out; --complete looks through them"],
    ],
  ])("say %s", (_what, page, notes) => {
    expect(pageNotes(page)).toEqual(notes);
  });
});
