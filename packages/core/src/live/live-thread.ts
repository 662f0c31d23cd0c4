import { type Clock, systemClock } from "../protocol/clock.js";
import type { HistoryMode, PersistencePolicy } from "../protocol/history-mode.js";
import { instantFromMs } from "../protocol/instant.js";
import type { AppendedItem, ItemInput, RolloutItem, StoredItem } from "../protocol/rollout-item.js";
import { readRolloutRecord } from "../protocol/rollout-line.js";
import type { ThreadId } from "../protocol/thread-id.js";
import { applyPersistencePolicy, policyOf } from "../rules/persistence-policy.js";
import type { ThreadMetadataPatch } from "../store/metadata-patch.js";
import type { AppendItemsParams, CreateThreadParams, ResumeThreadParams } from "../store/params.js";
import type { AppendResult, FlushResult, StoredThread, StoredThreadHistory } from "../store/records.js";
import type { ThreadStore } from "../store/thread-store.js";
import { observeCreation, observeHistory } from "./thread-metadata-observer.js";
import { ThreadMetadataSync } from "./thread-metadata-sync.js";
import type { ThreadRecorder } from "./thread-recorder.js";

export interface LiveThreadOptions {
  /** Default: the system's clock. */
  readonly clock?: Clock;
}

export interface ResumeLiveThreadParams extends ResumeThreadParams {
  /** The items stored so far, when the caller has loaded them already. */
  readonly history?: readonly StoredItem[];
}

/** How an append is protected; as in `AppendItemsParams`. */
export type AppendProtection = Pick<AppendItemsParams, "idempotencyKey" | "expectedOrdinal">;

/**
 * One active thread: appends to its history, and keeps its metadata where the store does not follow the items by itself.
 * Appends do not wait for metadata; persist, flush, shutdown and discard are barriers for what was queued before them.
 * A thread that nothing was appended to leaves no trace.
 *
 * @see docs/contract.md, "Live threads"; codex-rs/thread-store/src/live_thread.rs
 */
export class LiveThread implements ThreadRecorder {
  readonly threadId: ThreadId;
  readonly #store: ThreadStore;
  /** Absent over a store that tells of a thread what its items tell. */
  readonly #observing: Observing | undefined;

  private constructor(store: ThreadStore, threadId: ThreadId, observing: Observing | undefined) {
    this.threadId = threadId;
    this.#store = store;
    this.#observing = observing;
  }

  /** Opens a new thread. @throws as `createThread`. */
  static async create(
    store: ThreadStore,
    params: CreateThreadParams,
    { clock = systemClock }: LiveThreadOptions = {},
  ): Promise<LiveThread> {
    const { threadId, metadata, eventPersistenceMode } = params;
    if (store.description.foldsItems) {
      await store.createThread(params);
      return new LiveThread(store, threadId, undefined);
    }
    const policy = policyOf(await historyModeOf(store, params), eventPersistenceMode);
    await store.createThread(params);
    const first = observeCreation(metadata, instantFromMs(clock.nowMs()));
    const sync = new ThreadMetadataSync({ store, threadId, first, clock });
    return new LiveThread(store, threadId, { sync, policy, clock });
  }

  /** Opens a stored thread. Its history is loaded only for a store that does not fold items. @throws as `resumeThread`. */
  static async resume(
    store: ThreadStore,
    params: ResumeLiveThreadParams,
    { clock = systemClock }: LiveThreadOptions = {},
  ): Promise<LiveThread> {
    const { history, ...resume } = params;
    const { threadId, includeArchived = false, eventPersistenceMode } = resume;
    await store.resumeThread(resume);
    if (store.description.foldsItems) return new LiveThread(store, threadId, undefined);
    try {
      const { historyMode } = await store.readThread({ threadId, includeArchived });
      const items = history ?? (await store.loadHistory({ threadId, includeArchived })).items;
      const first = observeHistory(items, threadId);
      const sync = new ThreadMetadataSync({ store, threadId, first, clock });
      return new LiveThread(store, threadId, { sync, policy: policyOf(historyMode, eventPersistenceMode), clock });
    } catch (error) {
      await store.discardThread(threadId);
      throw error;
    }
  }

  /** Appends items in order; nothing to append asks the store nothing. @throws as `appendItems`. */
  async append(items: readonly AppendedItem[], protection: AppendProtection = {}): Promise<AppendResult | null> {
    if (items.length === 0) return null;
    const result = await this.#store.appendItems({ threadId: this.threadId, items, ...protection });
    if (!result.repeated && result.firstOrdinal !== null) this.#observe(items, result.firstOrdinal);
    return result;
  }

  async recordItems(items: readonly AppendedItem[]): Promise<void> {
    await this.append(items);
  }

  async persist(): Promise<void> {
    await this.#store.persistThread(this.threadId);
    this.#observing?.sync.allowWriting();
    await this.#observing?.sync.flush();
  }

  async flush(): Promise<FlushResult> {
    const flushed = await this.#store.flushThread(this.threadId);
    await this.#observing?.sync.flush();
    return flushed;
  }

  /** Writes the metadata that is owed, then closes the writer. When either fails the thread stays open. */
  async shutdown(): Promise<void> {
    await this.#observing?.sync.flush();
    await this.#store.shutdownThread(this.threadId);
  }

  /** Closes the writer and keeps what is stored. A patch that is on its way is waited for; no other is sent. */
  async discard(): Promise<void> {
    await this.#observing?.sync.settle();
    await this.#store.discardThread(this.threadId);
  }

  /** Sets metadata, over what the items tell. The thread is there from then on. @throws as `updateThreadMetadata`. */
  async updateMetadata(patch: ThreadMetadataPatch): Promise<StoredThread> {
    await this.persist();
    const { updatedAt: _updatedAt, advanceRecencyAt: _recency, ...set } = patch;
    this.#observing?.sync.noteSet(set);
    return this.#store.updateThreadMetadata({ threadId: this.threadId, patch, includeArchived: true });
  }

  readThread(): Promise<StoredThread> {
    return this.#store.readThread({ threadId: this.threadId, includeArchived: true });
  }

  loadHistory(): Promise<StoredThreadHistory> {
    return this.#store.loadHistory({ threadId: this.threadId, includeArchived: true });
  }

  /** Shows the metadata what the store kept of an append. */
  #observe(items: readonly AppendedItem[], firstOrdinal: number): void {
    if (!this.#observing) return;
    const { sync, policy, clock } = this.#observing;
    const timestamp = instantFromMs(clock.nowMs());
    const kept = items.map(itemOf).filter((item) => applyPersistencePolicy(item, policy) !== null);
    sync.observe(kept.map((item, at) => ({ item, timestamp, ordinal: firstOrdinal + at })));
  }
}

/** How a live thread follows its own items for a store that does not. */
interface Observing {
  readonly sync: ThreadMetadataSync;
  readonly policy: PersistencePolicy;
  readonly clock: Clock;
}

/** The history mode of a thread that is to be created: a fork has that of its source. */
async function historyModeOf(store: ThreadStore, { historyMode, fork }: CreateThreadParams): Promise<HistoryMode> {
  if (historyMode !== undefined || !fork) return historyMode ?? "paginated";
  return (await store.readThread({ threadId: fork.from })).historyMode;
}

/** An item as its store accepted it: it is known to be readable. */
function itemOf(appended: AppendedItem): RolloutItem {
  if ("type" in appended) return appended as RolloutItem;
  return readRolloutRecord((appended as ItemInput).json)?.item as RolloutItem;
}
