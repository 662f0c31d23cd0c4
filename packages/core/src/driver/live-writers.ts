import type { PersistencePolicy } from "../protocol/history-mode.js";
import type { ThreadId } from "../protocol/thread-id.js";
import { conflict, threadNotFound } from "../store/errors.js";
import type { Lease } from "./thread-store-driver.js";

/** A live writer of this store: its lease, and the policy its appends go through. */
export interface LiveWriter<L extends Lease> {
  lease: L;
  readonly policy: PersistencePolicy;
}

interface Entry<L extends Lease> {
  state: "opening" | "open" | "closing" | "closed";
  /** There once the writer is open. */
  writer?: LiveWriter<L>;
  /** Resolves when opening ended, well or not. */
  opened: Promise<unknown>;
}

/** The live writers of one store, by thread. */
export class LiveWriters<L extends Lease> {
  readonly #entries = new Map<ThreadId, Entry<L>>();

  /** Opens a writer; a second one for the same thread is a conflict, unless it takes the thread over. */
  async open(threadId: ThreadId, takeOver: boolean, acquire: () => Promise<LiveWriter<L>>): Promise<void> {
    const present = this.#entries.get(threadId);
    if (present?.state === "opening" || (present && !takeOver)) {
      throw conflict(`thread ${threadId} already has a live writer`);
    }
    const acquired = acquire();
    const entry: Entry<L> = { state: "opening", opened: acquired.catch(() => undefined) };
    this.#entries.set(threadId, entry);
    try {
      entry.writer = await acquired;
      entry.state = "open";
    } catch (error) {
      if (present && present.state !== "closed") this.#entries.set(threadId, present);
      else this.#entries.delete(threadId);
      throw error;
    }
  }

  /** The writer of a thread. @throws `thread_not_found` when it has none here. */
  require(threadId: ThreadId): LiveWriter<L> {
    const entry = this.#entries.get(threadId);
    if (entry?.state === "open" && entry.writer) return entry.writer;
    throw threadNotFound(threadId, `thread ${threadId} has no live writer here`);
  }

  /** Closes a writer; when closing fails it stays open, so that the caller can try again. */
  async close(threadId: ThreadId, release: (lease: L) => Promise<void>): Promise<void> {
    const { lease } = this.require(threadId);
    const entry = this.#entries.get(threadId) as Entry<L>;
    entry.state = "closing";
    try {
      await release(lease);
      entry.state = "closed";
      if (this.#entries.get(threadId) === entry) this.#entries.delete(threadId);
    } catch (error) {
      entry.state = "open";
      throw error;
    }
  }

  /** Forgets a writer at once and returns its lease, or undefined when there is none. */
  take(threadId: ThreadId): L | undefined {
    const entry = this.#entries.get(threadId);
    if (!entry?.writer || entry.state === "opening") return undefined;
    entry.state = "closed";
    this.#entries.delete(threadId);
    return entry.writer.lease;
  }

  /** Takes every writer, those that are being opened as soon as they are. */
  async *takeAll(): AsyncGenerator<L> {
    for (const [threadId, entry] of [...this.#entries]) {
      await entry.opened;
      const lease = this.take(threadId);
      if (lease) yield lease;
    }
  }
}
