import type { ThreadId } from "@threadstore/core";
import type { FoldWorker } from "./fold-worker.js";

/** A process that only shows one page is gone before this, and is not held up. */
const DELAY_MS = 250;

export interface BackgroundFoldsOptions {
  /** Null where there can be no worker: then nothing is indexed in the background. */
  readonly startWorker: () => FoldWorker | null;
  /** Default 250. */
  readonly delayMs?: number;
}

/**
 * Indexes the turns of threads in the background, one thread at a time, on a worker that lives as long as there is something
 * to do. It may be stopped at any moment: what was not done is done when it is asked for.
 */
export class BackgroundFolds implements AsyncDisposable {
  readonly #options: BackgroundFoldsOptions;
  readonly #waiting = new Set<ThreadId>();
  #timer: NodeJS.Timeout | undefined;
  #worker: FoldWorker | null = null;
  #running: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: BackgroundFoldsOptions) {
    this.#options = options;
  }

  /** Has a thread's turns indexed soon. */
  request(threadId: ThreadId): void {
    if (this.#isClosed) return;
    this.#waiting.add(threadId);
    if (this.#timer || this.#running) return;
    this.#timer = setTimeout(() => this.#start(), this.#options.delayMs ?? DELAY_MS);
    this.#timer.unref();
  }

  /** Resolves when nothing is being indexed or waits for it. */
  async idle(): Promise<void> {
    if (this.#timer) this.#start();
    while (this.#running) await this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#waiting.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#worker?.[Symbol.asyncDispose]();
    await this.#running;
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running = this.#foldAll().finally(() => {
      this.#running = undefined;
      // Asked for while the worker was ending.
      if (this.#waiting.size > 0) this.#start();
    });
  }

  async #foldAll(): Promise<void> {
    await using worker = this.#options.startWorker();
    this.#worker = worker;
    for (const threadId of this.#waiting) {
      this.#waiting.delete(threadId);
      await worker?.fold([threadId]);
    }
    this.#worker = null;
  }
}
