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
  readonly threadIds: readonly ThreadId[] | null;
}

/** Which of these threads could not be indexed. */
export interface FoldAnswer {
  readonly failed: readonly ThreadId[];
}

export interface FoldWorkerOptions {
  readonly home: string;
  /** The module that the worker runs; it is given {@link FoldWorkerData}, then {@link FoldOrder}s. */
  readonly workerUrl: URL;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Indexes the turns of threads beside the main thread, on an index connection of its own. The process does not stay alive for
 * it.
 */
export class FoldWorker implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  #settle: (failed: readonly ThreadId[] | null) => void = () => undefined;
  #isBusy = false;
  #isEnded = false;

  /** Null where there is no module that a worker could load: a package that is run from its sources has none. */
  static start(options: FoldWorkerOptions): FoldWorker | null {
    return existsSync(fileURLToPath(options.workerUrl)) ? new FoldWorker(options) : null;
  }

  private constructor({ home, workerUrl, environment }: FoldWorkerOptions) {
    const workerData: FoldWorkerData = { home, environment: { ...environment } };
    this.#worker = new Worker(workerUrl, { workerData });
    this.#worker.unref();
    this.#worker.on("message", ({ failed }: FoldAnswer) => this.#settle(failed));
    // Whoever asks for the turns meets the failure again, where it can be told.
    this.#worker.once("error", () => undefined);
    this.#ended = new Promise((resolve) => {
      this.#worker.once("exit", () => {
        this.#isEnded = true;
        this.#settle(null);
        resolve();
      });
    });
  }

  /** Indexes the turns of some threads, one order at a time. Resolves to those where that failed. */
  async fold(threadIds: readonly ThreadId[]): Promise<readonly ThreadId[]> {
    if (this.#isEnded) return threadIds;
    const settled = new Promise<readonly ThreadId[] | null>((resolve) => {
      this.#settle = resolve;
    });
    this.#isBusy = true;
    this.#worker.postMessage({ threadIds } satisfies FoldOrder);
    const failed = await settled;
    this.#isBusy = false;
    return failed ?? threadIds;
  }

  /** Ends the worker, at once when it is busy: what was not done is done when it is asked for. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isBusy) await this.#worker.terminate();
    else this.#worker.postMessage({ threadIds: null } satisfies FoldOrder);
    await this.#ended;
  }
}
