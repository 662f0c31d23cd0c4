import type { CallOptions } from "../store/params.js";

/** Streams that end at once, each by its reader or all by their owner. */
export class EndableStreams {
  readonly #reading = new Set<EndableStream<unknown>>();

  /** A stream of what `start` answers: started by its first step, and told to stop by the signal of its options. */
  open<T>(options: CallOptions | undefined, start: (options: CallOptions) => AsyncGenerator<T>): EndableStream<T> {
    return new EndableStream(this.#reading, options ?? {}, start);
  }

  /** Ends every stream that somebody reads: their next step says that nothing more comes. */
  endAll(): void {
    for (const stream of this.#reading) stream.end();
  }
}

type Step<T> = IteratorResult<T, undefined>;

/** A stream that ends at once also while its reader waits for a piece, which an async generator alone cannot. */
export class EndableStream<T> implements AsyncIterableIterator<T, undefined> {
  readonly #reading: Set<EndableStream<unknown>>;
  readonly #options: CallOptions;
  readonly #start: (options: CallOptions) => AsyncGenerator<T>;
  readonly #stopper = new AbortController();
  readonly #stop = () => this.#stopper.abort(this.#options.signal?.reason);
  #pieces: AsyncGenerator<T> | undefined;
  #isEnded = false;

  constructor(
    reading: Set<EndableStream<unknown>>,
    options: CallOptions,
    start: (options: CallOptions) => AsyncGenerator<T>,
  ) {
    this.#reading = reading;
    this.#options = options;
    this.#start = start;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<Step<T>> {
    if (this.#isEnded) return DONE;
    this.#pieces ??= this.#begin();
    try {
      const step = await this.#pieces.next();
      if (!step.done && !this.#isEnded) return step;
    } catch (error) {
      // What fails because it was told to stop has ended as it should.
      if (!this.#isEnded) {
        this.#close();
        throw error;
      }
    }
    this.#close();
    return DONE;
  }

  async return(): Promise<Step<T>> {
    this.end();
    await this.#pieces?.return(undefined);
    return DONE;
  }

  end(): void {
    this.#close();
    this.#stop();
  }

  #begin(): AsyncGenerator<T> {
    const { signal } = this.#options;
    this.#reading.add(this);
    signal?.addEventListener("abort", this.#stop, { once: true });
    if (signal?.aborted) this.#stop();
    return this.#start({ ...this.#options, signal: this.#stopper.signal });
  }

  #close(): void {
    this.#isEnded = true;
    this.#reading.delete(this);
    this.#options.signal?.removeEventListener("abort", this.#stop);
  }
}

const DONE = { done: true, value: undefined } as const;
