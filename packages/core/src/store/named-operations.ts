import type { ThreadId } from "../protocol/thread-id.js";
import type { AppendItemsParams, CallOptions } from "./params.js";
import type { AppendResult, StoredThread } from "./records.js";
import type { ThreadStore } from "./thread-store.js";

/** Names a thread of any store; null takes the name away. @throws as `updateThreadMetadata`. */
export function setThreadName(
  store: ThreadStore,
  named: { readonly threadId: ThreadId; readonly name: string | null },
  options?: CallOptions,
): Promise<StoredThread> {
  return store.updateThreadMetadata({ threadId: named.threadId, patch: { name: named.name } }, options);
}

/**
 * Appends to a stored thread that has no live writer: resume, append, flush, shut down. The items survive a power cut
 * when this resolves. A failed append discards the writer, so that the thread is free again.
 */
export async function appendToStoredThread(
  store: ThreadStore,
  params: AppendItemsParams,
  options?: CallOptions,
): Promise<AppendResult> {
  await store.resumeThread({ threadId: params.threadId }, options);
  try {
    const result = await store.appendItems(params, options);
    await store.flushThread(params.threadId, options);
    await store.shutdownThread(params.threadId, options);
    return result;
  } catch (error) {
    await store.discardThread(params.threadId);
    throw error;
  }
}
