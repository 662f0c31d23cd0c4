import type { ListThreadsParams, ThreadStore } from "@threadstore/core";
import type { Section } from "../case.js";
import { equal, idsOf, rejects } from "../expect.js";
import { threadId, userItem } from "../sample-items.js";
import type { ThreadSketch } from "../sketch.js";

/** Threads of which every three share their instant. */
const SKETCHES: readonly ThreadSketch[] = Array.from({ length: 20 }, (_, at) => ({
  threadId: threadId((at * 7) % 20),
  items: [userItem(`thread ${at}`)],
  afterMs: at % 3 === 0 ? 1_000 : 0,
}));

async function walk(store: ThreadStore, query: ListThreadsParams): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<ThreadStore["listThreads"]>> = await store.listThreads(
      cursor === null ? query : { ...query, cursor },
    );
    ids.push(...idsOf(page));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return ids;
}

export const pagingSection: Section = {
  title: "pages",
  cases: [
    {
      requirement: "PAGE-1",
      title: "any page size gives every row once, in order",
      run: async ({ store, given }) => {
        await given(...SKETCHES);
        for (const sortKey of ["createdAt", "updatedAt", "recencyAt"] as const) {
          for (const sortDirection of ["asc", "desc"] as const) {
            const whole = idsOf(await store.listThreads({ sortKey, sortDirection, pageSize: 100 }));
            equal(whole.length, 20);
            for (const pageSize of [1, 3, 7, 20]) equal(await walk(store, { sortKey, sortDirection, pageSize }), whole);
          }
        }
      },
    },
    {
      requirement: "PAGE-1",
      title: "filters hold from page to page",
      run: async ({ store, given }) => {
        await given(...SKETCHES);
        const searchTerm = "thread 1";
        const whole = idsOf(await store.listThreads({ searchTerm }));
        equal(whole.length, 11);
        equal(await walk(store, { searchTerm, pageSize: 2 }), whole);
      },
    },
    {
      requirement: "PAGE-2",
      title: "backwards from the second page gives its first row again, and what is before it",
      run: async ({ store, given }) => {
        await given(...SKETCHES);
        const whole = idsOf(await store.listThreads({ pageSize: 100 }));
        const first = await store.listThreads({ pageSize: 5 });
        const second = await store.listThreads({ pageSize: 4, cursor: first.nextCursor as string });
        const back = await store.listThreads({
          pageSize: 100,
          sortDirection: "asc",
          cursor: second.backwardsCursor as string,
        });
        equal(idsOf(back), whole.slice(0, 6).reverse());
        const empty = await store.listThreads({ searchTerm: "nothing has this" });
        equal([empty.nextCursor, empty.backwardsCursor], [null, null]);
      },
    },
    {
      requirement: "PAGE-3",
      title: "cursors of other queries, and texts that are none",
      run: async ({ store, given }) => {
        await given(...SKETCHES);
        const cursor = (await store.listThreads({ pageSize: 2 })).nextCursor as string;
        const others: ListThreadsParams[] = [
          { cursor, sortKey: "updatedAt" },
          { cursor, searchTerm: "x" },
          { cursor, archived: true },
          { cursor: "garbage" },
          { cursor: "" },
          { cursor: `${cursor}x` },
        ];
        for (const other of others) await rejects(store.listThreads(other), "invalid_request", /cursor/);
      },
    },
    {
      requirement: "PAGE-4",
      title: "a thread that appears between two pages repeats and hides no other",
      writes: true,
      run: async ({ store, given }) => {
        await given(...SKETCHES);
        const whole = idsOf(await store.listThreads({ pageSize: 100 }));
        const first = await store.listThreads({ pageSize: 5 });
        await given({ threadId: threadId(99) });
        const rest = await walk(store, { pageSize: 5, cursor: first.nextCursor as string });
        equal([...idsOf(first), ...rest], whole);
        const newer = await store.listThreads({ sortDirection: "asc", cursor: first.backwardsCursor as string });
        equal(idsOf(newer), [whole[0], threadId(99)]);
      },
    },
    {
      requirement: "PAGE-5",
      title: "page sizes out of bounds say what was asked and what is allowed",
      run: async ({ store }) => {
        for (const pageSize of [0, -1, 1.5, 1_001, Number.NaN]) {
          await rejects(store.listThreads({ pageSize }), "invalid_request", /pageSize.*1 to 1000/);
        }
      },
    },
  ],
};
