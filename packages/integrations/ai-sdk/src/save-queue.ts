import type { ThreadId, ThreadStore } from "@threadstore/core";

/** The last save of each thread of a store that is not done yet. */
const LAST_SAVES = new WeakMap<ThreadStore, Map<ThreadId, Promise<void>>>();

/** Runs a save when those of the same thread before it are done, however they ended. */
export async function inTurn(store: ThreadStore, threadId: ThreadId, save: () => Promise<void>): Promise<void> {
  const saves = LAST_SAVES.get(store) ?? new Map<ThreadId, Promise<void>>();
  LAST_SAVES.set(store, saves);
  const result = (saves.get(threadId) ?? Promise.resolve()).then(save, save);
  saves.set(threadId, result);
  try {
    await result;
  } finally {
    if (saves.get(threadId) === result) saves.delete(threadId);
  }
}
