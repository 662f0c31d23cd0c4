import type { ListThreadsParams, Page, StoredThread, ThreadStore } from "@threadstore/core";

/** Every thread of a store, active ones first, in pages. */
export async function* everyThread(store: ThreadStore): AsyncGenerator<StoredThread> {
  for (const archived of [false, true]) {
    yield* allRows(store, { sources: "all", modelProviders: [], neighbour: { includeAttached: true }, archived });
  }
}

/** Every row of a list. */
export async function* allRows(store: ThreadStore, query: ListThreadsParams): AsyncGenerator<StoredThread> {
  let cursor: string | null = null;
  do {
    const page: Page<StoredThread> = await store.listThreads({
      ...query,
      pageSize: 1_000,
      ...(cursor === null ? {} : { cursor, useIndexOnly: true }),
    });
    yield* page.data;
    cursor = page.nextCursor;
  } while (cursor !== null);
}
