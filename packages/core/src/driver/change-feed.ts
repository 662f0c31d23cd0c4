import type { ThreadId } from "../protocol/thread-id.js";
import { invalidRequest } from "../store/errors.js";
import { DEFAULT_LIMITS } from "../store/limits.js";
import type { WatchThreadsParams } from "../store/params.js";
import { ChangeSubscription, type NumberedChange, type ThreadChange } from "./change-subscription.js";
import { decodeCursorFields, encodeCursorFields } from "./cursor-text.js";

export interface ChangeFeedOptions {
  /** Tells the positions of this feed from those of others, earlier processes included: an id that is never used again. */
  readonly feedId: string;
  /** Threads whose last changes are remembered, for those who come back with a position. Default 10,000. */
  readonly rememberedThreads?: number;
}

export interface WatchOptions {
  readonly signal?: AbortSignal;
  /** Called once, when the subscription ended. */
  readonly onEnd?: () => void;
}

const REMEMBERED_THREADS = 10_000;
const VERSION = "w1";

/** What is remembered of a thread: its last change of each kind. */
type RememberedThread = ReadonlyMap<string, NumberedChange>;

/**
 * Passes the changes of a store on to any number of subscribers, each at its own pace, and remembers the last changes of each
 * thread for those who come back with a position. It waits for nothing and starts nothing.
 *
 * @see docs/contract.md, "Changes"
 */
export class ChangeFeed {
  readonly #feedId: string;
  readonly #rememberedThreads: number;
  /** By the last change, the oldest first. */
  readonly #remembered = new Map<ThreadId, RememberedThread>();
  readonly #subscriptions = new Set<ChangeSubscription>();
  /** The number of the last change. */
  #last = 0;
  /** Changes up to this one may no longer be remembered. */
  #forgottenTo = 0;

  constructor(options: ChangeFeedOptions) {
    this.#feedId = options.feedId;
    this.#rememberedThreads = options.rememberedThreads ?? REMEMBERED_THREADS;
  }

  /** Tells every subscriber of a change. */
  tell(change: ThreadChange): void {
    const numbered = { ...change, at: ++this.#last };
    this.#remember(numbered);
    for (const subscription of this.#subscriptions) subscription.push(numbered);
  }

  /**
   * What changes from here on; with `after` also what changed since that position, or `lagged` when that is not known.
   * An aborted signal ends it at once. @throws `invalid_request` a position that no feed gave.
   */
  watch(p: WatchThreadsParams, { signal, onEnd }: WatchOptions = {}): ChangeSubscription {
    const since = p.after === undefined ? this.#last : this.#numberOf(p.after);
    const subscription = new ChangeSubscription({
      bufferMax: p.bufferMax ?? DEFAULT_LIMITS.watchBufferThreads,
      positionOf: (at) => encodeCursorFields([VERSION, this.#feedId, at]),
      onEnd: () => {
        this.#subscriptions.delete(subscription);
        onEnd?.();
      },
    });
    if (since === null || since < this.#forgottenTo) subscription.lag(this.#last);
    else for (const change of this.#since(since)) subscription.push(change);
    this.#subscriptions.add(subscription);
    signal?.addEventListener("abort", () => subscription.end(signal.reason), { once: true });
    if (signal?.aborted) subscription.end(signal.reason);
    return subscription;
  }

  /** From here on nobody knows what happened before: whoever comes back with an earlier position has lagged. */
  forget(): void {
    this.#remembered.clear();
    this.#forgottenTo = this.#last;
  }

  /** Ends every subscription; with an error, each of them fails with it. */
  end(error?: unknown): void {
    for (const subscription of this.#subscriptions) subscription.end(error);
  }

  #remember(change: NumberedChange): void {
    const { threadId } = change;
    const kinds = new Map(this.#remembered.get(threadId)).set(kindOf(change), change);
    this.#remembered.delete(threadId);
    this.#remembered.set(threadId, kinds);
    if (this.#remembered.size > this.#rememberedThreads) this.#forgetOldest();
  }

  /** Nothing older than the last change of the thread that goes is complete any more. */
  #forgetOldest(): void {
    for (const [threadId, kinds] of this.#remembered) {
      this.#remembered.delete(threadId);
      for (const { at } of kinds.values()) this.#forgottenTo = Math.max(this.#forgottenTo, at);
      return;
    }
  }

  #since(position: number): NumberedChange[] {
    const changes = [...this.#remembered.values()].flatMap((kinds) => [...kinds.values()]);
    return changes.filter(({ at }) => at > position).sort((a, b) => a.at - b.at);
  }

  /** The number a position stands for; null when another feed gave it. */
  #numberOf(position: string): number | null {
    const fields = decodeCursorFields(position);
    const [version, feedId, at] = fields ?? [];
    const isPosition = fields?.length === 3 && version === VERSION && typeof feedId === "string";
    if (!isPosition || !Number.isSafeInteger(at) || (at as number) < 0) {
      throw invalidRequest(`invalid position: ${position.slice(0, 80)}`);
    }
    if (feedId !== this.#feedId) return null;
    if ((at as number) > this.#last) throw invalidRequest(`invalid position: no change was at ${at}`);
    return at as number;
  }
}

/** Of a kind the last change says all: where a thread is now, how far its history goes, that its metadata changed. */
function kindOf({ type }: ThreadChange): string {
  return type === "appended" || type === "updated" ? type : "place";
}
