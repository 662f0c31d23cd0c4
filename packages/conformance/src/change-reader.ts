import type { StoreChange, ThreadStore, WatchThreadsParams } from "@threadstore/core";

/** A store that looks for changes now and then has had several looks by now. */
const DEADLINE_MS = 20_000;

/** Reads the changes of a store. The watch has begun when the reader is there. */
export class ChangeReader implements AsyncDisposable {
  readonly #steps: AsyncIterator<StoreChange>;
  #next: Promise<IteratorResult<StoreChange>> | undefined;

  constructor(store: ThreadStore, params: WatchThreadsParams = {}, signal?: AbortSignal) {
    this.#steps = store.watchThreads(params, signal ? { signal } : {})[Symbol.asyncIterator]();
    this.#next = this.#steps.next();
    // Whoever asks for the step hears of its failure; nobody may.
    this.#next.catch(() => {});
  }

  /** The next change; undefined when the watch has ended. */
  async next(): Promise<StoreChange | undefined> {
    const step = this.#next ?? this.#steps.next();
    this.#next = undefined;
    const { done, value } = await beforeDeadline(step);
    return done ? undefined : value;
  }

  /** Reads on until a change says all of this; changes may be told more than once, and others in between. */
  async until(wanted: Partial<StoreChange>): Promise<StoreChange> {
    for (;;) {
      const change = await this.next();
      if (!change) throw new Error(`the watch ended before ${JSON.stringify(wanted)} was told`);
      const entries = Object.entries(wanted) as [keyof StoreChange, unknown][];
      if (entries.every(([field, value]) => change[field] === value)) return change;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#steps.return?.();
  }
}

async function beforeDeadline<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no change was told within ${DEADLINE_MS} ms`)), DEADLINE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
