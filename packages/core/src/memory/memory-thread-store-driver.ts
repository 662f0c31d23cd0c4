import { ChangeFeed } from "../driver/change-feed.js";
import type { ThreadChange } from "../driver/change-subscription.js";
import { historyBatches } from "../driver/history-batches.js";
import { readClock } from "../driver/read-clock.js";
import type { SearchGroup } from "../driver/search-group.js";
import { revertedMetaJson, sessionMetaJson } from "../driver/session-meta-item.js";
import { edgesBelow, findByAgentPath, relatedThreads } from "../driver/spawn-edges.js";
import type {
  ChangeGroup,
  DriverAppend,
  DriverAppendResult,
  EdgeGroup,
  HistoryQuery,
  PathGroup,
  RevertGroup,
  ThreadListPage,
  ThreadListQuery,
  ThreadStoreDriver,
} from "../driver/thread-store-driver.js";
import { bornFacts } from "../fold/metadata.js";
import { type Clock, systemIds } from "../protocol/clock.js";
import type { Instant } from "../protocol/instant.js";
import { asJsonObject } from "../protocol/json-value.js";
import { storedItem } from "../protocol/rollout-item.js";
import { threadSpawnOf } from "../protocol/session-source.js";
import type { ThreadId } from "../protocol/thread-id.js";
import { conflict, invalidRequest, threadArchived, threadNotFound } from "../store/errors.js";
import { isEmptyPatch, mergePatches } from "../store/metadata-patch.js";
import type * as params from "../store/params.js";
import type { FlushResult, HistoryBatch, StoredThread, ThreadSpawnEdge } from "../store/records.js";
import { type ListedThread, listMemoryThreads, searchMemoryThreads } from "./memory-queries.js";
import {
  copyItems,
  dependsOn,
  forkPoint,
  isMaterialized,
  lastMultiAgentVersion,
  type MemoryLease,
  type MemoryThread,
  newSegment,
  nextItemOrdinal,
  nextRecordOrdinal,
  openWriter,
  segmentHistory,
  summaryOf,
} from "./memory-thread.js";
import { rememberAppend, repeatedResult } from "./remembered-appends.js";

/**
 * Threads in memory: the contract in its plainest form. Everything is a map and an array, every operation is synchronous
 * inside, and nothing survives the process. Other stores are tested against it.
 */
export class MemoryThreadStoreDriver implements ThreadStoreDriver<MemoryLease> {
  readonly description;
  readonly forkByReference = true;
  readonly #clock: Clock;
  readonly #threads = new Map<ThreadId, MemoryThread>();
  /** The edge of each child. */
  readonly #edges = new Map<ThreadId, ThreadSpawnEdge>();
  readonly #feed = new ChangeFeed({ feedId: systemIds.newId() });

  constructor(options: { readonly storeId: string; readonly clock: Clock }) {
    this.description = {
      storeId: options.storeId,
      contractVersion: 1,
      durability: "memory",
      foldsItems: true,
    } as const;
    this.#clock = options.clock;
  }

  // Writing

  async createThread(p: params.CreateThreadParams): Promise<MemoryLease> {
    if (this.#threads.has(p.threadId)) throw conflict(`thread ${p.threadId} already exists`);
    const source = p.fork && this.#readable({ threadId: p.fork.from });
    const forkedFrom = source && forkPoint(source, p);
    const historyMode = p.historyMode ?? source?.historyMode ?? "paginated";
    const thread: MemoryThread = {
      threadId: p.threadId,
      create: p,
      historyMode,
      sessionId: p.sessionId ?? this.#sessionOf(p),
      createdAt: this.#now(),
      bornFacts: bornFacts(p.metadata),
      ...(forkedFrom ? { forkedFrom } : {}),
      segment: newSegment(p.threadId, historyMode === "paginated" ? source?.segment : undefined, forkedFrom),
      updatedAt: this.#now(),
      patch: {},
      revision: 0,
      epoch: 0,
      isLive: false,
      appends: new Map(),
    };
    this.#threads.set(thread.threadId, thread);
    // A fork has something to keep from the start: the items it shares must not be deleted under it.
    if (source && forkedFrom) {
      this.#materialize(thread);
      if (historyMode === "legacy") copyItems(source, thread, { ...forkedFrom, copiedAt: this.#now() });
      this.#tell("appended", thread);
    }
    return openWriter(thread);
  }

  async resumeThread(p: params.ResumeThreadParams): Promise<MemoryLease> {
    const thread = this.#readable(p);
    if (p.rolloutPath !== undefined && p.rolloutPath !== thread.patch.rolloutPath) {
      throw conflict(`thread ${p.threadId} has another rollout than the one named`);
    }
    if (thread.isLive && !p.takeOver) throw conflict(`thread ${p.threadId} already has a live writer`);
    return openWriter(thread);
  }

  async appendItems(lease: MemoryLease, p: DriverAppend): Promise<DriverAppendResult> {
    const thread = this.#held(lease);
    const known = p.idempotencyKey === undefined ? undefined : thread.appends.get(p.idempotencyKey);
    if (known) return repeatedResult(known, p, lease.threadId);
    const firstOrdinal = nextItemOrdinal(thread);
    if (p.expectedOrdinal !== undefined && p.expectedOrdinal !== firstOrdinal) {
      throw conflict(`thread ${lease.threadId} is at ordinal ${firstOrdinal}, expected ${p.expectedOrdinal}`);
    }
    if (p.items.length > 0) {
      this.#materialize(thread);
      for (const { json } of p.items) this.#push(thread, json);
      thread.updatedAt = p.updatedAt ?? this.#now();
      this.#tell("appended", thread);
    }
    const result = {
      firstOrdinal: p.items.length > 0 ? firstOrdinal : null,
      nextOrdinal: nextItemOrdinal(thread),
      repeated: false,
    };
    if (p.idempotencyKey !== undefined) rememberAppend(thread, p.idempotencyKey, { items: p.items, result });
    return result;
  }

  async persistThread(lease: MemoryLease): Promise<void> {
    this.#materialize(this.#held(lease));
  }

  async flushThread(lease: MemoryLease): Promise<FlushResult> {
    return { durableOrdinal: this.#held(lease).segment.items.at(-1)?.ordinal ?? null };
  }

  async shutdownThread(lease: MemoryLease): Promise<void> {
    this.#close(lease);
  }

  async discardThread(lease: MemoryLease): Promise<void> {
    this.#close(lease);
  }

  readonly revert: RevertGroup<MemoryLease> = {
    revertThread: async (lease, p) => {
      const thread = this.#held(lease);
      if (thread.historyMode === "legacy")
        throw invalidRequest(`thread ${p.threadId} is legacy: it cannot be reverted`);
      if (p.endOrdinalExclusive < 1 || p.endOrdinalExclusive > nextRecordOrdinal(thread.segment)) {
        throw invalidRequest(`thread ${p.threadId} has no ordinal ${p.endOrdinalExclusive} to go back to`);
      }
      const meta = asJsonObject(thread.segment.items[0]?.item.payload) ?? {};
      const multiAgentVersion = lastMultiAgentVersion(thread.segment, p.endOrdinalExclusive);
      thread.segment = newSegment(thread.threadId, thread.segment, p);
      const json = revertedMetaJson(meta, {
        revertedAt: this.#now(),
        historyBase: { thread_id: p.threadId, end_ordinal_exclusive: p.endOrdinalExclusive },
        ...(multiAgentVersion === undefined ? {} : { multiAgentVersion }),
      });
      this.#push(thread, json);
      thread.updatedAt = this.#now();
      this.#tell("appended", thread);
      return openWriter(thread);
    },
  };

  // Reading

  async *readHistory(p: HistoryQuery): AsyncIterable<HistoryBatch> {
    const items = segmentHistory(this.#readable(p).segment);
    yield* historyBatches({ items, rejected: 0 }, p);
  }

  async readThread(p: params.ReadThreadParams): Promise<StoredThread> {
    return this.#summary(this.#readable(p));
  }

  async listThreads(query: ThreadListQuery): Promise<ThreadListPage> {
    return listMemoryThreads(this.#listed(), { query, related: this.#related(query.relation) });
  }

  readonly search: SearchGroup = {
    searchThreads: async (query) =>
      searchMemoryThreads(this.#listed(), { query, related: this.#related(query.relation) }),
  };

  // Changing what is known of threads

  async updateThreadMetadata(p: params.UpdateThreadMetadataParams): Promise<StoredThread> {
    const thread = this.#found(p);
    if (p.expectedRevision !== undefined && p.expectedRevision !== thread.revision) {
      throw conflict(`thread ${p.threadId} is at revision ${thread.revision}, expected ${p.expectedRevision}`);
    }
    if (!isMaterialized(thread) && isEmptyPatch(p.patch)) throw threadNotFound(p.threadId);
    if (isEmptyPatch(p.patch)) return this.#summary(thread);
    this.#materialize(thread);
    const { updatedAt, ...patch } = p.patch;
    thread.patch = mergePatches(thread.patch, patch);
    thread.updatedAt = updatedAt ?? this.#now();
    thread.revision++;
    this.#tell("updated", thread);
    return this.#summary(thread);
  }

  async archiveThread(p: params.ThreadParams): Promise<void> {
    const thread = this.#idle(p.threadId);
    if (thread.archivedAt !== undefined) throw threadNotFound(p.threadId, `no active thread ${p.threadId}`);
    thread.archivedAt = this.#now();
    thread.revision++;
    this.#tell("archived", thread);
  }

  async unarchiveThread(p: params.ThreadParams): Promise<StoredThread> {
    const thread = this.#idle(p.threadId);
    if (thread.archivedAt === undefined) throw threadNotFound(p.threadId, `no archived thread ${p.threadId}`);
    delete thread.archivedAt;
    thread.revision++;
    this.#tell("unarchived", thread);
    return this.#summary(thread);
  }

  async deleteThread(p: params.ThreadParams): Promise<void> {
    const thread = this.#idle(p.threadId);
    for (const other of this.#threads.values()) {
      if (other === thread || !dependsOn(other.segment, thread.threadId)) continue;
      throw conflict(`thread ${p.threadId} cannot be deleted: thread ${other.threadId} shares its items`);
    }
    this.#threads.delete(thread.threadId);
    this.#feed.tell({ type: "deleted", threadId: thread.threadId });
    for (const [child, edge] of this.#edges) {
      if (child !== thread.threadId && edge.parentThreadId !== thread.threadId) continue;
      this.#edges.delete(child);
      this.#tell("updated", this.#threads.get(child));
    }
  }

  readonly edges: EdgeGroup = {
    upsertThreadSpawnEdge: async (edge) => {
      this.#edges.set(edge.childThreadId, edge);
      this.#tell("updated", this.#threads.get(edge.childThreadId));
    },
    listThreadSpawnEdges: async (query) => edgesBelow((parent) => this.#childEdges(parent), query),
    findThreadSpawnByPath: async (query) =>
      findByAgentPath(
        (parent) => this.#childEdges(parent),
        (child) => this.#agentPathOf(child),
        query,
      ),
  };

  readonly paths: PathGroup = {
    supportsLegacyPath: (path) => this.#byPath(path) !== undefined,
    liveRolloutPath: (threadId) => {
      const thread = this.#threads.get(threadId);
      return (thread?.isLive && thread.patch.rolloutPath) || null;
    },
    resolveLegacyPath: async (query) => {
      const thread = this.#byPath(query.path);
      return thread && (query.includeArchived || thread.archivedAt === undefined) ? thread.threadId : null;
    },
    readThreadByRolloutPath: async ({ rolloutPath, includeArchived, includeHistory }) => {
      const threadId = this.#byPath(rolloutPath)?.threadId;
      if (!threadId) throw invalidRequest("no thread of this store has that rollout path");
      const thread = this.#readable({ threadId, includeArchived: includeArchived ?? false });
      const history = { threadId, items: segmentHistory(thread.segment) };
      return { ...this.#summary(thread), ...(includeHistory ? { history } : {}) };
    },
  };

  readonly changes: ChangeGroup = {
    watchThreads: (query, { signal } = {}) => this.#feed.watch(query, signal ? { signal } : {}),
  };

  async [Symbol.asyncDispose](): Promise<void> {}

  // Looking threads up

  #listed(): ListedThread[] {
    const threads = [...this.#threads.values()].filter(isMaterialized);
    return threads.map((memory) => ({ memory, thread: this.#summary(memory) }));
  }

  #related(relation: ThreadListQuery["relation"]): ReadonlySet<ThreadId> | undefined {
    return relation && new Set(relatedThreads((parent) => this.#childEdges(parent), relation));
  }

  #found(p: { readonly threadId: ThreadId; readonly includeArchived?: boolean }): MemoryThread {
    const thread = this.#threads.get(p.threadId);
    if (!thread) throw threadNotFound(p.threadId);
    if (thread.archivedAt !== undefined && !p.includeArchived) throw threadArchived(p.threadId);
    return thread;
  }

  #readable(p: { readonly threadId: ThreadId; readonly includeArchived?: boolean }): MemoryThread {
    const thread = this.#found(p);
    if (!isMaterialized(thread)) throw threadNotFound(p.threadId);
    return thread;
  }

  #idle(threadId: ThreadId): MemoryThread {
    const thread = this.#readable({ threadId, includeArchived: true });
    if (thread.isLive) throw conflict(`thread ${threadId} has a live writer; shut it down first`);
    return thread;
  }

  #held(lease: MemoryLease): MemoryThread {
    const thread = this.#threads.get(lease.threadId);
    if (thread?.isLive && thread.epoch === lease.epoch) return thread;
    throw conflict(`thread ${lease.threadId} was taken over by another writer`);
  }

  #byPath(path: string): MemoryThread | undefined {
    return [...this.#threads.values()].find((thread) => thread.patch.rolloutPath === path);
  }

  // Shared steps

  #now(): Instant {
    return readClock(this.#clock);
  }

  #sessionOf(p: params.CreateThreadParams): string {
    const parent = p.spawn && this.#threads.get(p.spawn.parentThreadId);
    return parent?.sessionId ?? p.spawn?.parentThreadId ?? p.threadId;
  }

  /** Writes the session_meta a thread is still owed; its edge appears with it. */
  #materialize(thread: MemoryThread): void {
    if (isMaterialized(thread)) return;
    const { base } = thread.segment;
    const { forkedFrom, create } = thread;
    const json = sessionMetaJson(create, {
      createdAt: thread.createdAt,
      historyMode: thread.historyMode,
      sessionId: thread.sessionId,
      ...(forkedFrom ? { forkedFromId: forkedFrom.threadId } : {}),
      ...(forkedFrom && thread.historyMode === "paginated"
        ? { forkedFromOrdinalExclusive: forkedFrom.endOrdinalExclusive }
        : {}),
      ...(base
        ? { historyBase: { thread_id: base.segment.threadId, end_ordinal_exclusive: base.endOrdinalExclusive } }
        : {}),
      ...(forkedFrom?.multiAgentVersion === undefined ? {} : { multiAgentVersion: forkedFrom.multiAgentVersion }),
    });
    this.#push(thread, json);
    thread.updatedAt = this.#now();
    this.#tell("created", thread);
    const spawn = create.spawn ?? threadSpawnOf(create.metadata.source);
    if (!spawn || this.#edges.has(thread.threadId)) return;
    const status = create.spawn?.status ?? "open";
    const edge = { parentThreadId: spawn.parentThreadId, childThreadId: thread.threadId, status };
    this.#edges.set(thread.threadId, edge);
  }

  /** Tells of a change of a thread, once there is one to see. */
  #tell(type: ThreadChange["type"], thread: MemoryThread | undefined): void {
    if (!thread || !isMaterialized(thread)) return;
    const nextOrdinal = type === "created" || type === "appended" ? nextItemOrdinal(thread) : undefined;
    this.#feed.tell({ type, threadId: thread.threadId, ...(nextOrdinal === undefined ? {} : { nextOrdinal }) });
  }

  #push(thread: MemoryThread, json: string): void {
    const ordinal = nextRecordOrdinal(thread.segment);
    thread.segment.items.push(storedItem({ ordinal, timestamp: this.#now(), json }));
  }

  #close(lease: MemoryLease): void {
    const thread = this.#threads.get(lease.threadId);
    if (!thread || thread.epoch !== lease.epoch) return;
    thread.isLive = false;
    if (!isMaterialized(thread)) this.#threads.delete(thread.threadId);
  }

  #summary(thread: MemoryThread): StoredThread {
    return summaryOf(thread, this.#edges.get(thread.threadId)?.parentThreadId);
  }

  #childEdges(parent: ThreadId): ThreadSpawnEdge[] {
    return [...this.#edges.values()].filter((edge) => edge.parentThreadId === parent);
  }

  #agentPathOf(threadId: ThreadId): string | undefined {
    const thread = this.#threads.get(threadId);
    return thread && isMaterialized(thread) ? this.#summary(thread).agentPath : undefined;
  }
}
