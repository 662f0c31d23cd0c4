import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isThreadStoreError } from "../store/errors.js";
import type { SortDirection } from "../store/params.js";
import type { Page } from "../store/records.js";
import { encodeOrdinalCursor, type OrdinalScope } from "./ordinal-cursor.js";
import { cutPage, isAtOrBeyond, type OrdinalPlace, pageOf } from "./ordinal-pages.js";

fc.configureGlobal({ seed: 20_261_120, numRuns: 500 });

const SCOPE: OrdinalScope = { threadId: "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708", kind: "turns" };
const DIRECTIONS = ["asc", "desc"] as const;
const ROWS = [row(2, "b"), row(0, "z"), row(2, "a"), row(5, "c")];
const ASCENDING = [row(0, "z"), row(2, "a"), row(2, "b"), row(5, "c")];

describe("a page", () => {
  it("has the rows by ordinal, those of one ordinal by id, in either direction", () => {
    expect(page({ pageSize: 9 }).data).toStrictEqual(ASCENDING);
    expect(page({ pageSize: 9, direction: "desc" }).data).toStrictEqual(ASCENDING.toReversed());
  });

  it("leaves the rows it is of as they were", () => {
    const rows = [...ROWS];
    pageOf(rows, { scope: SCOPE, pageSize: 9, direction: "desc", placeOf });
    expect(rows).toStrictEqual(ROWS);
  });

  it("has a cursor to what follows it, and one to its first row", () => {
    expect(page({ pageSize: 3 })).toStrictEqual({
      data: ASCENDING.slice(0, 3),
      nextCursor: encodeOrdinalCursor(SCOPE, { ordinal: 2, id: "b", inclusive: false }),
      backwardsCursor: encodeOrdinalCursor(SCOPE, { ordinal: 0, id: "z", inclusive: true }),
    });
  });

  it("that nothing follows has no next cursor", () => {
    expect(page({ pageSize: 4 }).nextCursor).toBeNull();
  });

  it("of no rows has no cursors", () => {
    const nothing = { data: [], nextCursor: null, backwardsCursor: null };
    expect(pageOf([], { scope: SCOPE, pageSize: 3, direction: "asc", placeOf })).toStrictEqual(nothing);
    const cursor = encodeOrdinalCursor(SCOPE, { ordinal: 5, id: "c", inclusive: false });
    expect(page({ pageSize: 3, cursor })).toStrictEqual(nothing);
  });

  it("after an ordinal has none of its rows, one from it on has all of them, in either direction", () => {
    const idsFrom = (direction: SortDirection, inclusive: boolean) => {
      const cursor = encodeOrdinalCursor(SCOPE, { ordinal: 2, inclusive });
      return page({ pageSize: 9, direction, cursor }).data.map(({ id }) => id);
    };
    expect(DIRECTIONS.map((direction) => [idsFrom(direction, false), idsFrom(direction, true)])).toStrictEqual([
      [["c"], ["a", "b", "c"]],
      [["z"], ["b", "a", "z"]],
    ]);
  });

  it("from an id on is from the row that has it", () => {
    const cursor = encodeOrdinalCursor(SCOPE, { id: "b", inclusive: true });
    expect(DIRECTIONS.map((direction) => page({ pageSize: 9, direction, cursor }).data)).toStrictEqual([
      ASCENDING.slice(2),
      ASCENDING.slice(0, 3).toReversed(),
    ]);
  });

  it("from an id that no row has is refused", () => {
    const cursor = encodeOrdinalCursor(SCOPE, { id: "gone", inclusive: false });
    const failures = [ROWS, []].map((rows) => failureOf(() => pageOf(rows, { ...QUERY, cursor })));
    expect(failures.map((error) => isThreadStoreError(error, "invalid_request"))).toStrictEqual([true, true]);
  });

  it("from a row that is gone goes on where it stood", () => {
    const cursor = encodeOrdinalCursor(SCOPE, { ordinal: 2, id: "aa", inclusive: true });
    expect(DIRECTIONS.map((direction) => page({ pageSize: 9, direction, cursor }).data)).toStrictEqual([
      ASCENDING.slice(2),
      ASCENDING.slice(0, 2).toReversed(),
    ]);
  });

  it("of another list is refused", () => {
    const cursor = encodeOrdinalCursor({ ...SCOPE, kind: "items" }, { ordinal: 2, id: "a", inclusive: false });
    expect(
      isThreadStoreError(
        failureOf(() => page({ pageSize: 9, cursor })),
        "invalid_request",
      ),
    ).toBe(true);
  });

  it("after the other gives every row once, in order", () => {
    fc.assert(
      fc.property(
        rowLists(),
        fc.constantFrom(...DIRECTIONS),
        fc.integer({ min: 1, max: 5 }),
        (rows, direction, pageSize) => {
          const query = { scope: SCOPE, pageSize, direction, placeOf };
          const pages = [...pagesOf(rows, query)];
          expect(pages.flatMap(({ data }) => data)).toStrictEqual(
            pageOf(rows, { ...query, pageSize: rows.length + 1 }).data,
          );
          for (const { data } of pages.slice(0, -1)) expect(data.length).toBe(pageSize);
        },
      ),
    );
  });

  it("read backwards from its first row begins with that row, and gives those before it", () => {
    fc.assert(
      fc.property(
        rowLists(),
        fc.constantFrom(...DIRECTIONS),
        fc.integer({ min: 1, max: 5 }),
        (rows, direction, pageSize) => {
          const opposite: SortDirection = direction === "asc" ? "desc" : "asc";
          const all = pageOf(rows, { scope: SCOPE, pageSize: rows.length + 1, direction, placeOf }).data;
          for (const { data, backwardsCursor } of pagesOf(rows, { scope: SCOPE, pageSize, direction, placeOf })) {
            if (data[0] === undefined || backwardsCursor === null) continue;
            const query = {
              scope: SCOPE,
              pageSize: rows.length + 1,
              direction: opposite,
              placeOf,
              cursor: backwardsCursor,
            };
            expect(pageOf(rows, query).data).toStrictEqual(all.slice(0, all.indexOf(data[0]) + 1).toReversed());
          }
        },
      ),
    );
  });
});

describe("a page that was read elsewhere", () => {
  it("has the cursors of its rows", () => {
    const data = ASCENDING.slice(1, 3);
    const [first, last] = [
      encodeOrdinalCursor(SCOPE, { ordinal: 2, id: "a", inclusive: true }),
      encodeOrdinalCursor(SCOPE, { ordinal: 2, id: "b", inclusive: false }),
    ];
    expect([true, false].map((hasMore) => cutPage(data, { scope: SCOPE, placeOf, hasMore }))).toStrictEqual([
      { data, nextCursor: last, backwardsCursor: first },
      { data, nextCursor: null, backwardsCursor: first },
    ]);
  });
});

describe("whether a row is at an anchor or beyond", () => {
  it("of an ordinal alone goes by the ordinal", () => {
    const at = (ordinal: number, inclusive: boolean, direction: SortDirection) =>
      isAtOrBeyond({ ordinal, id: "x" }, { ordinal: 2, inclusive }, direction);
    expect([1, 2, 3].map((ordinal) => DIRECTIONS.map((direction) => at(ordinal, true, direction)))).toStrictEqual([
      [false, true],
      [true, true],
      [true, false],
    ]);
    expect(DIRECTIONS.map((direction) => at(2, false, direction))).toStrictEqual([false, false]);
  });

  it("of an ordinal and an id goes by both", () => {
    const at = (id: string, direction: SortDirection) =>
      isAtOrBeyond({ ordinal: 2, id }, { ordinal: 2, id: "b", inclusive: false }, direction);
    expect(["a", "b", "c"].map((id) => DIRECTIONS.map((direction) => at(id, direction)))).toStrictEqual([
      [false, true],
      [false, false],
      [true, false],
    ]);
  });
});

const QUERY = { scope: SCOPE, pageSize: 9, direction: "asc", placeOf } as const;

function row(ordinal: number, id: string): OrdinalPlace {
  return { ordinal, id };
}

function placeOf(place: OrdinalPlace): OrdinalPlace {
  return place;
}

interface Asked {
  readonly pageSize: number;
  readonly direction?: SortDirection;
  readonly cursor?: string;
}

function page(asked: Asked): Page<OrdinalPlace> {
  return pageOf(ROWS, { ...QUERY, ...asked });
}

function* pagesOf(rows: readonly OrdinalPlace[], query: Parameters<typeof pageOf<OrdinalPlace>>[1]) {
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const found: Page<OrdinalPlace> = pageOf(rows, { ...query, ...(cursor === undefined ? {} : { cursor }) });
    yield found;
    cursor = found.nextCursor;
  }
}

function failureOf(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Rows of which several have one ordinal, in any order. */
function rowLists(): fc.Arbitrary<readonly OrdinalPlace[]> {
  const place = fc.record(
    { ordinal: fc.nat(4), id: fc.constantFrom("a", "b", "c", "d", "é", "日") },
    { noNullPrototype: true },
  );
  return fc.uniqueArray(place, { maxLength: 12, selector: ({ ordinal, id }) => `${ordinal}/${id}` });
}
