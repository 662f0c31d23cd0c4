import type { PersistencePolicy } from "../protocol/history-mode.js";
import type { ThreadId } from "../protocol/thread-id.js";
import { conflict, threadNotFound } from "../store/errors.js";
import type { Lease } from "./thread-store-driver.js";

/** A live writer of this store: its lease, and the policy its appends go through. */
export interface LiveWriter<L extends Lease> {
  lease: L;
  readonly policy: PersistencePolicy;
}

type Entry<L extends Lease> = "opening" | { readonly writer: LiveWriter<L>; isClosing: boolean };

/** The live writers of one store, by thread. */
export class LiveWriters<L extends Lease> {
  readonly #entries = new Map<ThreadId, Entry<L>>();

  /** Opens a writer; a second one for the same thread is a conflict, unless it takes the thread over. */
  async open(threadId: ThreadId, takeOver: boolean, acquire: () => Promise<LiveWriter<L>>): Promise<void> {
    const present = this.#entries.get(threadId);
    if (present === "opening" || (present && !takeOver)) throw conflict(`thread ${threadId} already has a live writer`);
    this.#entries.set(threadId, "opening");
    try {
      this.#entries.set(threadId, { writer: await acquire(), isClosing: false });
    } catch (error) {
      if (present) this.#entries.set(threadId, present);
      else this.#entries.delete(threadId);
      throw error;
    }
  }

  /** The writer of a thread. @throws `thread_not_found` when it has none here. */
  require(threadId: ThreadId): LiveWriter<L> {
    const entry = this.#entries.get(threadId);
    if (entry && entry !== "opening" && !entry.isClosing) return entry.writer;
    throw threadNotFound(threadId, `thread ${threadId} has no live writer here`);
  }

  /** Closes a writer; when closing fails it stays open, so that the caller can try again. */
  async close(threadId: ThreadId, release: (lease: L) => Promise<void>): Promise<void> {
    const { lease } = this.require(threadId);
    const entry = this.#entries.get(threadId) as Exclude<Entry<L>, "opening">;
    entry.isClosing = true;
    try {
      await release(lease);
      if (this.#entries.get(threadId) === entry) this.#entries.delete(threadId);
    } catch (error) {
      entry.isClosing = false;
      throw error;
    }
  }

  /** Forgets a writer at once and returns its lease, or undefined when there is none. */
  take(threadId: ThreadId): L | undefined {
    const entry = this.#entries.get(threadId);
    if (!entry || entry === "opening") return undefined;
    this.#entries.delete(threadId);
    return entry.writer.lease;
  }

  threadIds(): ThreadId[] {
    return [...this.#entries.keys()];
  }
}
