import type { StoredItem, ThreadId, ThreadStore } from "@threadstore/core";
import { asJsonObject } from "@threadstore/core";
import type { SeedThread } from "./harness.js";

/** All threads of a store as a foreign writer would leave them. Threads that were reverted are not exported. */
export async function exportThreads(store: ThreadStore): Promise<SeedThread[]> {
  const seeds: SeedThread[] = [];
  for (const archived of [false, true]) {
    const page = await store.listThreads({ sources: "all", archived, pageSize: 1_000, sortDirection: "asc" });
    for (const { threadId, historyMode, name } of page.data) {
      const history = await store.loadHistory({ threadId, includeArchived: true });
      const items = history.items.slice(ownStart(history.items, threadId));
      seeds.push({ threadId, historyMode, items, isArchived: archived, ...(name === undefined ? {} : { name }) });
    }
  }
  return seeds;
}

/** Where a thread's own items begin: with the session_meta that bears its id. */
function ownStart(items: readonly StoredItem[], threadId: ThreadId): number {
  return items.findIndex(({ item }) => item.type === "session_meta" && asJsonObject(item.payload)?.id === threadId);
}
