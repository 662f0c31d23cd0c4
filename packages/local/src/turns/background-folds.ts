import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { ThreadId } from "@threadstore/core";

/** A process that only shows one page is gone before this, and is not held up. */
const DELAY_MS = 250;

/** What the worker is told. */
export interface FoldOrder {
  readonly home: string;
  readonly threadId: ThreadId;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface BackgroundFoldsOptions {
  readonly home: string;
  /** The module that a worker runs; it is given a {@link FoldOrder}. */
  readonly workerUrl: URL;
  readonly environment: NodeJS.ProcessEnv;
  /** Default 250. */
  readonly delayMs?: number;
}

/**
 * Indexes the turns of threads in the background, one thread at a time, on a worker that has an index connection of its own.
 * It may be stopped at any moment: what was not done is done when it is asked for. A failure is not told here, because
 * whoever asks for the turns meets it again.
 */
export class BackgroundFolds implements AsyncDisposable {
  readonly #options: BackgroundFoldsOptions;
  readonly #waiting = new Set<ThreadId>();
  #timer: NodeJS.Timeout | undefined;
  #running: { readonly worker: Worker; readonly ended: Promise<void> } | undefined;
  #isClosed = false;

  constructor(options: BackgroundFoldsOptions) {
    this.#options = options;
  }

  /** Has a thread's turns indexed soon. */
  request(threadId: ThreadId): void {
    // Run from its sources, as tests do, a package has no module that a worker could load.
    if (this.#isClosed || !existsSync(fileURLToPath(this.#options.workerUrl))) return;
    this.#waiting.add(threadId);
    if (this.#timer || this.#running) return;
    this.#timer = setTimeout(() => this.#startNext(), this.#options.delayMs ?? DELAY_MS);
    this.#timer.unref();
  }

  /** Resolves when nothing is being indexed or waits for it. */
  async idle(): Promise<void> {
    while (this.#timer || this.#running) {
      if (this.#timer) this.#startNext();
      await this.#running?.ended;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#waiting.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const running = this.#running;
    await running?.worker.terminate();
    await running?.ended;
  }

  #startNext(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const [threadId] = this.#waiting;
    if (threadId === undefined) return;
    this.#waiting.delete(threadId);
    const { home, workerUrl, environment } = this.#options;
    const worker = new Worker(workerUrl, { workerData: { home, threadId, environment: { ...environment } } });
    worker.unref();
    const ended = new Promise<void>((resolve) => {
      worker.once("error", () => undefined);
      worker.once("exit", () => {
        this.#running = undefined;
        this.#startNext();
        resolve();
      });
    });
    this.#running = { worker, ended };
  }
}
