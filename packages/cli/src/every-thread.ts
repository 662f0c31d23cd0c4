import type { ListThreadsParams, Page, StoredThread, ThreadStore } from "@threadstore/core";

/**
 * Every thread of a store, active ones first, in pages. The first page is up to date, unless `useIndexOnly`; the others
 * go on from what it saw.
 */
export async function* everyThread(
  store: ThreadStore,
  { useIndexOnly = false }: Pick<ListThreadsParams, "useIndexOnly"> = {},
): AsyncGenerator<StoredThread> {
  let query: ListThreadsParams = { ...EVERYTHING, useIndexOnly };
  for (const archived of [false, true]) {
    let cursor: string | null = null;
    do {
      const page: Page<StoredThread> = await store.listThreads({ ...query, archived, ...(cursor ? { cursor } : {}) });
      yield* page.data;
      cursor = page.nextCursor;
      query = { ...EVERYTHING, useIndexOnly: true };
    } while (cursor !== null);
  }
}

const EVERYTHING: ListThreadsParams = {
  sources: "all",
  modelProviders: [],
  neighbour: { includeAttached: true },
  pageSize: 1_000,
};
