import type { HistoryMode } from "../protocol/history-mode.js";
import type { Instant } from "../protocol/instant.js";
import type { ItemInput } from "../protocol/rollout-item.js";
import type { ThreadId } from "../protocol/thread-id.js";
import type { ThreadFilter } from "../rules/thread-filter.js";
import type { ThreadOrder, ThreadPosition } from "../rules/thread-order.js";
import type {
  CallOptions,
  CreateThreadParams,
  FindThreadByNameParams,
  ReadHistoryParams,
  ReadThreadParams,
  ResumeThreadParams,
  RevertThreadParams,
  ThreadParams,
  UpdateThreadMetadataParams,
} from "../store/params.js";
import type { AppendResult, FlushResult, HistoryBatch, StoredThread } from "../store/records.js";
import type { StoreDescription, ThreadStore } from "../store/thread-store.js";
import type { SearchGroup } from "./search-group.js";

/** The right to write a live thread. How a writer is fenced that was taken over is the driver's own affair. */
export interface Lease {
  readonly threadId: ThreadId;
  readonly historyMode: HistoryMode;
}

/** An append as a driver gets it: checked, serialised, and after the persistence policy. `items` may be empty. */
export interface DriverAppend {
  readonly items: readonly ItemInput[];
  readonly idempotencyKey?: string;
  readonly expectedOrdinal?: number;
  readonly updatedAt?: Instant;
}

/** What a driver says of an append; the kernel adds what the policy dropped. */
export type DriverAppendResult = Omit<AppendResult, "dropped">;

/** A list query with every default filled in, and a position where callers have a cursor. */
export interface ThreadListQuery extends ThreadFilter {
  readonly archived: boolean;
  readonly pageSize: number;
  readonly order: ThreadOrder;
  readonly position?: ThreadPosition;
  readonly useIndexOnly: boolean;
}

/** A page as a driver answers it: `more` says whether rows follow the last one. */
export interface ThreadListPage {
  readonly threads: readonly StoredThread[];
  readonly more: boolean;
  readonly scanned?: number;
}

/** Writing and replaying. The kernel calls these with arguments it has checked, and only with leases it was given. */
export interface ThreadLog<L extends Lease = Lease> {
  createThread(p: CreateThreadParams, o: CallOptions): Promise<L>;
  resumeThread(p: ResumeThreadParams, o: CallOptions): Promise<L>;
  /** Called in the order of the caller's appends, without waiting for one to end before the next. */
  appendItems(lease: L, p: DriverAppend, o: CallOptions): Promise<DriverAppendResult>;
  persistThread(lease: L, o: CallOptions): Promise<void>;
  flushThread(lease: L, o: CallOptions): Promise<FlushResult>;
  shutdownThread(lease: L, o: CallOptions): Promise<void>;
  discardThread(lease: L, o: CallOptions): Promise<void>;
  readHistory(p: HistoryQuery, o: CallOptions): AsyncIterable<HistoryBatch>;
}

/** A history read with its defaults filled in. */
export type HistoryQuery = ReadHistoryParams & Required<Pick<ReadHistoryParams, "direction" | "batchBytes">>;

/** Reading, listing and changing what is known of threads. */
export interface ThreadCatalog {
  readThread(p: ReadThreadParams, o: CallOptions): Promise<StoredThread>;
  listThreads(p: ThreadListQuery, o: CallOptions): Promise<ThreadListPage>;
  updateThreadMetadata(p: UpdateThreadMetadataParams, o: CallOptions): Promise<StoredThread>;
  archiveThread(p: ThreadParams, o: CallOptions): Promise<void>;
  unarchiveThread(p: ThreadParams, o: CallOptions): Promise<StoredThread>;
  /** Capability `deletion`. */
  deleteThread?(p: ThreadParams, o: CallOptions): Promise<void>;
  /** Optional: without it the kernel looks through lists. */
  findThreadByName?(p: FindThreadByNameParams, o: CallOptions): Promise<StoredThread | null>;
}

export type TurnGroup = Pick<ThreadStore, "listTurns" | "listItems" | "readItems">;
export type EdgeGroup = Pick<ThreadStore, "upsertThreadSpawnEdge" | "listThreadSpawnEdges" | "findThreadSpawnByPath">;
export type PathGroup = Pick<
  ThreadStore,
  "supportsLegacyPath" | "liveRolloutPath" | "resolveLegacyPath" | "readThreadByRolloutPath"
>;
export type ChangeGroup = Pick<ThreadStore, "watchThreads">;
export interface RevertGroup<L extends Lease = Lease> {
  revertThread(lease: L, p: RevertThreadParams, o: CallOptions): Promise<L>;
}

/**
 * What the author of a store writes: the required operations, and a group for each capability the store has.
 * `defineThreadStore` turns a driver into a ThreadStore.
 */
export interface ThreadStoreDriver<L extends Lease = Lease> extends ThreadLog<L>, ThreadCatalog, AsyncDisposable {
  readonly description: StoreDescription;
  /** Forks of paginated threads share the items of their source instead of copying them. */
  readonly forkByReference?: true;
  readonly turns?: TurnGroup;
  readonly search?: SearchGroup;
  readonly edges?: EdgeGroup;
  readonly paths?: PathGroup;
  readonly changes?: ChangeGroup;
  readonly revert?: RevertGroup<L>;
}
