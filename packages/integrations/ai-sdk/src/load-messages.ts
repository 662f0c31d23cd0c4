import type { LoadHistoryParams, ThreadStore } from "@threadstore/core";
import type { UIMessage } from "ai";
import { foldMessages } from "./stored/message-fold.js";

export type LoadMessagesParams = LoadHistoryParams;

/**
 * The messages of a thread, the oldest first: as they were saved, and of what others recorded in it (the real Codex, agents)
 * what was said, thought and called. What a compaction hid from the model is here all the same.
 *
 * @throws ThreadStoreError `thread_not_found`; `invalid_request` it is archived and that was not asked for.
 * @see docs/ai-sdk.md
 */
export async function loadMessages<M extends UIMessage = UIMessage>(
  store: ThreadStore,
  thread: LoadMessagesParams,
): Promise<M[]> {
  const { items } = await store.loadHistory(thread);
  return foldMessages(items).map(({ message }) => message as M);
}
