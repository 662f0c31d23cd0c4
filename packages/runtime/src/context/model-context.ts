import type { LoadHistoryParams, ResponseItem, StoredItem, ThreadStore, TurnContext } from "@threadstore/core";
import { type ContextFold, foldIntoContext, replacesHistory, takesBack } from "./context-fold.js";
import { pairCalls } from "./paired-calls.js";

/** What a model is told of a thread before its next turn. */
export interface ModelContext {
  /** Items of the Responses API, the oldest first. Every call has its output: `aborted` where none was recorded. */
  readonly items: readonly ResponseItem[];
  /** The settings of the last turn. */
  readonly turnContext?: TurnContext;
}

/**
 * Reads what a model is told of a thread: from the last compaction on where that says all of what came before, else from the
 * beginning. The cost is that of what is read, not of the thread.
 *
 * @throws ThreadStoreError `thread_not_found`; `invalid_request` it is archived and that was not asked for.
 */
export async function loadModelContext(store: ThreadStore, thread: LoadHistoryParams): Promise<ModelContext> {
  const fold: ContextFold = { items: [] };
  for (const { item } of await latestItems(store, thread)) foldIntoContext(fold, item);
  return { ...fold, items: pairCalls(fold.items) };
}

/** The items of a history from the last one on that says what came before it, with the settings of a turn; or all of them. */
async function latestItems(store: ThreadStore, thread: LoadHistoryParams): Promise<StoredItem[]> {
  const newestFirst: StoredItem[] = [];
  let isWhole = false;
  let hasSettings = false;
  let hasReplacement = false;
  for await (const { items } of store.readHistory({ ...thread, direction: "desc" })) {
    for (const stored of items) {
      newestFirst.push(stored);
      // A rollback may go back behind a compaction.
      isWhole ||= takesBack(stored.item);
      hasSettings ||= stored.item.type === "turn_context";
      hasReplacement ||= replacesHistory(stored.item);
      if (hasReplacement && hasSettings && !isWhole) return newestFirst.reverse();
    }
  }
  return newestFirst.reverse();
}
