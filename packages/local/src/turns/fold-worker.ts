import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { ThreadId } from "@threadstore/core";

/** What a worker is told when it starts. */
export interface FoldWorkerData {
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Whose turns are to be indexed next; null: no more. */
export interface FoldOrder {
  readonly threadId: ThreadId | null;
}

export interface FoldAnswer {
  readonly isDone: boolean;
}

export interface FoldWorkerOptions {
  readonly home: string;
  /** The module that the worker runs; it is given {@link FoldWorkerData}, then {@link FoldOrder}s. */
  readonly workerUrl: URL;
  readonly environment: NodeJS.ProcessEnv;
  /** Whether the process stays alive for what is being indexed. */
  readonly keepsProcess: boolean;
}

/** Indexes the turns of threads beside the main thread, one after the other, on an index connection of its own. */
export class FoldWorker implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  #settle: (isDone: boolean) => void = () => undefined;
  #isBusy = false;
  #isEnded = false;

  /** Null where there is no module that a worker could load: a package that is run from its sources has none. */
  static start(options: FoldWorkerOptions): FoldWorker | null {
    return existsSync(fileURLToPath(options.workerUrl)) ? new FoldWorker(options) : null;
  }

  private constructor({ home, workerUrl, environment, keepsProcess }: FoldWorkerOptions) {
    const workerData: FoldWorkerData = { home, environment: { ...environment } };
    this.#worker = new Worker(workerUrl, { workerData });
    if (!keepsProcess) this.#worker.unref();
    this.#worker.on("message", ({ isDone }: FoldAnswer) => this.#settle(isDone));
    // Whoever asks for the turns meets the failure again, where it can be told.
    this.#worker.once("error", () => undefined);
    this.#ended = new Promise((resolve) => {
      this.#worker.once("exit", () => {
        this.#isEnded = true;
        this.#settle(false);
        resolve();
      });
    });
  }

  /** Indexes the turns of one thread. Resolves to whether that worked; one thread at a time. */
  async fold(threadId: ThreadId): Promise<boolean> {
    if (this.#isEnded) return false;
    const settled = new Promise<boolean>((resolve) => {
      this.#settle = resolve;
    });
    this.#isBusy = true;
    this.#worker.postMessage({ threadId } satisfies FoldOrder);
    const isDone = await settled;
    this.#isBusy = false;
    return isDone;
  }

  /** Ends the worker, at once when it is busy: what was not done is done when it is asked for. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isBusy) await this.#worker.terminate();
    else this.#worker.postMessage({ threadId: null } satisfies FoldOrder);
    await this.#ended;
  }
}
