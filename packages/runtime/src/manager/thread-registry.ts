import { parseThreadId, type ThreadId, ThreadStoreError } from "@threadstore/core";
import type { AgentThread } from "../thread/agent-thread.js";

/** The threads that are loaded, and those that are being opened: of each there is one, however its id is spelled. */
export class ThreadRegistry {
  readonly #loaded = new Map<ThreadId, AgentThread>();
  readonly #opening = new Map<ThreadId, Promise<AgentThread>>();

  find(threadId: ThreadId): AgentThread | undefined {
    return this.#loaded.get(keyOf(threadId));
  }

  /** @throws ThreadStoreError `thread_not_found` it is not loaded. */
  get(threadId: ThreadId): AgentThread {
    const thread = this.find(threadId);
    if (thread) return thread;
    throw new ThreadStoreError("thread_not_found", `thread ${threadId} is not loaded`, { threadId });
  }

  all(): AgentThread[] {
    return [...this.#loaded.values()];
  }

  /** Opens a thread that nobody has. @throws ThreadStoreError `conflict` it is loaded, or being opened. */
  add(threadId: ThreadId, open: () => Promise<AgentThread>): Promise<AgentThread> {
    if (!this.find(threadId) && !this.#opening.has(keyOf(threadId))) return this.open(threadId, open);
    return Promise.reject(new ThreadStoreError("conflict", `thread ${threadId} is loaded already`));
  }

  /** Opens a thread unless it is loaded; callers that ask at the same time share what is opened. */
  open(threadId: ThreadId, open: () => Promise<AgentThread>): Promise<AgentThread> {
    const key = keyOf(threadId);
    const found = this.#loaded.get(key) ?? this.#opening.get(key);
    if (found) return Promise.resolve(found);
    const opening = this.#openOnce(key, open);
    this.#opening.set(key, opening);
    return opening;
  }

  /** What is being opened at this moment. */
  async opened(threadId: ThreadId): Promise<AgentThread | undefined> {
    return this.find(threadId) ?? (await this.#opening.get(keyOf(threadId))?.catch(() => undefined));
  }

  /** Waits for everything that is being opened. */
  async allOpened(): Promise<void> {
    await Promise.allSettled(this.#opening.values());
  }

  /** Takes a thread out, when it is still this one. */
  remove(threadId: ThreadId, thread = this.find(threadId)): AgentThread | undefined {
    if (!thread || this.find(threadId) !== thread) return undefined;
    this.#loaded.delete(keyOf(threadId));
    return thread;
  }

  async #openOnce(key: ThreadId, open: () => Promise<AgentThread>): Promise<AgentThread> {
    try {
      const thread = await open();
      this.#loaded.set(key, thread);
      return thread;
    } finally {
      this.#opening.delete(key);
    }
  }
}

function keyOf(threadId: ThreadId): ThreadId {
  return parseThreadId(threadId) ?? threadId;
}
