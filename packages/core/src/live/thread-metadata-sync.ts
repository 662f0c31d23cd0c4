import { type Clock, systemClock } from "../protocol/clock.js";
import { instantFromMs } from "../protocol/instant.js";
import type { RolloutItem } from "../protocol/rollout-item.js";
import type { ThreadId } from "../protocol/thread-id.js";
import { isEmptyPatch, mergePatches, type ThreadMetadataPatch } from "../store/metadata-patch.js";
import type { ThreadStore } from "../store/thread-store.js";
import { type Observation, type ObserverState, observeItem } from "./thread-metadata-observer.js";

/** Items that tell nothing move `updatedAt` this often at most; barriers write what waits. */
const TOUCH_INTERVAL_MS = 5_000;

export interface MetadataSyncOptions {
  readonly store: Pick<ThreadStore, "updateThreadMetadata">;
  readonly threadId: ThreadId;
  /** What is known before anything is appended; it is written once the thread has a history. */
  readonly first: Observation;
  /** Default: the system's clock. */
  readonly clock?: Clock;
}

/**
 * Keeps the metadata of a live thread in a store that does not fold items itself. Appends do not wait for it: patches that
 * come while one is being written are merged into the next. A failed one is merged into the next attempt, and reported
 * by the barrier whose own attempt fails too.
 */
export class ThreadMetadataSync {
  readonly #store: MetadataSyncOptions["store"];
  readonly #threadId: ThreadId;
  readonly #clock: Clock;
  #state: ObserverState;
  #pending: ThreadMetadataPatch;
  /** Fields that were set by a caller: what items tell of them no longer counts. */
  readonly #set = new Set<string>();
  /** Whether the thread has a history: before that it leaves no trace. */
  #hasHistory = false;
  /** Counts what was observed; up to `#wanted` it is to be written, up to `#applied` it is. */
  #observed: number;
  #wanted = 0;
  #applied = 0;
  #touchedAtMs = Number.NEGATIVE_INFINITY;
  #attempt: Promise<void> | undefined;
  /** What the last attempt was to write up to. */
  #tried = 0;
  #isPaused = false;

  constructor({ store, threadId, first, clock = systemClock }: MetadataSyncOptions) {
    this.#store = store;
    this.#threadId = threadId;
    this.#clock = clock;
    this.#state = first.state;
    this.#pending = first.patch;
    this.#observed = isEmptyPatch(first.patch) ? 0 : 1;
  }

  /** Takes in items that were appended; returns at once. */
  observe(items: readonly RolloutItem[]): void {
    const nowMs = this.#clock.nowMs();
    const now = instantFromMs(nowMs);
    this.#hasHistory = true;
    for (const item of items) {
      const observed = { item, timestamp: now, ordinal: 0 };
      const { state, patch } = observeItem(this.#state, observed, { threadId: this.#threadId, now });
      this.#state = state;
      this.#pending = mergePatches(this.#pending, this.#withoutSet(patch));
    }
    this.#pending = { ...this.#pending, updatedAt: now };
    this.#observed++;
    const isTouch = Object.keys(this.#pending).every((field) => field === "updatedAt");
    if (isTouch && nowMs - this.#touchedAtMs < TOUCH_INTERVAL_MS) return;
    this.#touchedAtMs = nowMs;
    this.#wanted = this.#observed;
    this.#startWriting();
  }

  /**
   * Writes a patch of a caller's, after those that are on their way: it wins over the items from here on, unless it fails.
   */
  async set<T>(patch: ThreadMetadataPatch, write: () => Promise<T>): Promise<T> {
    await this.pause();
    try {
      const written = await write();
      const { updatedAt: _updatedAt, advanceRecencyAt: _recency, ...fields } = patch;
      for (const [field, value] of Object.entries(fields)) if (value !== undefined) this.#set.add(field);
      this.#pending = this.#withoutSet(this.#pending);
      return written;
    } finally {
      this.goOn();
    }
  }

  /** The thread is there, though nothing was appended: what is known of it may be written. */
  allowWriting(): void {
    this.#hasHistory = true;
  }

  /** Resolves when everything that was observed before is in the store. @throws what the store answered to its attempt. */
  async flush(): Promise<void> {
    if (!this.#hasHistory) return;
    const target = this.#observed;
    // One that runs already may fail: what it carried is in the next attempt, which is this barrier's own.
    await this.settle();
    while (this.#applied < target) await this.#write();
  }

  /** Resolves when the patch that is being written now, if any, has come to its end. */
  async settle(): Promise<void> {
    await this.#attempt?.catch(() => undefined);
  }

  /** Writes nothing more in the background; resolves when nothing is being written. */
  async pause(): Promise<void> {
    this.#isPaused = true;
    await this.settle();
  }

  /** Writes in the background again, first what has come meanwhile. */
  goOn(): void {
    this.#isPaused = false;
    if (this.#wanted > Math.max(this.#applied, this.#tried)) this.#startWriting();
  }

  #withoutSet(patch: ThreadMetadataPatch): ThreadMetadataPatch {
    return Object.fromEntries(Object.entries(patch).filter(([field]) => !this.#set.has(field)));
  }

  /** Writes in the background. What fails is pending again: the next append or barrier tries it. */
  #startWriting(): void {
    if (!this.#attempt && !this.#isPaused) this.#write().catch(() => undefined);
  }

  /** Joins the attempt that is under way, or makes one. */
  #write(): Promise<void> {
    if (this.#attempt) return this.#attempt;
    this.#tried = this.#observed;
    const attempt = this.#writePending(this.#tried).finally(() => {
      this.#attempt = undefined;
      if (this.#wanted > Math.max(this.#applied, this.#tried)) this.#startWriting();
    });
    this.#attempt = attempt;
    return attempt;
  }

  async #writePending(observed: number): Promise<void> {
    const patch = this.#pending;
    this.#pending = {};
    try {
      await this.#store.updateThreadMetadata({ threadId: this.#threadId, patch, includeArchived: true });
      this.#applied = observed;
    } catch (error) {
      this.#pending = mergePatches(this.#withoutSet(patch), this.#pending);
      throw error;
    }
  }
}
