import type { LiveThread } from "./live-thread.js";

/**
 * Discards a live thread unless its start-up is committed, so that a session that fails to start leaves no writer behind:
 * `await using guard = new LiveThreadInitGuard(thread)`, and `guard.commit()` when all is up.
 */
export class LiveThreadInitGuard implements AsyncDisposable {
  #thread: Pick<LiveThread, "discard"> | undefined;

  constructor(thread: Pick<LiveThread, "discard">) {
    this.#thread = thread;
  }

  /** The start-up is done: the thread lives on. */
  commit(): void {
    this.#thread = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.discard();
  }
}
