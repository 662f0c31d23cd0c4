import { describe, expect, it } from "vitest";
import { event, storeWith, THREAD_ID, turnEnd, turnStart, wholeTurn } from "../test/support/written-threads.js";
import { type ApiOccurrenceSearchParams, searchApiOccurrences } from "./occurrence-search.js";
import { listApiTurns } from "./turn-list.js";

const threadId = THREAD_ID;
const OTHER = "01900000-0000-7000-8000-000000000009";

describe("the places of a term in a thread", () => {
  it("come with a cursor of their turn, however many turns there are", async () => {
    const turns = Array.from({ length: 70 }, (_, at) =>
      wholeTurn(`turn-${at}`, [at % 3 === 0 ? `hay ${at}` : `n ${at}`]),
    );
    const store = await storeWith("paginated", turns.flat());
    const { data } = await searchApiOccurrences(store, { threadId, searchTerm: "hay" });
    expect(data.map(({ turnId }) => turnId)).toEqual(Array.from({ length: 24 }, (_, at) => `turn-${3 * at}`));
    for (const { turnId, turnCursor: cursor } of data) {
      const page = await listApiTurns(store, { threadId, cursor, limit: 1 });
      expect(page.data.map(({ id }) => id)).toEqual([turnId]);
      expect(page.backwardsCursor).toBe(cursor);
    }
  });

  it("are there in legacy and archived threads too", async () => {
    const items = [turnStart("t"), event("user_message", { message: "Hay hay" }), turnEnd("t")];
    const store = await storeWith("legacy", items);
    await store.shutdownThread(threadId);
    await store.archiveThread({ threadId });
    const place = {
      turnId: "t",
      itemId: "item-1",
      snippet: "Hay hay",
      turnCursor: '{"turnId":"t","includeAnchor":true}',
    };
    expect(await searchApiOccurrences(store, { threadId, searchTerm: "hay" })).toEqual({
      data: [
        { ...place, snippetMatchRange: { start: 0, end: 3 } },
        { ...place, snippetMatchRange: { start: 4, end: 7 } },
      ],
      nextCursor: null,
    });
  });

  it.each([
    [undefined, 50],
    [null, 50],
    [0, 1],
    [7, 7],
    [251, 250],
  ])("come page by page, with a limit of %j %i at a time", async (limit, count) => {
    const store = await storeWith("paginated", wholeTurn("t", ["hay ".repeat(150), "straw", "hay ".repeat(151)]));
    const params = { threadId, searchTerm: "Hay", ...(limit === undefined ? {} : { limit }) };
    const first = await searchApiOccurrences(store, params);
    expect(first.data.length).toBe(count);
    const [nextRolloutOrdinal, nextOccurrenceIndex] = count < 150 ? [2, count] : [4, count - 150];
    const cursor = JSON.stringify({ threadId, searchTerm: "Hay", nextRolloutOrdinal, nextOccurrenceIndex });
    expect(first.nextCursor).toBe(cursor);
    const rest = await searchApiOccurrences(store, { threadId, searchTerm: "Hay", cursor, limit: 250 });
    const whole = [...first.data, ...rest.data].map(({ itemId }) => itemId.length);
    const expected = [...Array(150).fill(600), ...Array(151).fill(604)].slice(0, count + 250);
    expect(whole).toEqual(expected);
  });
});

describe("a search for places", () => {
  const fields = { threadId, searchTerm: "hay", nextRolloutOrdinal: 2, nextOccurrenceIndex: 0 };

  const refusals: readonly (readonly [Partial<ApiOccurrenceSearchParams>, string])[] = [
    [{}, "Invalid request: missing field `searchTerm`"],
    [{ searchTerm: " " }, "thread/searchOccurrences requires a non-empty searchTerm"],
    [{ searchTerm: "", threadId: OTHER }, "thread/searchOccurrences requires a non-empty searchTerm"],
    ...[
      "",
      "null",
      JSON.stringify({ ...fields, threadId: OTHER }),
      JSON.stringify({ ...fields, searchTerm: "straw" }),
      JSON.stringify({ ...fields, nextRolloutOrdinal: -1 }),
      JSON.stringify({ ...fields, nextOccurrenceIndex: "0" }),
    ].map((cursor) => [{ searchTerm: "hay", cursor }, `invalid cursor: ${cursor}`] as const),
  ];

  it.each(refusals)("is refused with %j", async (params, message) => {
    const store = await storeWith("paginated", wholeTurn("t", ["hay"]));
    const refused = searchApiOccurrences(store, { threadId, ...params } as ApiOccurrenceSearchParams);
    await expect(refused).rejects.toMatchObject({ code: "invalid_request", message });
  });

  it("goes on with the next place where there is none any more", async () => {
    const store = await storeWith("paginated", wholeTurn("t", ["hay", "straw", "more hay"]));
    const cursor = JSON.stringify({ ...fields, nextOccurrenceIndex: 5 });
    const { data } = await searchApiOccurrences(store, { threadId, searchTerm: "hay", cursor });
    expect(data.map(({ itemId }) => itemId)).toEqual(["more hay"]);
  });

  it("in an unknown thread finds no thread", async () => {
    const store = await storeWith("paginated", []);
    const refusal = { code: "thread_not_found", threadId: OTHER, message: `thread not found: ${OTHER}` };
    await expect(searchApiOccurrences(store, { threadId: OTHER, searchTerm: "hay" })).rejects.toMatchObject(refusal);
  });
});
