import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instantFromMs } from "../protocol/instant.js";
import { sectionValue, type ThreadPosition } from "../rules/thread-order.js";
import { isThreadStoreError } from "../store/errors.js";
import type { ListThreadsParams } from "../store/params.js";
import { decodeThreadCursor, encodeThreadCursor } from "./cursor-codec.js";

fc.configureGlobal({ seed: 20_261_120, numRuns: 300 });

const ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708";
const OTHER_ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f709";
const POSITION: ThreadPosition = { value: "2026-11-20T10:51:48.248Z", threadId: ID, inclusive: false };

/** Queries that have other rows, or the same rows in another order. */
const QUERIES: readonly ListThreadsParams[] = [
  {},
  { sortKey: "createdAt" },
  { sortKey: "updatedAt" },
  { sources: ["cli"] },
  { sources: ["cli", "exec"] },
  { sources: "all" },
  { modelProviders: [] },
  { modelProviders: null },
  { modelProviders: ["cli"] },
  { cwds: [] },
  { cwds: ["/a", "/b"] },
  { cwds: ["/a,/b"] },
  { archived: true },
  { searchTerm: "" },
  { searchTerm: "{}" },
  { relation: { childrenOf: ID } },
  { relation: { descendantsOf: ID } },
  { relation: { childrenOf: OTHER_ID } },
  { neighbour: {} },
  { neighbour: { sectionId: null } },
  { neighbour: { sectionId: "null" } },
  { neighbour: { projectId: null } },
  { neighbour: { sectionId: "s", sortBySection: true } },
  { neighbour: { excludedThreadIds: [ID] } },
];

describe("a cursor", () => {
  it("stands for its position in every query that it was made for", () => {
    fc.assert(
      fc.property(fc.constantFrom(...QUERIES), positions(), (query, position) => {
        expect(decodeThreadCursor(query, encodeThreadCursor(query, position))).toStrictEqual(position);
      }),
    );
  });

  it("stands for positions of any text, as another store may sort by", () => {
    const values = fc.string({ unit: fc.constantFrom("a", "\0", '"', "ÿ", "Ā", "日", "😀", "\uD83D") });
    fc.assert(
      fc.property(values, fc.uuid(), (value, threadId) => {
        const position = { value, threadId, inclusive: true };
        expect(decodeThreadCursor({}, encodeThreadCursor({}, position))).toStrictEqual(position);
      }),
    );
  });

  it("fits into a URL and is under 300 characters", () => {
    fc.assert(
      fc.property(fc.constantFrom(...QUERIES), positions(), (query, position) => {
        expect(encodeThreadCursor(query, position)).toMatch(/^[A-Za-z0-9_-]{1,299}$/);
      }),
    );
  });

  it("is good for another page size, the other direction and answers as is", () => {
    const cursor = encodeThreadCursor({ searchTerm: "x" }, POSITION);
    const query: ListThreadsParams = { searchTerm: "x", pageSize: 3, sortDirection: "asc", useIndexOnly: true, cursor };
    expect(decodeThreadCursor(query, cursor)).toStrictEqual(POSITION);
    expect(encodeThreadCursor(query, POSITION)).toBe(cursor);
  });

  it("does not depend on the order of a query's fields, or on those spelled out but undefined", () => {
    const cursor = encodeThreadCursor({ archived: true, neighbour: { sectionId: "s", projectId: "p" } }, POSITION);
    const query = {
      neighbour: { projectId: "p", attachedTo: undefined, sectionId: "s" },
      cwds: undefined,
      archived: true,
    };
    expect(decodeThreadCursor(query as unknown as ListThreadsParams, cursor)).toStrictEqual(POSITION);
  });

  it("is refused by every other query", () => {
    const accepting = QUERIES.map((query) => {
      const cursor = encodeThreadCursor(query, POSITION);
      return QUERIES.filter((other) => !isThreadStoreError(failureOf(other, cursor), "invalid_request"));
    });
    expect(accepting).toStrictEqual(QUERIES.map((query) => [query]));
    expect(failureOf({ archived: true }, encodeThreadCursor({}, POSITION))).toMatchObject({
      code: "invalid_request",
      message: "invalid cursor: it belongs to a list with another sort key or other filters",
    });
  });
});

describe("a text that is no cursor", () => {
  const fields = ["t1", "query", POSITION.value, ID, 0];

  it.each([
    ["nothing", ""],
    ["a number", "17"],
    ["a cursor of Codex", `2026-11-20T10:35:06Z|${ID}`],
    ["no base64", "%%%"],
    ["base64 of no JSON", btoa("{")],
    ["another version", btoa(JSON.stringify(["t0", ...fields.slice(1)]))],
    ["too few fields", btoa(JSON.stringify(fields.slice(0, 4)))],
    ["too many fields", btoa(JSON.stringify([...fields, 1]))],
    ["an object", btoa(JSON.stringify({ ...fields, length: 5 }))],
    ["a query that is no text", btoa(JSON.stringify(["t1", 1, POSITION.value, ID, 0]))],
    ["a value that is no text", btoa(JSON.stringify(["t1", "query", 1, ID, 0]))],
    ["an id that is none", btoa(JSON.stringify(["t1", "query", POSITION.value, "nope", 0]))],
    ["an id that is no text", btoa(JSON.stringify(["t1", "query", POSITION.value, null, 0]))],
  ])("is refused: %s", (_what, text) => {
    expect(failureOf({}, text)).toMatchObject({
      code: "invalid_request",
      message: `invalid cursor: ${text.slice(0, 80)}`,
    });
  });

  it("is repeated in the message up to 80 characters", () => {
    expect(failureOf({}, "x".repeat(100))).toMatchObject({ message: `invalid cursor: ${"x".repeat(80)}` });
  });

  it("is refused when the end of a cursor is missing", () => {
    const cursor = encodeThreadCursor({}, POSITION);
    const ends = Array.from(cursor, (_, end) => cursor.slice(0, end));
    expect(ends.filter((text) => !isThreadStoreError(failureOf({}, text), "invalid_request"))).toStrictEqual([]);
  });

  it("is refused, or is a position in this query, whatever stands in it", () => {
    const cursor = encodeThreadCursor({}, POSITION);
    const damaged = fc
      .tuple(fc.nat(cursor.length - 1), fc.string({ maxLength: 3 }))
      .map(([at, text]) => cursor.slice(0, at) + text + cursor.slice(at + 1));
    fc.assert(
      fc.property(fc.oneof(damaged, fc.string(), fc.base64String()), (text) => {
        const failure = failureOf({}, text);
        if (failure !== undefined) expect(isThreadStoreError(failure, "invalid_request")).toBe(true);
      }),
    );
  });
});

function failureOf(query: ListThreadsParams, cursor: string): unknown {
  try {
    decodeThreadCursor(query, cursor);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Positions that lists have: instants or places in a section. */
function positions(): fc.Arbitrary<ThreadPosition> {
  const instants = fc.integer({ min: 0, max: Date.UTC(9999, 11) }).map(instantFromMs);
  const places = fc.maxSafeNat().map(sectionValue);
  return fc.record(
    { value: fc.oneof(instants, places), threadId: fc.uuid(), inclusive: fc.boolean() },
    { noNullPrototype: true },
  );
}
