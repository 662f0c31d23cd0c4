import {
  type CreateThreadParams,
  type MemoryThreadStore,
  openMemoryThreadStore,
  type RolloutItem,
  type ThreadStoreErrorCode,
} from "@threadstore/core";
import type { RemoteWriter } from "../../src/codex-v1/contract-json.js";
import { OpenThreads, type OpenThreadsOptions } from "../../src/codex-v1/open-threads.js";

export const ID = "01900000-0000-7000-8000-000000000001";

export const PARAMS: CreateThreadParams = {
  threadId: ID,
  historyMode: "legacy",
  metadata: { cwd: "/project", originator: "test", cliVersion: "1", source: "cli", modelProvider: "fake" },
};

/** Threads of a store in memory that remote clients write, and what a test does with one of them. */
export class ThreadsOfClients {
  readonly store: MemoryThreadStore = openMemoryThreadStore();
  readonly #options: Omit<OpenThreadsOptions, "store">;
  open: OpenThreads;

  constructor(options: Omit<OpenThreadsOptions, "store"> = {}) {
    this.#options = options;
    this.open = new OpenThreads({ store: this.store, ...options });
  }

  /** Appends as the real Codex. */
  append(type = "user_message"): Promise<void> {
    return this.appendAs(undefined, type);
  }

  async appendAs(writer: RemoteWriter | undefined, type = "user_message"): Promise<void> {
    const items = [eventOf(type)];
    await this.open.use({ threadId: ID, writer }, () => this.store.appendItems({ threadId: ID, items }));
  }

  /** Gives every thread back; what goes on knows nothing of the clients. */
  async restart(): Promise<void> {
    await this.open.closeAll();
    this.open = new OpenThreads({ store: this.store, ...this.#options });
  }

  async eventTypes(): Promise<unknown[]> {
    const { items } = await this.store.loadHistory({ threadId: ID, includeArchived: true });
    return items.slice(1).map(({ item }) => (item.payload as { readonly type: string }).type);
  }

  /** Whether another writer of the store could have the thread. */
  async isGivenBack(threadId = ID): Promise<boolean> {
    const code = await codeOf(this.store.resumeThread({ threadId, includeArchived: true }));
    if (code === "no error") await this.store.shutdownThread(threadId);
    return code !== "conflict";
  }
}

export function eventOf(type: string): RolloutItem {
  return { type: "event_msg", payload: { type, message: "Hello" } };
}

export function codeOf(call: Promise<unknown>): Promise<ThreadStoreErrorCode | "no error"> {
  return call.then(
    () => "no error" as const,
    (error: { readonly code: ThreadStoreErrorCode }) => error.code,
  );
}
