import {
  type CreateThreadParams,
  isThreadStoreError,
  type ResumeThreadParams,
  type ThreadId,
  type ThreadStore,
  ThreadStoreError,
} from "@threadstore/core";
import type { RemoteWriter } from "./contract-json.js";

/** Milliseconds without a call after which a thread is given back, so that others may write it. */
const IDLE_MS = 30_000;

/** Milliseconds for which it is remembered how a thread was opened, and how it was made when nothing was written to it. */
const REMEMBER_MS = 60 * 60 * 1_000;

interface OpenThread {
  readonly threadId: ThreadId;
  /** The last call, after which the next one begins. */
  last: Promise<unknown>;
  isOpen: boolean;
  /** How a thread that nothing was written to came to be: it is made again when it is needed. */
  created?: CreateThreadParams;
  /** How it is opened again. */
  reopening?: Omit<ResumeThreadParams, "threadId">;
  /** Who wrote it last. The real Codex has no word for itself, and is let in beside anybody. */
  writerId?: string;
  /** Whether that writer has it open now. */
  isHeld: boolean;
  idle?: NodeJS.Timeout;
}

/** What a call is about. */
export interface ThreadUse {
  readonly threadId: ThreadId;
  /** Absent for the real Codex. */
  readonly writer?: RemoteWriter | undefined;
}

export interface OpenThreadsOptions {
  readonly store: ThreadStore;
  /** Default 30,000. */
  readonly idleMs?: number;
}

/**
 * The threads of one store that remote clients write. A client makes a connection for each call, so nobody is told when it
 * dies: calls on one thread wait for one another, and a thread that nobody uses is given back. Whoever goes on with it later
 * finds it opened again. Threads are open for all real Codex clients alike; of clients that know the contract, one at a time
 * has a thread.
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

  /** Makes a thread. Asked again by the same writer it is done already. @throws `conflict` it exists. */
  create(params: CreateThreadParams, writer?: RemoteWriter): Promise<void> {
    return this.#inTurn(params.threadId, async (thread) => {
      if (isOpenFor(thread, writer)) return;
      await this.#store.createThread(params);
      opened(thread, { params, writer });
      thread.created = params;
    });
  }

  /** Opens a thread, unless it is open. @throws `thread_not_found`; `conflict` somebody else writes it. */
  resume(params: ResumeThreadParams, writer?: RemoteWriter): Promise<void> {
    return this.#inTurn(params.threadId, async (thread) => {
      if (isOpenFor(thread, writer)) return;
      // One that the real Codex has open may be had: nobody knows whether that one still lives.
      const mayBeHad = thread.isOpen && !thread.isHeld;
      if (writer) await this.#store.resumeThread(mayBeHad ? { ...params, takeOver: true } : params);
      else if (!thread.isOpen) await this.#store.resumeThread(params);
      opened(thread, { params, writer });
    });
  }

  /** Does something to an open thread; one that is not open is opened for it. @throws `conflict` another writer took it over. */
  use<T>({ threadId, writer }: ThreadUse, work: () => Promise<T>): Promise<T> {
    return this.#inTurn(threadId, async (thread) => {
      claim(thread, writer);
      // What the real Codex opened may keep other items than the writer means to.
      if (!thread.isOpen || (writer && !thread.isHeld)) await this.#open(thread);
      thread.isHeld ||= writer !== undefined;
      return work();
    });
  }

  /** Does something to a thread, open or not; one that nothing was written to is there only while it is open. */
  whileThere<T>(threadId: ThreadId, work: () => Promise<T>): Promise<T> {
    return this.#inTurn(threadId, async (thread) => {
      if (!thread.isOpen && thread.created) await this.#open(thread);
      return work();
    });
  }

  /** Does something that needs the thread not to be open. The store refuses it when a client has the thread that is alone with it. */
  whileClosed<T>(threadId: ThreadId, work: () => Promise<T>): Promise<T> {
    return this.#inTurn(threadId, async (thread) => {
      if (!thread.isHeld) await this.#close(thread);
      return work();
    });
  }

  /** Flushes and closes a thread; one that is not open is closed already. */
  async shutdown(threadId: ThreadId, writer?: RemoteWriter): Promise<void> {
    if (!this.#threads.has(threadId)) return;
    await this.#inTurn(threadId, async (thread) => {
      claim(thread, writer);
      await this.#close(thread);
      forget(thread);
    });
  }

  /** Closes a thread that came to nothing; one that another writer has stays as it is. */
  discard(threadId: ThreadId, writer?: RemoteWriter): Promise<void> {
    return this.#inTurn(threadId, async (thread) => {
      if (writer && thread.writerId !== undefined && thread.writerId !== writer.id) return;
      await this.#store.discardThread(threadId);
      thread.isOpen = false;
      thread.isHeld = false;
      forget(thread);
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
    const thread = this.#threads.get(threadId) ?? { threadId, last: Promise.resolve(), isOpen: false, isHeld: false };
    this.#threads.set(threadId, thread);
    clearTimeout(thread.idle);
    const result = thread.last.then(() => work(thread));
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    thread.last = settled;
    void settled.then(() => this.#rest(thread, settled));
    return result;
  }

  async #open(thread: OpenThread): Promise<void> {
    try {
      const reopening = thread.reopening ?? { includeArchived: true };
      await this.#store.resumeThread({ ...reopening, threadId: thread.threadId, takeOver: thread.isOpen });
    } catch (error) {
      if (!thread.created || !isThreadStoreError(error, "thread_not_found")) throw error;
      await this.#store.createThread(thread.created);
    }
    thread.isOpen = true;
  }

  async #close(thread: OpenThread): Promise<void> {
    if (thread.isOpen) await this.#store.shutdownThread(thread.threadId);
    thread.isOpen = false;
    thread.isHeld = false;
  }

  /** A thread that is open is given back when nobody asks for it for some time; one that is not is forgotten. */
  #rest(thread: OpenThread, settled: Promise<void>): void {
    const { threadId } = thread;
    if (thread.last !== settled) return;
    if (thread.isOpen) thread.idle = setTimeout(() => this.#giveBack(threadId), this.#idleMs);
    else if (thread.created || thread.reopening || thread.writerId)
      thread.idle = setTimeout(() => this.#threads.delete(threadId), REMEMBER_MS);
    else this.#threads.delete(threadId);
    thread.idle?.unref();
  }

  #giveBack(threadId: ThreadId): void {
    const givenBack = this.#inTurn(threadId, async (thread) => {
      await this.#close(thread);
      await this.#forgetCreation(threadId);
    });
    // What could not be flushed stays open, and is tried again later.
    givenBack.catch(() => undefined);
  }

  /** A thread that is stored need not be made again, and must not be when somebody deletes it. */
  async #forgetCreation(threadId: ThreadId): Promise<void> {
    await this.#store.readThread({ threadId, includeArchived: true });
    delete this.#threads.get(threadId)?.created;
  }
}

/** Whether a writer that lost the answer asks for what is done. */
function isOpenFor(thread: OpenThread, writer: RemoteWriter | undefined): boolean {
  return thread.isHeld && thread.writerId === writer?.id;
}

function opened(
  thread: OpenThread,
  how: {
    readonly params: Pick<ResumeThreadParams, "eventPersistenceMode">;
    readonly writer: RemoteWriter | undefined;
  },
): void {
  const { params, writer } = how;
  const { eventPersistenceMode: mode } = params;
  thread.isOpen = true;
  thread.reopening = writer
    ? reopeningOf(writer)
    : { includeArchived: true, ...(mode ? { eventPersistenceMode: mode } : {}) };
  if (!writer) return;
  thread.writerId = writer.id;
  thread.isHeld = true;
}

/** A writer of before a restart of the server is known again when it goes on. @throws `conflict` another one has the thread. */
function claim(thread: OpenThread, writer: RemoteWriter | undefined): void {
  if (!writer) return;
  if (thread.writerId !== undefined && thread.writerId !== writer.id) {
    throw new ThreadStoreError("conflict", `thread ${thread.threadId} was taken over by another writer`);
  }
  thread.writerId = writer.id;
  thread.reopening = reopeningOf(writer);
}

function reopeningOf({ id: _id, ...reopening }: RemoteWriter): Omit<ResumeThreadParams, "threadId"> {
  return reopening;
}

function forget(thread: OpenThread): void {
  delete thread.created;
  delete thread.reopening;
}
