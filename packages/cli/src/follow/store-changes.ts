import type { StoreChange, ThreadStore } from "@threadstore/core";

/** The longest a timer can wait. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/**
 * The changes of a store from the moment this is made, until the person who looks on interrupts: that ends them quietly. Meanwhile
 * the process stays alive. An interrupt while nobody reads them ends the process as usual.
 */
export class StoreChanges implements AsyncDisposable {
  readonly #steps: AsyncIterator<StoreChange>;
  readonly #stop = () => void this.#steps.return?.();
  readonly #alive = setInterval(() => {}, TIMER_MAX_MS);
  #first: Promise<IteratorResult<StoreChange>> | undefined;

  constructor(store: ThreadStore) {
    this.#steps = store.watchThreads({})[Symbol.asyncIterator]();
    this.#first = this.#steps.next();
    // It may fail before anybody reads it; whoever does hears of it.
    this.#first.catch(() => {});
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StoreChange> {
    process.once("SIGINT", this.#stop);
    for (;;) {
      const step = await (this.#first ?? this.#steps.next());
      this.#first = undefined;
      if (step.done) return;
      yield step.value;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#alive);
    process.removeListener("SIGINT", this.#stop);
    await this.#steps.return?.();
  }
}
