import { expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../store/limits.js";
import { decodeOccurrenceCursor, encodeOccurrenceCursor } from "./occurrence-cursor.js";

const threadId = "01900000-0000-7000-8000-000000000001";
const scope = { threadId, searchTerm: "Needle" };

it("a cursor stands for its place, however the term is spelled", () => {
  const place = { ordinal: 12, index: 3 };
  const cursor = encodeOccurrenceCursor(scope, place);
  expect(decodeOccurrenceCursor(scope, cursor)).toStrictEqual(place);
  expect(decodeOccurrenceCursor({ threadId, searchTerm: " nEEDLE" }, cursor)).toStrictEqual(place);
});

it.each([
  ["no cursor", "garbage", "invalid cursor: garbage"],
  ["that of another list", btoa('["o1",1]'), `invalid cursor: ${btoa('["o1",1]')}`],
  [
    "that of another term",
    encodeOccurrenceCursor({ threadId, searchTerm: "hay" }, { ordinal: 1, index: 0 }),
    "invalid cursor: it belongs to another search",
  ],
  [
    "that of another thread",
    encodeOccurrenceCursor({ ...scope, threadId: threadId.replace(/1$/, "2") }, { ordinal: 1, index: 0 }),
    "invalid cursor: it belongs to another search",
  ],
])("%s is refused", (_what, cursor, message) => {
  expect(() => decodeOccurrenceCursor(scope, cursor)).toThrow(message);
});

it("the cursor of the longest term is no longer than cursors may be", () => {
  const searchTerm = "語".repeat(DEFAULT_LIMITS.searchTermMaxCharacters);
  const cursor = encodeOccurrenceCursor({ threadId, searchTerm }, { ordinal: 1e9, index: 1e6 });
  expect(cursor.length).toBeLessThan(DEFAULT_LIMITS.cursorMaxCharacters);
});
