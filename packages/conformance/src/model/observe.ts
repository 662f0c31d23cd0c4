import { asJsonObject, type ThreadStore } from "@threadstore/core";
import { comparable, idsOf } from "../expect.js";

/** Everything that readers can see of a store, as plain data. */
export async function observe(store: ThreadStore): Promise<unknown> {
  const lists: unknown[] = [];
  const threads: unknown[] = [];
  for (const archived of [false, true]) {
    for (const sortKey of ["createdAt", "updatedAt", "recencyAt"] as const) {
      lists.push(idsOf(await store.listThreads({ sources: "all", archived, sortKey, pageSize: 100 })));
    }
    const { data } = await store.listThreads({ sources: "all", archived, pageSize: 100 });
    for (const thread of data)
      threads.push({ summary: comparable(thread), history: await historyOf(store, thread.threadId) });
    lists.push(idsOf(await store.listThreads({ archived })));
  }
  const named = await store.findThreadByName({ name: "one", includeArchived: true, sources: "all" });
  return { lists, threads, named: named?.threadId ?? null };
}

async function historyOf(store: ThreadStore, threadId: string): Promise<unknown> {
  const { items } = await store.loadHistory({ threadId, includeArchived: true });
  return items.map(({ ordinal, timestamp, json, item }) => ({
    ordinal,
    timestamp,
    json: item.type === "session_meta" ? withoutBase(item.payload) : json,
  }));
}

/** Where an inherited prefix lies is a store's own affair; what it holds is seen in the history. */
function withoutBase(payload: unknown): unknown {
  const { history_base: _base, ...meta } = asJsonObject(payload) ?? {};
  return meta;
}
