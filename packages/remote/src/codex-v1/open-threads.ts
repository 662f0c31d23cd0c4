import {
  type CreateThreadParams,
  type EventPersistenceMode,
  isThreadStoreError,
  type ResumeThreadParams,
  type ThreadId,
  type ThreadStore,
} from "@threadstore/core";

/** Milliseconds without a call after which a thread is given back, so that others may write it. */
const IDLE_MS = 30_000;

/** Milliseconds for which it is remembered how a thread was opened, and how it was made when nothing was written to it. */
const REMEMBER_MS = 60 * 60 * 1_000;

interface OpenThread {
  /** The last call, after which the next one begins. */
  last: Promise<unknown>;
  isOpen: boolean;
  /** How a thread that nothing was written to came to be: it is made again when it is needed. */
  created?: CreateThreadParams;
  /** What its client wants to be kept of it. */
  mode?: EventPersistenceMode | undefined;
  idle?: NodeJS.Timeout;
}

export interface OpenThreadsOptions {
  readonly store: ThreadStore;
  /** Default 30,000. */
  readonly idleMs?: number;
}

/**
 * The threads of one store that remote clients write. A client makes a connection for each call, so nobody is told when it
 * dies: threads are open for all clients alike, calls on one thread wait for one another, and a thread that nobody uses is
 * given back. Whoever goes on with it later finds it opened again.
 */
export class OpenThreads {
  readonly #store: ThreadStore;
  readonly #idleMs: number;
  readonly #threads = new Map<ThreadId, OpenThread>();

  constructor({ store, idleMs = IDLE_MS }: OpenThreadsOptions) {
    this.#store = store;
    this.#idleMs = idleMs;
  }

  /** How many threads are open. */
  get size(): number {
    return [...this.#threads.values()].filter(({ isOpen }) => isOpen).length;
  }

  /** Makes a thread. @throws `conflict` it exists. */
  create(params: CreateThreadParams): Promise<void> {
    return this.#inTurn(params.threadId, async (thread) => {
      await this.#store.createThread(params);
      thread.isOpen = true;
      thread.created = params;
      thread.mode = params.eventPersistenceMode;
    });
  }

  /** Opens a thread, unless it is open. @throws `thread_not_found`; `conflict` somebody else writes it. */
  resume(params: ResumeThreadParams): Promise<void> {
    return this.#inTurn(params.threadId, async (thread) => {
      if (!thread.isOpen) await this.#store.resumeThread(params);
      thread.isOpen = true;
      thread.mode = params.eventPersistenceMode;
    });
  }

  /** Does something to an open thread; one that is not open is opened for it. */
  use<T>(threadId: ThreadId, work: () => Promise<T>): Promise<T> {
    return this.#inTurn(threadId, async (thread) => {
      if (!thread.isOpen) await this.#open(threadId, thread);
      return work();
    });
  }

  /** Does something to a thread, open or not; one that nothing was written to is there only while it is open. */
  whileThere<T>(threadId: ThreadId, work: () => Promise<T>): Promise<T> {
    return this.#inTurn(threadId, async (thread) => {
      if (!thread.isOpen && thread.created) await this.#open(threadId, thread);
      return work();
    });
  }

  /** Does something that needs the thread not to be open. */
  whileClosed<T>(threadId: ThreadId, work: () => Promise<T>): Promise<T> {
    return this.#inTurn(threadId, async (thread) => {
      if (thread.isOpen) await this.#store.shutdownThread(threadId);
      thread.isOpen = false;
      return work();
    });
  }

  /** Flushes and closes a thread; one that is not open is closed already. */
  async shutdown(threadId: ThreadId): Promise<void> {
    const thread = this.#threads.get(threadId);
    if (!thread) return;
    await this.whileClosed(threadId, async () => {
      delete thread.created;
      delete thread.mode;
    });
  }

  /** Closes a thread that came to nothing. */
  discard(threadId: ThreadId): Promise<void> {
    return this.#inTurn(threadId, async (thread) => {
      await this.#store.discardThread(threadId);
      thread.isOpen = false;
      delete thread.created;
      delete thread.mode;
    });
  }

  /** Flushes and closes all threads. The first failure is thrown when all is tried. */
  async closeAll(): Promise<void> {
    const outcomes = await Promise.allSettled([...this.#threads.keys()].map((threadId) => this.shutdown(threadId)));
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed) throw failed.reason;
  }

  /** Calls on one thread, one after the other, whatever became of the one before. */
  #inTurn<T>(threadId: ThreadId, work: (thread: OpenThread) => Promise<T>): Promise<T> {
    const thread = this.#threads.get(threadId) ?? { last: Promise.resolve(), isOpen: false };
    this.#threads.set(threadId, thread);
    clearTimeout(thread.idle);
    const result = thread.last.then(() => work(thread));
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    thread.last = settled;
    void settled.then(() => this.#rest(threadId, thread, settled));
    return result;
  }

  async #open(threadId: ThreadId, thread: OpenThread): Promise<void> {
    try {
      const mode = thread.mode === undefined ? {} : { eventPersistenceMode: thread.mode };
      await this.#store.resumeThread({ threadId, includeArchived: true, ...mode });
    } catch (error) {
      if (!thread.created || !isThreadStoreError(error, "thread_not_found")) throw error;
      await this.#store.createThread(thread.created);
    }
    thread.isOpen = true;
  }

  /** A thread that is open is given back when nobody asks for it for some time; one that is not is forgotten. */
  #rest(threadId: ThreadId, thread: OpenThread, settled: Promise<void>): void {
    if (thread.last !== settled) return;
    if (thread.isOpen) thread.idle = setTimeout(() => this.#giveBack(threadId), this.#idleMs);
    else if (thread.created || thread.mode) thread.idle = setTimeout(() => this.#threads.delete(threadId), REMEMBER_MS);
    else this.#threads.delete(threadId);
    thread.idle?.unref();
  }

  #giveBack(threadId: ThreadId): void {
    // What could not be flushed stays open, and is tried again later.
    this.whileClosed(threadId, () => this.#forgetCreation(threadId)).catch(() => undefined);
  }

  /** A thread that is stored need not be made again, and must not be when somebody deletes it. */
  async #forgetCreation(threadId: ThreadId): Promise<void> {
    await this.#store.readThread({ threadId, includeArchived: true });
    delete this.#threads.get(threadId)?.created;
  }
}
