import type { EventPersistenceMode, HistoryMode } from "../protocol/history-mode.js";
import type { Instant } from "../protocol/instant.js";
import type { AppendedItem } from "../protocol/rollout-item.js";
import type { SessionSource, SourceKind } from "../protocol/session-source.js";
import type { ThreadId } from "../protocol/thread-id.js";
import type { ThreadMetadataPatch } from "./metadata-patch.js";
import type { GitInfo, TurnItemsView } from "./records.js";

/** Given with any call. Cancelling never undoes an append that was accepted. */
export interface CallOptions {
  /** Aborting rejects the call with `unavailable`. */
  readonly signal?: AbortSignal;
  /** Milliseconds after which the call rejects with `unavailable`. Default: none, a local disk needs no bound. */
  readonly deadlineMs?: number;
}

/** Every field that a thread can be born with. */
export interface ThreadPersistenceMetadata {
  readonly cwd?: string;
  readonly originator: string;
  readonly cliVersion: string;
  readonly source: SessionSource;
  readonly threadSource?: string;
  readonly modelProvider: string;
  readonly model?: string;
  readonly serviceTier?: string;
  readonly reasoningEffort?: string;
  readonly approvalMode?: unknown;
  readonly sandboxPolicy?: unknown;
  readonly permissionProfile?: unknown;
  readonly baseInstructions?: { readonly text: string } | null;
  readonly dynamicTools?: readonly unknown[];
  readonly gitInfo?: GitInfo;
  readonly memoryMode?: "enabled" | "disabled";
  readonly agentNickname?: string;
  readonly agentRole?: string;
  readonly agentPath?: string;
  /** The thread whose items this one begins with a copy of. A `fork` tells this by itself. */
  readonly forkedFromId?: ThreadId;
}

export interface CreateThreadParams {
  readonly threadId: ThreadId;
  /** Default: the parent's session for a spawned thread, else the thread's own id. */
  readonly sessionId?: string;
  readonly metadata: ThreadPersistenceMetadata;
  /** Default: the source's mode for a fork, else `paginated`, as the real Codex does. */
  readonly historyMode?: HistoryMode;
  /** Default: none; the history mode picks the policy. */
  readonly eventPersistenceMode?: EventPersistenceMode;
  /** Inherits the items of another thread before an ordinal (default: all of them). */
  readonly fork?: { readonly from: ThreadId; readonly endOrdinalExclusive?: number };
  /** Records who spawned the thread. The edge appears together with the thread. Default status: `open`. */
  readonly spawn?: { readonly parentThreadId: ThreadId; readonly status?: "open" | "closed" };
}

export interface ResumeThreadParams {
  readonly threadId: ThreadId;
  /** The rollout the caller believes to be current; another one is `conflict`. Only for stores with capability `paths`. */
  readonly rolloutPath?: string;
  /** Default false: an archived thread is refused. */
  readonly includeArchived?: boolean;
  readonly eventPersistenceMode?: EventPersistenceMode;
  /** Takes the thread from its present writer, whose next write fails with `conflict`. Default false. */
  readonly takeOver?: boolean;
}

export interface AppendItemsParams {
  readonly threadId: ThreadId;
  readonly items: readonly AppendedItem[];
  /** A retry with the same key and the same items returns the first result; other items are `conflict`. */
  readonly idempotencyKey?: string;
  /** The ordinal the first item must get; `conflict` when the thread has moved on. */
  readonly expectedOrdinal?: number;
  /** Recorded as the thread's `updatedAt` instead of now. */
  readonly updatedAt?: Instant;
}

export interface ReadThreadParams {
  readonly threadId: ThreadId;
  readonly includeArchived?: boolean;
  readonly includeHistory?: boolean;
}

export interface LoadHistoryParams {
  readonly threadId: ThreadId;
  readonly includeArchived?: boolean;
}

export interface ReadHistoryParams extends LoadHistoryParams {
  /** The first ordinal of the read: the lowest one for `asc`, the highest one for `desc`. Default: that end of the history. */
  readonly from?: number;
  /** Default `asc`. Batches of a `desc` read hold their items newest first. */
  readonly direction?: SortDirection;
  /** UTF-8 bytes after which a batch ends; at least one item each. Default `historyBatchBytes`. */
  readonly batchBytes?: number;
}

export type SortDirection = "asc" | "desc";
export type ThreadSortKey = "createdAt" | "updatedAt" | "recencyAt";

/** What lists and name look-ups can be narrowed to. */
export interface ThreadSourceFilter {
  /** Absent or empty: the store's default kinds. `"all"`: every thread, also those that no user has written in. */
  readonly sources?: readonly SourceKind[] | "all";
  /** Absent or null: the store's default providers. An empty list: all providers. */
  readonly modelProviders?: readonly string[] | null;
}

export interface ListThreadsParams extends ThreadSourceFilter {
  /** Rows on the page, 1 to `pageMaxItems`. Default `pageDefaultItems`. */
  readonly pageSize?: number;
  /** A cursor of this same query: the same sort key and filters; page size and direction may differ. */
  readonly cursor?: string;
  /** Default `createdAt`. Equal instants are ordered by thread id. */
  readonly sortKey?: ThreadSortKey;
  /** Default `desc`. */
  readonly sortDirection?: SortDirection;
  /** Exact working directories. Absent: any; an empty list: none. */
  readonly cwds?: readonly string[];
  /** True lists archived threads only. Default false: active threads only. */
  readonly archived?: boolean;
  /** A literal substring of name, title or preview; letter case is ignored. */
  readonly searchTerm?: string;
  /** Sub-agents of a thread, whatever their source and whether or not a user wrote in them. */
  readonly relation?: ThreadRelation;
  /** Answers from the index without looking for changes made by others. Default false. */
  readonly useIndexOnly?: boolean;
  readonly neighbour?: NeighbourFilter;
}

/** Sub-agents of a thread. */
export type ThreadRelation = { readonly childrenOf: ThreadId } | { readonly descendantsOf: ThreadId };

/** Filters on what only the real Codex's database knows. */
export interface NeighbourFilter {
  /** Null: threads in no section. */
  readonly sectionId?: string | null;
  /** Null: threads in no project. */
  readonly projectId?: string | null;
  readonly attachedTo?: ThreadId;
  /** Lists attached threads among the others. Default false: only `attachedTo` shows them. */
  readonly includeAttached?: boolean;
  readonly excludedThreadIds?: readonly ThreadId[];
  /** Sorts by the position in the section instead of by `sortKey`; needs a `sectionId`. */
  readonly sortBySection?: boolean;
}

export interface FindThreadByNameParams extends ThreadSourceFilter {
  /** Compared exactly, letter case included. */
  readonly name: string;
  readonly includeArchived?: boolean;
  readonly cwd?: string;
}

export interface ListTurnsParams {
  readonly threadId: ThreadId;
  readonly includeArchived?: boolean;
  readonly cursor?: string;
  readonly pageSize?: number;
  /** Default `desc`. */
  readonly sortDirection?: SortDirection;
  /** Default `summary`. */
  readonly itemsView?: TurnItemsView;
}

export interface ListItemsParams {
  readonly threadId: ThreadId;
  readonly turnId?: string;
  readonly includeArchived?: boolean;
  readonly cursor?: string;
  readonly pageSize?: number;
  /** Default `asc`. */
  readonly sortDirection?: SortDirection;
}

export interface ReadItemsParams {
  readonly threadId: ThreadId;
  readonly turnId: string;
  readonly itemIds: readonly string[];
}

/** What a search looks at: what was said, names and titles, what tools were asked and answered, what was thought. */
export type SearchScope = "messages" | "names" | "tools" | "reasoning";

export interface SearchThreadsParams extends ThreadSourceFilter {
  /** Literal; letter case, and the kind and length of white space, do not matter. 1 to `searchTermMaxCharacters`, not blank. */
  readonly searchTerm: string;
  /** Default `["messages", "names"]`. */
  readonly scopes?: readonly SearchScope[];
  /** Rows on the page, 1 to `pageMaxItems`. Default `pageDefaultItems`. */
  readonly pageSize?: number;
  /** A cursor of this same search; page size and direction may differ. */
  readonly cursor?: string;
  /** `rank`: by how many different texts of the thread hold the term, then by the last change. Default `updatedAt`. */
  readonly sortKey?: ThreadSortKey | "rank";
  /** Default `desc`. */
  readonly sortDirection?: SortDirection;
  /** True: archived threads only; `both`: all. Default false: active threads only. */
  readonly archived?: boolean | "both";
  /** Exact working directories. Absent: any; an empty list: none. */
  readonly cwds?: readonly string[];
  /** Only threads that changed at this instant or later. */
  readonly updatedSince?: Instant;
  readonly relation?: ThreadRelation;
  /** Looks through threads that the index does not hold yet, whatever that costs. Default false: `missing` counts them. */
  readonly scansMissing?: boolean;
  /** As in `ListThreadsParams`. Default false. */
  readonly useIndexOnly?: boolean;
}

export interface SearchOccurrencesParams {
  readonly threadId: ThreadId;
  readonly includeArchived?: boolean;
  /** As in `SearchThreadsParams`. Only what was said is looked at. */
  readonly searchTerm: string;
  readonly pageSize?: number;
  readonly cursor?: string;
}

export interface UpdateThreadMetadataParams {
  readonly threadId: ThreadId;
  readonly patch: ThreadMetadataPatch;
  readonly includeArchived?: boolean;
  /** `conflict` when the thread's revision is another one. */
  readonly expectedRevision?: number;
}

export interface ThreadParams {
  readonly threadId: ThreadId;
}

export interface RevertThreadParams {
  readonly threadId: ThreadId;
  /** The thread goes on as if the items from this ordinal on had not been written; they stay where they are. */
  readonly endOrdinalExclusive: number;
}

export interface ListThreadSpawnEdgesParams {
  readonly threadId: ThreadId;
  /** Default false: direct children only. True: breadth first, then by id; cycles end. */
  readonly recursive?: boolean;
  /** Only edges of this status are listed and followed. */
  readonly status?: "open" | "closed";
}

export interface FindThreadSpawnByPathParams {
  readonly threadId: ThreadId;
  readonly recursive?: boolean;
  readonly agentPath: string;
}

export interface ResolveLegacyPathParams {
  readonly path: string;
  readonly includeArchived?: boolean;
}

export interface ReadThreadByRolloutPathParams {
  readonly rolloutPath: string;
  readonly includeArchived?: boolean;
  readonly includeHistory?: boolean;
}

export interface WatchThreadsParams {
  /** The position of the last change seen: what changed since is told. Default: what changes from now on. */
  readonly after?: string;
  /**
   * Threads whose changes wait for a slow reader, 1 to `watchBufferMaxThreads`; one more, and it is told that it lagged.
   * Default `watchBufferThreads`.
   */
  readonly bufferMax?: number;
}
