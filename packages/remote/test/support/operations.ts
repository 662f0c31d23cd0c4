import type { ThreadStore } from "@threadstore/core";
import { threadId } from "./served-threads.js";

const ID = threadId(1);

/** What threads are made with. */
export const METADATA = {
  cwd: "/project",
  originator: "test",
  cliVersion: "1",
  source: "cli",
  modelProvider: "fake",
} as const;

/** An item that every persistence policy keeps. */
export function numbered(number: number) {
  return { type: "response_item", payload: { type: "test", number } } as const;
}

/** The numbers that a thread has, in order. */
export async function numbersOf(store: ThreadStore, id = ID): Promise<unknown[]> {
  const { items } = await store.loadHistory({ threadId: id, includeArchived: true });
  return items.slice(1).map(({ item }) => (item.payload as { readonly number?: number }).number);
}

/** Calls that need no live thread, by the names of the calls on the wire. */
export function callsWithoutWriter(store: ThreadStore) {
  return {
    createThread: () => store.createThread({ threadId: ID, metadata: METADATA }),
    resumeThread: () => store.resumeThread({ threadId: ID }),
    loadHistory: () => store.loadHistory({ threadId: ID }),
    readThread: () => store.readThread({ threadId: ID }),
    listThreads: () => store.listThreads({}),
    updateThreadMetadata: () => store.updateThreadMetadata({ threadId: ID, patch: { name: "Deploy" } }),
    archiveThread: () => store.archiveThread({ threadId: ID }),
    unarchiveThread: () => store.unarchiveThread({ threadId: ID }),
  } as const satisfies Readonly<Record<string, () => Promise<unknown>>>;
}

/** Calls of a thread that is live, in an order in which they can be made. */
export function callsOfWriter(store: ThreadStore) {
  return {
    appendItems: () => store.appendItems({ threadId: ID, items: [numbered(1)] }),
    persistThread: () => store.persistThread(ID),
    flushThread: () => store.flushThread(ID),
    shutdownThread: () => store.shutdownThread(ID),
  } as const satisfies Readonly<Record<string, () => Promise<unknown>>>;
}
