import { type Clock, systemClock } from "../protocol/clock.js";
import type { HistoryMode, PersistencePolicy } from "../protocol/history-mode.js";
import { instantFromMs } from "../protocol/instant.js";
import type { AppendedItem, StoredItem } from "../protocol/rollout-item.js";
import { parseThreadId, type ThreadId } from "../protocol/thread-id.js";
import { policyOf } from "../rules/persistence-policy.js";
import type { ThreadMetadataPatch } from "../store/metadata-patch.js";
import type {
  AppendItemsParams,
  CreateThreadParams,
  ResumeThreadParams,
  UpdateThreadMetadataParams,
} from "../store/params.js";
import type { AppendResult, FlushResult, StoredThread, StoredThreadHistory } from "../store/records.js";
import type { ThreadStore } from "../store/thread-store.js";
import { AppendOrder } from "./append-order.js";
import { type Observation, observeCreation, observeHistory, withoutKnown } from "./thread-metadata-observer.js";
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

/** When a change of metadata is refused; as in `UpdateThreadMetadataParams`. */
export type ExpectedRevision = Pick<UpdateThreadMetadataParams, "expectedRevision">;

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
    const threadId = parseThreadId(params.threadId) ?? params.threadId;
    if (store.description.foldsItems) {
      await store.createThread(params);
      return new LiveThread(store, threadId, undefined);
    }
    const policy = policyOf(await historyModeOf(store, params), params.eventPersistenceMode);
    await store.createThread(params);
    return discardingOnFailure(store, threadId, async () => {
      const born = observeCreation(params.metadata, instantFromMs(clock.nowMs()));
      const first = params.fork ? await observeFork(store, threadId, born) : born;
      const sync = new ThreadMetadataSync({ store, threadId, first, clock });
      // A fork is there from the start.
      if (params.fork) sync.allowWriting();
      return new LiveThread(store, threadId, observing(sync, policy));
    });
  }

  /** Opens a stored thread. Its history is loaded only for a store that does not fold items. @throws as `resumeThread`. */
  static async resume(
    store: ThreadStore,
    params: ResumeLiveThreadParams,
    { clock = systemClock }: LiveThreadOptions = {},
  ): Promise<LiveThread> {
    const { history, ...resume } = params;
    const { includeArchived = false, eventPersistenceMode } = resume;
    const threadId = parseThreadId(params.threadId) ?? params.threadId;
    await store.resumeThread(resume);
    if (store.description.foldsItems) return new LiveThread(store, threadId, undefined);
    return discardingOnFailure(store, threadId, async () => {
      const thread = await store.readThread({ threadId, includeArchived });
      const items = history ?? (await store.loadHistory({ threadId, includeArchived })).items;
      const { state, patch } = observeHistory(items, threadId);
      const first = { state, patch: withoutKnown(patch, thread) };
      const sync = new ThreadMetadataSync({ store, threadId, first, clock });
      return new LiveThread(store, threadId, observing(sync, policyOf(thread.historyMode, eventPersistenceMode)));
    });
  }

  /** Appends items in order; nothing to append asks the store nothing. @throws as `appendItems`. */
  async append(items: readonly AppendedItem[], protection: AppendProtection = {}): Promise<AppendResult | null> {
    if (items.length === 0) return null;
    const call = this.#store.appendItems({ threadId: this.threadId, items, ...protection });
    return this.#observing ? this.#observing.order.answerOf(call, { items, key: protection.idempotencyKey }) : call;
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
    await this.#observing?.sync.pause();
    try {
      await this.#store.discardThread(this.threadId);
    } catch (error) {
      this.#observing?.sync.goOn();
      throw error;
    }
  }

  /** Sets metadata, over what the items tell. The thread is there from then on. @throws as `updateThreadMetadata`. */
  async updateMetadata(patch: ThreadMetadataPatch, expected: ExpectedRevision = {}): Promise<StoredThread> {
    await this.persist();
    const update = { threadId: this.threadId, patch, includeArchived: true, ...expected };
    const write = () => this.#store.updateThreadMetadata(update);
    return this.#observing ? this.#observing.sync.set(patch, write) : write();
  }

  readThread(): Promise<StoredThread> {
    return this.#store.readThread({ threadId: this.threadId, includeArchived: true });
  }

  loadHistory(): Promise<StoredThreadHistory> {
    return this.#store.loadHistory({ threadId: this.threadId, includeArchived: true });
  }
}

/** How a live thread follows its own items for a store that does not. */
interface Observing {
  readonly sync: ThreadMetadataSync;
  readonly order: AppendOrder;
}

function observing(sync: ThreadMetadataSync, policy: PersistencePolicy): Observing {
  return { sync, order: new AppendOrder(policy, (items) => sync.observe(items)) };
}

/** Gives a thread back when its live thread cannot be made. */
async function discardingOnFailure(
  store: ThreadStore,
  threadId: ThreadId,
  make: () => Promise<LiveThread>,
): Promise<LiveThread> {
  try {
    return await make();
  } catch (error) {
    // What failed first is told, also when this fails too.
    await store.discardThread(threadId).catch(() => undefined);
    throw error;
  }
}

/** What a fork tells from the start: what it was born with, and the conversation that it inherits. */
async function observeFork(store: ThreadStore, threadId: ThreadId, born: Observation): Promise<Observation> {
  const { items } = await store.loadHistory({ threadId });
  const { state, patch } = observeHistory(items, threadId, born);
  const { advanceRecencyAt: _recency, ...told } = patch;
  return { state, patch: told };
}

/** The history mode of a thread that is to be created: a fork has that of its source. */
async function historyModeOf(store: ThreadStore, { historyMode, fork }: CreateThreadParams): Promise<HistoryMode> {
  if (historyMode !== undefined || !fork) return historyMode ?? "paginated";
  return (await store.readThread({ threadId: fork.from })).historyMode;
}
