import {
  isThreadStoreError,
  type StoredThread,
  type ThreadId,
  type ThreadStore,
  ThreadStoreError,
} from "@threadstore/core";

/** A thread, archived or not; null when there is none of this id. */
export async function findThread(store: ThreadStore, threadId: ThreadId): Promise<StoredThread | null> {
  try {
    return await store.readThread({ threadId, includeArchived: true });
  } catch (error) {
    if (isThreadStoreError(error, "thread_not_found")) return null;
    throw error;
  }
}

/** The thread that a call is about. @throws `thread_not_found`, in the words with which the API says it in this call. */
export async function requireThread(
  store: ThreadStore,
  { threadId, problem }: { readonly threadId: ThreadId; readonly problem: "not loaded" | "not found" },
): Promise<StoredThread> {
  const thread = await findThread(store, threadId);
  if (thread) return thread;
  throw new ThreadStoreError("thread_not_found", `thread ${problem}: ${threadId}`, { threadId });
}
