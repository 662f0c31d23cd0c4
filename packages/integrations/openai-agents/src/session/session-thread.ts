import {
  isThreadStoreError,
  LiveThread,
  type RolloutItem,
  type StoredItem,
  type StoredThread,
  type ThreadStore,
} from "@threadstore/core";
import { birthMetadata, type ThreadStoreSessionOptions } from "./session-options.js";

/** A thread, whether it is there or not, and its live writer, which is opened by the first write. */
export class SessionThread {
  readonly threadId: string;
  readonly #options: ThreadStoreSessionOptions;
  readonly #store: ThreadStore;
  #live: LiveThread | null = null;

  constructor(threadId: string, options: ThreadStoreSessionOptions) {
    this.threadId = threadId;
    this.#options = options;
    this.#store = options.store;
  }

  /** The thread; null while it is not there. */
  find(): Promise<StoredThread | null> {
    return unlessMissing(this.#store.readThread({ threadId: this.threadId }));
  }

  /** Every item in replay order; none while the thread is not there. */
  async loadHistory(): Promise<readonly StoredItem[]> {
    return (await unlessMissing(this.#store.loadHistory({ threadId: this.threadId })))?.items ?? [];
  }

  /** Opens the live writer, of a new thread when there is none. @throws `conflict` another writer has it. */
  async open(): Promise<void> {
    if (this.#live) return;
    const { threadId } = this;
    const { historyMode = "paginated", clock } = this.#options;
    const options = clock ? { clock } : {};
    this.#live = (await this.find())
      ? await LiveThread.resume(this.#store, { threadId }, options)
      : await LiveThread.create(
          this.#store,
          { threadId, historyMode, metadata: birthMetadata(this.#options) },
          options,
        );
  }

  /** Appends to the open thread, so that it stays whatever happens to the process. */
  async append(records: readonly RolloutItem[]): Promise<void> {
    const live = this.#live as LiveThread;
    await live.append(records);
    await live.flush();
  }

  /** Lets the open thread go on from an ordinal. @throws as `revertThread`. */
  revertTo(endOrdinalExclusive: number): Promise<void> {
    return this.#store.revertThread({ threadId: this.threadId, endOrdinalExclusive });
  }

  /** Closes the writer. A failed one can be tried again. */
  async close(): Promise<void> {
    await this.#live?.shutdown();
    this.#live = null;
  }
}

async function unlessMissing<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (isThreadStoreError(error, "thread_not_found")) return null;
    throw error;
  }
}
