import { parseThreadId, type StoredThread, type ThreadStore, ThreadStoreError } from "@threadstore/core";
import { everyThread } from "./every-thread.js";

const ID_PREFIX = /^[0-9a-f][0-9a-f-]{3,}$/i;

/** The thread a person means by an id, the beginning of one, a path or a name; archived ones included. */
export async function findThread(store: ThreadStore, wanted: string): Promise<StoredThread> {
  if (parseThreadId(wanted) !== null) return store.readThread({ threadId: wanted, includeArchived: true });
  return (await byPath(store, wanted)) ?? (await byPrefix(store, wanted)) ?? (await byName(store, wanted));
}

async function byPath(store: ThreadStore, wanted: string): Promise<StoredThread | null> {
  if (!wanted.includes("/") || !store.supportsLegacyPath(wanted)) return null;
  return store.readThreadByRolloutPath({ rolloutPath: wanted, includeArchived: true });
}

async function byPrefix(store: ThreadStore, wanted: string): Promise<StoredThread | null> {
  if (!ID_PREFIX.test(wanted)) return null;
  const prefix = wanted.toLowerCase();
  const hits: StoredThread[] = [];
  for await (const thread of everyThread(store)) if (thread.threadId.startsWith(prefix)) hits.push(thread);
  if (hits.length <= 1) return hits[0] ?? null;
  const ids = hits.slice(0, 5).map((thread) => thread.threadId);
  throw new ThreadStoreError("conflict", `${hits.length} threads begin with ${wanted}: ${ids.join(", ")}`);
}

async function byName(store: ThreadStore, name: string): Promise<StoredThread> {
  const thread = await store.findThreadByName({ name, includeArchived: true, sources: "all" });
  if (thread) return thread;
  throw new ThreadStoreError("thread_not_found", `no thread has the id, the path or the name "${name.slice(0, 80)}"`);
}
