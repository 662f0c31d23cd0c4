import { isThreadStoreError, type StoredTurnItem, type ThreadId, type ThreadStore } from "@threadstore/core";
import { requireThread } from "./find-thread.js";
import { type ApiItemEntry, toApiItemEntry } from "./item-entry.js";
import { invalidRequest } from "./wire-errors.js";

/** The parameters of Codex's `thread/items/read`. */
export interface ApiItemReadParams {
  readonly threadId: ThreadId;
  readonly turnId: string;
  /** 1 to 100. Those of other turns, or of no item, are passed over. */
  readonly itemIds: readonly string[];
}

const IDS_MAX = 100;

/** Answers Codex's `thread/items/read` from any store. @throws `thread_not_found`; `invalid_request` too many ids or none. */
export async function readApiItems(
  store: ThreadStore,
  { threadId, turnId, itemIds }: ApiItemReadParams,
): Promise<{ readonly data: readonly ApiItemEntry[] }> {
  if (itemIds.length < 1 || itemIds.length > IDS_MAX) throw invalidRequest("itemIds must contain 1 to 100 IDs");
  const thread = await requireThread(store, { threadId, problem: "not found" });
  const items = await readItems(store, { threadId: thread.threadId, turnId, itemIds });
  return { data: items.map((item) => toApiItemEntry(item)) };
}

/** All that a store can refuse here is a turn that is not there: it has no items. */
async function readItems(store: ThreadStore, params: ApiItemReadParams): Promise<readonly StoredTurnItem[]> {
  try {
    return await store.readItems(params);
  } catch (error) {
    if (isThreadStoreError(error, "invalid_request")) return [];
    throw error;
  }
}
