import type { ThreadId } from "../protocol/thread-id.js";
import type * as params from "./params.js";
import type * as records from "./records.js";

/** What a store can do beyond the operations that every store has. */
export type StoreCapability =
  | "turns"
  | "search"
  | "edges"
  | "paths"
  | "changes"
  | "forkByReference"
  | "revert"
  | "deletion";

export interface StoreDescription {
  readonly storeId: string;
  readonly contractVersion: number;
  /** What an acknowledged flush survives: a power cut, the end of the process, or nothing. */
  readonly durability: "disk" | "os" | "memory";
  /** Whether the store itself tells of a thread what its items tell. Live threads patch a store that does not. */
  readonly foldsItems: boolean;
}

/** Gives each tenant a store of its own: a store is bound to one tenant and never sees another's threads. */
export interface ThreadStoreProvider {
  forTenant(tenantId: string): Promise<ThreadStore>;
}

/**
 * Durable threads behind one interface. docs/contract.md states every operation's promise as a numbered sentence;
 * the conformance kit proves each for every store.
 *
 * Every operation may reject with `invalid_request` (arguments), `unavailable` (cancelled, past its deadline, or the
 * medium cannot be reached) and `internal`. Operations of a group that `capabilities` lacks reject with `unsupported`.
 */
export interface ThreadStore extends AsyncDisposable {
  readonly description: StoreDescription;
  readonly capabilities: ReadonlySet<StoreCapability>;

  /** Opens a new thread and its one live writer. @throws `conflict` the id exists or is live. */
  createThread(p: params.CreateThreadParams, o?: params.CallOptions): Promise<void>;
  /** Opens the live writer of a stored thread. @throws `thread_not_found`; `conflict` another writer has it. */
  resumeThread(p: params.ResumeThreadParams, o?: params.CallOptions): Promise<void>;
  /**
   * Appends items in the order given, after the persistence policy. Resolves when every reader sees them.
   * @throws `thread_not_found` no live writer here; `conflict` fenced, moved on, or another use of the key;
   * `resource_exhausted` over a limit. A rejected append leaves nothing behind.
   */
  appendItems(p: params.AppendItemsParams, o?: params.CallOptions): Promise<records.AppendResult>;
  /** Makes a thread that nothing was written to yet readable. @throws `thread_not_found` no live writer here. */
  persistThread(id: ThreadId, o?: params.CallOptions): Promise<void>;
  /** Resolves when what was accepted survives what `description.durability` says. @throws `thread_not_found`. */
  flushThread(id: ThreadId, o?: params.CallOptions): Promise<records.FlushResult>;
  /** Flushes, then closes the writer; on failure it stays open. @throws `thread_not_found` no live writer here. */
  shutdownThread(id: ThreadId, o?: params.CallOptions): Promise<void>;
  /** Closes the writer without forcing anything out; never fails for want of a writer. */
  discardThread(id: ThreadId, o?: params.CallOptions): Promise<void>;

  /** Every item in replay order. @throws `thread_not_found`. */
  loadHistory(p: params.LoadHistoryParams, o?: params.CallOptions): Promise<records.StoredThreadHistory>;
  /** The same in bounded batches, from either end or an ordinal. @throws `thread_not_found`. */
  readHistory(p: params.ReadHistoryParams, o?: params.CallOptions): AsyncIterable<records.HistoryBatch>;
  /** One thread. @throws `thread_not_found`; `invalid_request` it is archived and that was not asked for. */
  readThread(p: params.ReadThreadParams, o?: params.CallOptions): Promise<records.StoredThread>;
  /** One page of threads. */
  listThreads(p: params.ListThreadsParams, o?: params.CallOptions): Promise<records.Page<records.StoredThread>>;
  /** The thread of exactly this name, the newest by `updatedAt`, then id; null when there is none. */
  findThreadByName(p: params.FindThreadByNameParams, o?: params.CallOptions): Promise<records.StoredThread | null>;
  /** Applies a literal patch: the only metadata write. @throws `thread_not_found`; `conflict` another revision. */
  updateThreadMetadata(p: params.UpdateThreadMetadataParams, o?: params.CallOptions): Promise<records.StoredThread>;
  /** Moves a thread among the archived ones. @throws `thread_not_found` no active thread; `conflict` it is live. */
  archiveThread(p: params.ThreadParams, o?: params.CallOptions): Promise<void>;
  /** Moves it back. @throws `thread_not_found` no archived thread; `conflict` it is live. */
  unarchiveThread(p: params.ThreadParams, o?: params.CallOptions): Promise<records.StoredThread>;
  /** Removes a thread. Capability `deletion`. @throws `thread_not_found`; `conflict` it is live, or another thread needs its items. */
  deleteThread(p: params.ThreadParams, o?: params.CallOptions): Promise<void>;
  /** Lets a live thread go on from an earlier point. Capability `revert`. @throws `conflict`. */
  revertThread(p: params.RevertThreadParams, o?: params.CallOptions): Promise<void>;

  /** One page of turns. Capability `turns`, or folded from the history. */
  listTurns(p: params.ListTurnsParams, o?: params.CallOptions): Promise<records.Page<records.StoredTurn>>;
  /** One page of turn items. */
  listItems(p: params.ListItemsParams, o?: params.CallOptions): Promise<records.Page<records.StoredTurnItem>>;
  /** Named items of one turn in stored order; unknown ids are skipped. */
  readItems(p: params.ReadItemsParams, o?: params.CallOptions): Promise<readonly records.StoredTurnItem[]>;
  /** Threads that hold a term. Capability `search`. */
  searchThreads(p: params.SearchThreadsParams, o?: params.CallOptions): Promise<records.SearchPage>;
  /** The places in one thread where a term stands, the oldest first. Capability `search`. @throws `thread_not_found`. */
  searchOccurrences(
    p: params.SearchOccurrencesParams,
    o?: params.CallOptions,
  ): Promise<records.Page<records.Occurrence>>;

  /** Sets the one parent of a child. Capability `edges`. */
  upsertThreadSpawnEdge(e: records.ThreadSpawnEdge, o?: params.CallOptions): Promise<void>;
  /** The spawned children or descendants of a thread. Capability `edges`. */
  listThreadSpawnEdges(
    p: params.ListThreadSpawnEdgesParams,
    o?: params.CallOptions,
  ): Promise<readonly records.ThreadSpawnEdge[]>;
  /** The spawned thread of an agent path, or null. Capability `edges`. @throws `conflict` two have it. */
  findThreadSpawnByPath(p: params.FindThreadSpawnByPathParams, o?: params.CallOptions): Promise<ThreadId | null>;

  /** Whether a text could be a path of this store; false without capability `paths`. */
  supportsLegacyPath(path: string): boolean;
  /** Where the rollout of a live thread is, or will be once there is something to keep; null for every other one. */
  liveRolloutPath(id: ThreadId): string | null;
  /** The thread a path belongs to, or null. Capability `paths`. */
  resolveLegacyPath(p: params.ResolveLegacyPathParams, o?: params.CallOptions): Promise<ThreadId | null>;
  /** One thread, read from the very rollout named. Capability `paths`. @throws `invalid_request` no rollout there. */
  readThreadByRolloutPath(
    p: params.ReadThreadByRolloutPathParams,
    o?: params.CallOptions,
  ): Promise<records.StoredThread>;

  /**
   * Threads as they change, at least once each. The watch begins with the first step, and ends with the signal, with `return`,
   * or when the store is closed. Capability `changes`. @throws `invalid_request` a position that no store gave.
   */
  watchThreads(p: params.WatchThreadsParams, o?: params.CallOptions): AsyncIterable<records.StoreChange>;
}
