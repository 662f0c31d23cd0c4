import { encodeThreadCursor, instantFromMs, type ListThreadsParams, SOURCE_KINDS } from "@threadstore/core";
import { defineThreadStore, type ThreadListQuery, type ThreadStoreDriver } from "@threadstore/core/driver";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { listParams } from "./list-params.js";

fc.configureGlobal({ seed: 20_261_121, numRuns: 150 });

describe("the arguments of a query", () => {
  it("make the same query again, whatever the defaults of the other store are", async () => {
    await fc.assert(
      fc.asyncProperty(lists(), async (params) => {
        const query = await queryOf(params);
        expect(await queryOf(sent(listParams(query)), OTHER_STORE)).toStrictEqual(query);
      }),
    );
  });

  it("of a list that names nothing are those of the store that is asked", async () => {
    expect(listParams(await queryOf({}))).toStrictEqual({
      pageSize: 25,
      sources: ["cli", "vscode"],
      modelProviders: [],
      archived: false,
      useIndexOnly: false,
      sortDirection: "desc",
      sortKey: "createdAt",
    });
  });

  it("name no sort key in a section, whose position it is sorted by", async () => {
    const neighbour = { sectionId: "s", sortBySection: true };
    const { sortKey, neighbour: told } = listParams(await queryOf({ neighbour, sortKey: "updatedAt" }));
    expect([sortKey, told]).toStrictEqual([undefined, neighbour]);
  });
});

const OTHER_STORE = {
  limits: { pageDefaultItems: 7 },
  defaults: { sources: ["exec"], modelProviders: ["another"] },
} as const;

/** The query that the driver of a store is given for a list. */
async function queryOf(
  params: ListThreadsParams,
  options: Parameters<typeof defineThreadStore>[1] = {},
): Promise<ThreadListQuery> {
  const queries: ThreadListQuery[] = [];
  const driver: Partial<ThreadStoreDriver> = {
    listThreads: async (query) => {
      queries.push(query);
      return { threads: [], more: false };
    },
  };
  await defineThreadStore(driver as ThreadStoreDriver, options).listThreads(params);
  return queries[0] as ThreadListQuery;
}

/** As it comes out of JSON on the other side. */
function sent(params: ListThreadsParams): ListThreadsParams {
  return JSON.parse(JSON.stringify(params)) as ListThreadsParams;
}

function lists(): fc.Arbitrary<ListThreadsParams> {
  const texts = fc.array(fc.string({ unit: "grapheme", maxLength: 5 }), { maxLength: 3 });
  const query = fc.record(
    {
      pageSize: fc.integer({ min: 1, max: 1_000 }),
      sortKey: fc.constantFrom("createdAt" as const, "updatedAt" as const, "recencyAt" as const),
      sortDirection: fc.constantFrom("asc" as const, "desc" as const),
      sources: fc.oneof(fc.constant("all" as const), fc.subarray([...SOURCE_KINDS])),
      modelProviders: fc.option(texts),
      cwds: texts,
      archived: fc.boolean(),
      searchTerm: fc.string({ unit: "grapheme", maxLength: 5 }),
      relation: fc.oneof(fc.record({ childrenOf: fc.uuid() }), fc.record({ descendantsOf: fc.uuid() })),
      useIndexOnly: fc.boolean(),
      neighbour: neighbours(),
    },
    { requiredKeys: [] },
  );
  const position = fc.record({
    value: fc.date({ min: new Date(0), max: new Date("9999-12-31"), noInvalidDate: true }).map((date) => {
      return instantFromMs(date.getTime());
    }),
    threadId: fc.uuid(),
    inclusive: fc.boolean(),
  });
  return fc.tuple(query, fc.option(position)).map(([params, at]) => {
    return at === null ? params : { ...params, cursor: encodeThreadCursor(params, at) };
  });
}

function neighbours() {
  const filters = {
    projectId: fc.option(fc.string()),
    attachedTo: fc.uuid(),
    includeAttached: fc.boolean(),
    excludedThreadIds: fc.array(fc.uuid(), { maxLength: 2 }),
  };
  return fc.oneof(
    fc.record({ ...filters, sectionId: fc.option(fc.string()) }, { requiredKeys: [] }),
    fc.record(
      { ...filters, sectionId: fc.string(), sortBySection: fc.boolean() },
      { requiredKeys: ["sectionId", "sortBySection"] },
    ),
  );
}
