import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isThreadStoreError } from "../store/errors.js";
import { encodeCursorFields } from "./cursor-text.js";
import {
  anchorGone,
  decodeOrdinalCursor,
  encodeOrdinalCursor,
  type OrdinalPosition,
  type OrdinalScope,
} from "./ordinal-cursor.js";

fc.configureGlobal({ seed: 20_261_120, numRuns: 500 });

const ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708";
const OTHER_ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f709";
const POSITION: OrdinalPosition = { ordinal: 7, id: "turn", inclusive: false };

const SCOPES: readonly OrdinalScope[] = [
  { threadId: ID, kind: "turns" },
  { threadId: ID, kind: "items" },
  { threadId: ID, kind: "items", turnId: "a" },
  { threadId: ID, kind: "items", turnId: "b" },
  { threadId: OTHER_ID, kind: "turns" },
  { threadId: OTHER_ID, kind: "items" },
];

describe("a cursor of an ordinal", () => {
  it("stands for its position in the scope that it was made for", () => {
    fc.assert(
      fc.property(fc.constantFrom(...SCOPES), positions(), (scope, position) => {
        expect(decodeOrdinalCursor(scope, encodeOrdinalCursor(scope, position))).toStrictEqual(position);
      }),
    );
  });

  it("is text that fits into an address", () => {
    fc.assert(
      fc.property(fc.constantFrom(...SCOPES), positions(), (scope, position) => {
        expect(encodeOrdinalCursor(scope, position)).toMatch(/^[A-Za-z0-9_-]+$/);
      }),
    );
  });

  it("is refused in every other scope", () => {
    const accepted = SCOPES.map((scope) => {
      const cursor = encodeOrdinalCursor(scope, POSITION);
      return SCOPES.filter((other) => failureOf(other, cursor) === undefined);
    });
    expect(accepted).toStrictEqual(SCOPES.map((scope) => [scope]));
  });

  it("of another scope is told from text that is no cursor", () => {
    const [turns, items] = SCOPES as [OrdinalScope, OrdinalScope];
    const messages = [encodeOrdinalCursor(turns, POSITION), "soon"].map((cursor) => failureOf(items, cursor));
    expect(messages.map((error) => (error as Error).message)).toStrictEqual([
      `invalid cursor: it belongs to turns of thread ${ID}`,
      "invalid cursor: soon",
    ]);
  });

  it("is refused when it is no cursor, and no more than its beginning is repeated", () => {
    const texts = [
      "",
      "soon",
      "{}",
      "x".repeat(1_000),
      encodeCursorFields([]),
      encodeCursorFields(["t1", "turns", ID, "", 7, "turn", 0]),
      encodeCursorFields(["o1", "turns", ID, "", null, null, 0]),
      encodeCursorFields(["o1", "turns", ID, "", "7", 7, 0]),
      encodeCursorFields(["o1"]),
    ];
    const [scope] = SCOPES as [OrdinalScope];
    const failures = texts.map((text) => failureOf(scope, text));
    expect(failures.filter((error) => !isThreadStoreError(error, "invalid_request"))).toStrictEqual([]);
    expect(failures.filter((error) => (error as Error).message.length > 96)).toStrictEqual([]);
  });

  it("is refused whatever text it is, or stands for a position", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const failure = failureOf({ threadId: ID, kind: "turns" }, text);
        expect(isThreadStoreError(failure, "invalid_request")).toBe(true);
      }),
    );
  });

  it("whose anchor is gone is an invalid request that names it", () => {
    const error = anchorGone("t".repeat(100));
    expect(isThreadStoreError(error, "invalid_request")).toBe(true);
    expect(error.message).toBe(`invalid cursor: anchor ${"t".repeat(64)} is no longer present`);
  });
});

function failureOf(scope: OrdinalScope, cursor: string): unknown {
  try {
    decodeOrdinalCursor(scope, cursor);
    return undefined;
  } catch (error) {
    return error;
  }
}

function positions(): fc.Arbitrary<OrdinalPosition> {
  const ordinal = fc.nat(Number.MAX_SAFE_INTEGER);
  const id = fc.string({ unit: "grapheme" });
  const inclusive = fc.boolean();
  return fc.oneof(
    fc.record({ ordinal, id, inclusive }, { noNullPrototype: true }),
    fc.record({ ordinal, inclusive }, { noNullPrototype: true }),
    fc.record({ id, inclusive }, { noNullPrototype: true }),
  );
}
