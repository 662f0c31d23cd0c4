import {
  asJsonObject,
  type JsonObject,
  objectField,
  type StoredItem,
  type ThreadId,
  type ThreadStore,
  textField,
} from "@threadstore/core";

/** What a stored thread's model is told before everything else: its session_meta says it, or that of what it was forked from. */
export async function readInstructions(store: ThreadStore, threadId: ThreadId): Promise<string | undefined> {
  const thread = { threadId, includeArchived: true };
  for await (const { items } of store.readHistory({ ...thread, batchBytes: 1 })) {
    const first = metaOf(items[0]);
    const own = first.id === threadId ? first : await lastMetaOf(store, threadId);
    return instructionsOf(own) ?? instructionsOf(first);
  }
  return undefined;
}

/** A fork by reference begins with the session_meta of its source; its own stands where it left it. */
async function lastMetaOf(store: ThreadStore, threadId: ThreadId): Promise<JsonObject> {
  for await (const { items } of store.readHistory({ threadId, includeArchived: true, direction: "desc" })) {
    const own = items.map(metaOf).find(({ id }) => id === threadId);
    if (own) return own;
  }
  return {};
}

function metaOf(stored: StoredItem | undefined): JsonObject {
  return (stored?.item.type === "session_meta" && asJsonObject(stored.item.payload)) || {};
}

function instructionsOf(meta: JsonObject): string | undefined {
  return textField(objectField(meta, "base_instructions") ?? {}, "text");
}
