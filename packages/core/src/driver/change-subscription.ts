import type { ThreadId } from "../protocol/thread-id.js";
import type { StoreChange } from "../store/records.js";

/** A change as a store tells it, before it has a position. */
export interface ThreadChange {
  readonly type: Exclude<StoreChange["type"], "lagged">;
  readonly threadId: ThreadId;
  /** The ordinal of the thread's next item, where the store knows it. */
  readonly nextOrdinal?: number;
}

/** A change and its place in the order of all changes. */
export interface NumberedChange extends ThreadChange {
  readonly at: number;
}

export interface ChangeSubscriptionOptions {
  /** Threads whose changes are held for a slow reader. */
  readonly bufferMax: number;
  readonly positionOf: (at: number) => string;
  /** Called once, when the subscription ended. */
  readonly onEnd: () => void;
}

/** What a reader was not told of a thread yet. */
interface PendingChange extends ThreadChange {
  /** The first change of it: everything before that was told when this one is. */
  readonly at: number;
}

type Step = IteratorResult<StoreChange, undefined>;

interface Waiting {
  resolve(step: Step): void;
  reject(error: unknown): void;
}

/**
 * The changes for one reader: of each thread one change at a time, in the order of the first that was not told. A reader for
 * whom more than `bufferMax` threads wait is told `lagged` instead of them.
 */
export class ChangeSubscription implements AsyncIterableIterator<StoreChange, undefined> {
  readonly #options: ChangeSubscriptionOptions;
  readonly #pending = new Map<ThreadId, PendingChange>();
  /** Up to where changes were passed over; undefined while none were. */
  #laggedTo: number | undefined;
  #waiting: Waiting[] = [];
  #isEnded = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: ChangeSubscriptionOptions) {
    this.#options = options;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Adds a change; changes come in their order. */
  push(change: NumberedChange): void {
    if (this.#isEnded) return;
    this.#pending.set(change.threadId, merge(this.#pending.get(change.threadId), change));
    if (this.#pending.size > this.#options.bufferMax) this.lag(change.at);
    else this.#serve();
  }

  /** Passes over everything up to a change: the reader is told so once. */
  lag(at: number): void {
    this.#pending.clear();
    this.#laggedTo = at;
    this.#serve();
  }

  next(): Promise<Step> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#serve();
    });
  }

  async return(): Promise<Step> {
    this.end();
    return { done: true, value: undefined };
  }

  /** Ends it at once, also for a reader that waits. With an error, the next step of the reader fails with it. */
  end(error?: unknown): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#pending.clear();
    this.#laggedTo = undefined;
    if (error !== undefined) this.#failure = { error };
    this.#serve();
    this.#options.onEnd();
  }

  #serve(): void {
    while (this.#waiting.length > 0) {
      const change = this.#take();
      if (change === undefined && !this.#isEnded) return;
      const waiting = this.#waiting.shift();
      const failure = this.#failure;
      this.#failure = undefined;
      if (failure) waiting?.reject(failure.error);
      else waiting?.resolve(change === undefined ? { done: true, value: undefined } : { done: false, value: change });
    }
  }

  #take(): StoreChange | undefined {
    const { positionOf } = this.#options;
    const laggedTo = this.#laggedTo;
    if (laggedTo !== undefined) {
      this.#laggedTo = undefined;
      return { position: positionOf(laggedTo), type: "lagged" };
    }
    const [first] = this.#pending.values();
    if (!first) return undefined;
    this.#pending.delete(first.threadId);
    const { at, ...change } = first;
    return { position: positionOf(at), ...change };
  }
}

/**
 * One change for two: where a thread is now says more than that its history grew, and that more than that its metadata changed.
 * What is known of its history is kept.
 */
function merge(before: PendingChange | undefined, change: NumberedChange): PendingChange {
  if (!before) return change;
  const type = WEIGHTS[change.type] >= WEIGHTS[before.type] ? change.type : before.type;
  const known = change.type === "created" || change.type === "deleted" ? undefined : before.nextOrdinal;
  const nextOrdinal = change.nextOrdinal ?? known;
  const { threadId } = change;
  return { at: before.at, type, threadId, ...(nextOrdinal === undefined ? {} : { nextOrdinal }) };
}

const WEIGHTS: Readonly<Record<ThreadChange["type"], number>> = {
  created: 2,
  archived: 2,
  unarchived: 2,
  deleted: 2,
  appended: 1,
  updated: 0,
};
