import type { LaggedEvent } from "./thread-event.js";

type Step<T> = IteratorResult<T | LaggedEvent, undefined>;

/** Events that many subscribers are told, each in its own time. One that is too slow is told how many it missed. */
export class EventChannel<T> {
  readonly #subscriptions = new Set<Subscription<T>>();
  readonly #bufferMaxEvents: number;
  #isClosed = false;

  constructor(bufferMaxEvents: number) {
    this.#bufferMaxEvents = bufferMaxEvents;
  }

  get subscribers(): number {
    return this.#subscriptions.size;
  }

  /** What is published from now on. It ends with the channel, or when its reader leaves. */
  subscribe(): AsyncIterableIterator<T | LaggedEvent, undefined> {
    const subscription = new Subscription<T>(this.#bufferMaxEvents, () => this.#subscriptions.delete(subscription));
    if (this.#isClosed) subscription.end();
    else this.#subscriptions.add(subscription);
    return subscription;
  }

  publish(event: T): void {
    for (const subscription of this.#subscriptions) subscription.push(event);
  }

  /** Ends every subscription after what was published. */
  close(): void {
    this.#isClosed = true;
    for (const subscription of [...this.#subscriptions]) subscription.end();
  }
}

class Subscription<T> implements AsyncIterableIterator<T | LaggedEvent, undefined> {
  readonly #bufferMaxEvents: number;
  readonly #onEnd: () => void;
  #buffer: T[] = [];
  #missed = 0;
  #waiting: ((step: Step<T>) => void)[] = [];
  #isEnded = false;

  constructor(bufferMaxEvents: number, onEnd: () => void) {
    this.#bufferMaxEvents = bufferMaxEvents;
    this.#onEnd = onEnd;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** A full buffer is given up whole: a reader that has to look things up in the history anyhow needs no old events. */
  push(event: T): void {
    if (this.#buffer.length >= this.#bufferMaxEvents) {
      this.#missed += this.#buffer.length;
      this.#buffer = [];
    }
    this.#buffer.push(event);
    this.#serve();
  }

  next(): Promise<Step<T>> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#serve();
    });
  }

  async return(): Promise<Step<T>> {
    this.#buffer = [];
    this.#missed = 0;
    this.end();
    return { done: true, value: undefined };
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#onEnd();
    this.#serve();
  }

  #serve(): void {
    while (this.#waiting.length > 0) {
      const event = this.#take();
      if (event === undefined && !this.#isEnded) return;
      this.#waiting.shift()?.(event === undefined ? { done: true, value: undefined } : { done: false, value: event });
    }
  }

  #take(): T | LaggedEvent | undefined {
    if (this.#missed === 0) return this.#buffer.shift();
    const missed = this.#missed;
    this.#missed = 0;
    return { type: "lagged", missed };
  }
}
