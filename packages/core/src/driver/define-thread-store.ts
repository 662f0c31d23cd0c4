import type { StoredItem } from "../protocol/rollout-item.js";
import { parseThreadId, type ThreadId } from "../protocol/thread-id.js";
import { policyOf } from "../rules/persistence-policy.js";
import { unavailable, unsupported } from "../store/errors.js";
import { DEFAULT_LIMITS, type StoreLimits } from "../store/limits.js";
import {
  type ParamSchema,
  type ParamSchemas,
  type ParsedParams,
  paramSchemas,
  parseParams,
} from "../store/param-schemas.js";
import type * as params from "../store/params.js";
import type * as records from "../store/records.js";
import type { StoreCapability, ThreadStore } from "../store/thread-store.js";
import { asStoreError, runCall, runStream } from "./call.js";
import { capabilitiesOf } from "./capabilities.js";
import { EndableStreams } from "./endable-streams.js";
import { findByName } from "./find-by-name.js";
import { FoldedTurns } from "./folded-turns.js";
import { LiveWriters } from "./live-writers.js";
import { prepareItems } from "./prepare-items.js";
import type { ListDefaults } from "./thread-list-query.js";
import { listThreadPage } from "./thread-page.js";
import { ThreadSearch } from "./thread-search.js";
import type { Lease, ThreadStoreDriver, TurnGroup } from "./thread-store-driver.js";

/** The name of an operation of a store. */
export type Operation = keyof ThreadStore & string;

export interface ThreadStoreOptions {
  /** Bounds that differ from DEFAULT_LIMITS. */
  readonly limits?: Partial<StoreLimits>;
  /** What lists show when a caller names nothing. Default: sources cli and vscode, as Codex has it; all providers. */
  readonly defaults?: Partial<ListDefaults>;
  /** Told of every call by its name, before it runs; for counting and tracing. */
  readonly onCall?: (operation: Operation) => void;
}

/**
 * Makes a ThreadStore of a driver. Does once what every store would repeat: parse and bound arguments, apply the
 * persistence policy, make and check cursors, keep the leases of live writers, answer `unsupported`, and fall back where
 * a driver lacks a group.
 */
export function defineThreadStore<L extends Lease>(
  driver: ThreadStoreDriver<L>,
  options: ThreadStoreOptions = {},
): ThreadStore {
  return new KernelThreadStore(driver, options);
}

/** One call of a caller: its operation, its arguments as given, and how they are checked. */
interface Call<S extends ParamSchema> {
  readonly operation: Operation;
  readonly schema: S;
  readonly p: unknown;
  readonly o: params.CallOptions | undefined;
}

const DEFAULT_SOURCES = ["cli", "vscode"] as const;

class KernelThreadStore<L extends Lease> implements ThreadStore {
  readonly description: ThreadStore["description"];
  readonly capabilities: ReadonlySet<StoreCapability>;
  readonly #driver: ThreadStoreDriver<L>;
  readonly #limits: StoreLimits;
  readonly #defaults: ListDefaults;
  readonly #schemas: ParamSchemas;
  readonly #onCall: ThreadStoreOptions["onCall"];
  readonly #turns: TurnGroup;
  readonly #writers = new LiveWriters<L>();
  readonly #watches = new EndableStreams();
  #isClosed = false;

  constructor(driver: ThreadStoreDriver<L>, options: ThreadStoreOptions) {
    this.#driver = driver;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#defaults = { sources: DEFAULT_SOURCES, modelProviders: null, ...options.defaults };
    this.#schemas = paramSchemas(this.#limits);
    this.#onCall = options.onCall;
    this.#turns = driver.turns ?? new FoldedTurns(driver, this.#limits);
    this.description = driver.description;
    this.capabilities = capabilitiesOf(driver);
  }

  createThread(p: params.CreateThreadParams, o?: params.CallOptions): Promise<void> {
    return this.#run({ operation: "createThread", schema: this.#schemas.create, p, o }, (create, options) =>
      this.#writers.open(create.threadId, false, async () => {
        const lease = await this.#driver.createThread(create, options);
        return { lease, policy: policyOf(lease.historyMode, create.eventPersistenceMode) };
      }),
    );
  }

  resumeThread(p: params.ResumeThreadParams, o?: params.CallOptions): Promise<void> {
    return this.#run({ operation: "resumeThread", schema: this.#schemas.resume, p, o }, (resume, options) =>
      this.#writers.open(resume.threadId, resume.takeOver ?? false, async () => {
        const lease = await this.#driver.resumeThread(resume, options);
        return { lease, policy: policyOf(lease.historyMode, resume.eventPersistenceMode) };
      }),
    );
  }

  appendItems(p: params.AppendItemsParams, o?: params.CallOptions): Promise<records.AppendResult> {
    return this.#run(
      { operation: "appendItems", schema: this.#schemas.append, p, o },
      async ({ threadId, items, ...append }, options) => {
        const { lease, policy } = this.#writers.require(threadId);
        const prepared = prepareItems(items, policy, this.#limits);
        const result = await this.#driver.appendItems(lease, { ...append, items: prepared.items }, options);
        return { ...result, dropped: prepared.dropped };
      },
    );
  }

  persistThread(id: ThreadId, o?: params.CallOptions): Promise<void> {
    return this.#run(
      { operation: "persistThread", schema: this.#schemas.threadId, p: id, o },
      async (threadId, options) => this.#driver.persistThread(this.#writers.require(threadId).lease, options),
    );
  }

  flushThread(id: ThreadId, o?: params.CallOptions): Promise<records.FlushResult> {
    return this.#run(
      { operation: "flushThread", schema: this.#schemas.threadId, p: id, o },
      async (threadId, options) => this.#driver.flushThread(this.#writers.require(threadId).lease, options),
    );
  }

  shutdownThread(id: ThreadId, o?: params.CallOptions): Promise<void> {
    return this.#run({ operation: "shutdownThread", schema: this.#schemas.threadId, p: id, o }, (threadId, options) =>
      this.#writers.close(threadId, (lease) => this.#driver.shutdownThread(lease, options)),
    );
  }

  discardThread(id: ThreadId, o?: params.CallOptions): Promise<void> {
    return this.#run(
      { operation: "discardThread", schema: this.#schemas.threadId, p: id, o },
      async (threadId, options) => {
        const lease = this.#writers.take(threadId);
        if (lease) await this.#driver.discardThread(lease, options);
      },
    );
  }

  loadHistory(p: params.LoadHistoryParams, o?: params.CallOptions): Promise<records.StoredThreadHistory> {
    return this.#run({ operation: "loadHistory", schema: this.#schemas.loadHistory, p, o }, (query, options) =>
      this.#history(query, options),
    );
  }

  readHistory(p: params.ReadHistoryParams, o?: params.CallOptions): AsyncIterable<records.HistoryBatch> {
    const defaults = { direction: "asc" as const, batchBytes: this.#limits.historyBatchBytes };
    return this.#stream({ operation: "readHistory", schema: this.#schemas.readHistory, p, o }, (query, options) =>
      this.#driver.readHistory({ ...defaults, ...query }, options),
    );
  }

  readThread(p: params.ReadThreadParams, o?: params.CallOptions): Promise<records.StoredThread> {
    return this.#run(
      { operation: "readThread", schema: this.#schemas.read, p, o },
      async ({ includeHistory, ...read }, options) => {
        const thread = await this.#driver.readThread(read, options);
        return includeHistory ? { ...thread, history: await this.#history(read, options) } : thread;
      },
    );
  }

  listThreads(p: params.ListThreadsParams, o?: params.CallOptions): Promise<records.Page<records.StoredThread>> {
    return this.#run({ operation: "listThreads", schema: this.#schemas.list, p, o }, (query, options) =>
      this.#list(query, options),
    );
  }

  findThreadByName(p: params.FindThreadByNameParams, o?: params.CallOptions): Promise<records.StoredThread | null> {
    return this.#run(
      { operation: "findThreadByName", schema: this.#schemas.findByName, p, o },
      async (find, options) => {
        if (this.#driver.findThreadByName) return this.#driver.findThreadByName(find, options);
        return findByName((query, callOptions) => this.#list(query, callOptions), find, options);
      },
    );
  }

  updateThreadMetadata(p: params.UpdateThreadMetadataParams, o?: params.CallOptions): Promise<records.StoredThread> {
    return this.#run(
      { operation: "updateThreadMetadata", schema: this.#schemas.update, p, o },
      async (query, options) => this.#driver.updateThreadMetadata(query, options),
    );
  }

  archiveThread(p: params.ThreadParams, o?: params.CallOptions): Promise<void> {
    return this.#run({ operation: "archiveThread", schema: this.#schemas.thread, p, o }, async (query, options) =>
      this.#driver.archiveThread(query, options),
    );
  }

  unarchiveThread(p: params.ThreadParams, o?: params.CallOptions): Promise<records.StoredThread> {
    return this.#run({ operation: "unarchiveThread", schema: this.#schemas.thread, p, o }, async (query, options) =>
      this.#driver.unarchiveThread(query, options),
    );
  }

  deleteThread(p: params.ThreadParams, o?: params.CallOptions): Promise<void> {
    return this.#run({ operation: "deleteThread", schema: this.#schemas.thread, p, o }, async (query, options) => {
      if (!this.#driver.deleteThread) throw unsupported("delete_thread");
      await this.#driver.deleteThread(query, options);
    });
  }

  revertThread(p: params.RevertThreadParams, o?: params.CallOptions): Promise<void> {
    return this.#run({ operation: "revertThread", schema: this.#schemas.revert, p, o }, async (query, options) => {
      const revert = this.#group("revert", "revert_thread");
      const writer = this.#writers.require(query.threadId);
      writer.lease = await revert.revertThread(writer.lease, query, options);
    });
  }

  listTurns(p: params.ListTurnsParams, o?: params.CallOptions): Promise<records.Page<records.StoredTurn>> {
    return this.#run({ operation: "listTurns", schema: this.#schemas.turns, p, o }, async (query, options) =>
      this.#turns.listTurns(query, options),
    );
  }

  listItems(p: params.ListItemsParams, o?: params.CallOptions): Promise<records.Page<records.StoredTurnItem>> {
    return this.#run({ operation: "listItems", schema: this.#schemas.items, p, o }, async (query, options) =>
      this.#turns.listItems(query, options),
    );
  }

  readItems(p: params.ReadItemsParams, o?: params.CallOptions): Promise<readonly records.StoredTurnItem[]> {
    return this.#run({ operation: "readItems", schema: this.#schemas.readItems, p, o }, async (query, options) =>
      this.#turns.readItems(query, options),
    );
  }

  searchThreads(p: params.SearchThreadsParams, o?: params.CallOptions): Promise<records.SearchPage> {
    return this.#run({ operation: "searchThreads", schema: this.#schemas.search, p, o }, async (query, options) =>
      this.#search("search_threads").searchThreads(query, options),
    );
  }

  searchOccurrences(
    p: params.SearchOccurrencesParams,
    o?: params.CallOptions,
  ): Promise<records.Page<records.Occurrence>> {
    return this.#run(
      { operation: "searchOccurrences", schema: this.#schemas.occurrences, p, o },
      async (query, options) => this.#search("search_occurrences").searchOccurrences(query, options),
    );
  }

  upsertThreadSpawnEdge(p: records.ThreadSpawnEdge, o?: params.CallOptions): Promise<void> {
    return this.#run({ operation: "upsertThreadSpawnEdge", schema: this.#schemas.edge, p, o }, async (query, options) =>
      this.#group("edges", "upsert_thread_spawn_edge").upsertThreadSpawnEdge(query, options),
    );
  }

  listThreadSpawnEdges(
    p: params.ListThreadSpawnEdgesParams,
    o?: params.CallOptions,
  ): Promise<readonly records.ThreadSpawnEdge[]> {
    return this.#run(
      { operation: "listThreadSpawnEdges", schema: this.#schemas.listEdges, p, o },
      async (query, options) => this.#group("edges", "list_thread_spawn_edges").listThreadSpawnEdges(query, options),
    );
  }

  findThreadSpawnByPath(p: params.FindThreadSpawnByPathParams, o?: params.CallOptions): Promise<ThreadId | null> {
    return this.#run(
      { operation: "findThreadSpawnByPath", schema: this.#schemas.edgeByPath, p, o },
      async (query, options) => this.#group("edges", "find_thread_spawn_by_path").findThreadSpawnByPath(query, options),
    );
  }

  supportsLegacyPath(path: string): boolean {
    return this.#driver.paths?.supportsLegacyPath(path) ?? false;
  }

  liveRolloutPath(id: ThreadId): string | null {
    return this.#driver.paths?.liveRolloutPath(parseThreadId(id) ?? id) ?? null;
  }

  resolveLegacyPath(p: params.ResolveLegacyPathParams, o?: params.CallOptions): Promise<ThreadId | null> {
    return this.#run(
      { operation: "resolveLegacyPath", schema: this.#schemas.resolvePath, p, o },
      async (query, options) => this.#group("paths", "resolve_legacy_path").resolveLegacyPath(query, options),
    );
  }

  readThreadByRolloutPath(
    p: params.ReadThreadByRolloutPathParams,
    o?: params.CallOptions,
  ): Promise<records.StoredThread> {
    return this.#run(
      { operation: "readThreadByRolloutPath", schema: this.#schemas.readByPath, p, o },
      async (query, options) =>
        this.#group("paths", "read_thread_by_rollout_path").readThreadByRolloutPath(query, options),
    );
  }

  watchThreads(p: params.WatchThreadsParams, o?: params.CallOptions): AsyncIterable<records.StoreChange> {
    const call = { operation: "watchThreads", schema: this.#schemas.watch, p } as const;
    return this.#watches.open(o, (stopped) =>
      this.#stream({ ...call, o: stopped }, (query, options) =>
        this.#group("changes", "watch_threads").watchThreads(
          { bufferMax: this.#limits.watchBufferThreads, ...query },
          options,
        ),
      ),
    );
  }

  /** Closes every live writer as a shutdown would, then the driver. The first failure is thrown when all is closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#watches.endAll();
    const failures: unknown[] = [];
    const attempt = async (work: () => Promise<void>) => {
      try {
        await work();
        return true;
      } catch (error) {
        failures.push(error);
        return false;
      }
    };
    for await (const lease of this.#writers.takeAll()) {
      const isShutDown = await attempt(() => this.#driver.shutdownThread(lease, {}));
      if (!isShutDown) await attempt(() => this.#driver.discardThread(lease, {}));
    }
    await attempt(async () => this.#driver[Symbol.asyncDispose]());
    if (failures.length > 0) throw asStoreError("closing the store", failures[0]);
  }

  #list(p: params.ListThreadsParams, o: params.CallOptions): Promise<records.Page<records.StoredThread>> {
    return listThreadPage(this.#driver, { params: p, limits: this.#limits, defaults: this.#defaults, options: o });
  }

  async #history(p: params.LoadHistoryParams, o: params.CallOptions): Promise<records.StoredThreadHistory> {
    const items: StoredItem[] = [];
    const query = { ...p, direction: "asc" as const, batchBytes: this.#limits.historyBatchBytes };
    for await (const batch of this.#driver.readHistory(query, o)) {
      for (const item of batch.items) items.push(item);
    }
    return { threadId: p.threadId, items };
  }

  #search(operation: string): ThreadSearch {
    const search = this.#group("search", operation);
    return new ThreadSearch({ search, turns: this.#turns, limits: this.#limits, defaults: this.#defaults });
  }

  #group<K extends "search" | "edges" | "paths" | "changes" | "revert">(
    group: K,
    operation: string,
  ): NonNullable<ThreadStoreDriver<L>[K]> {
    const present = this.#driver[group];
    if (present === undefined) throw unsupported(operation);
    return present as NonNullable<ThreadStoreDriver<L>[K]>;
  }

  /** One call: parse, then work under its signal and deadline; whatever fails is a store's error. */
  async #run<S extends ParamSchema, T>(
    { operation, schema, p, o }: Call<S>,
    work: (parsed: ParsedParams<S>, options: params.CallOptions) => Promise<T>,
  ): Promise<T> {
    try {
      this.#enter(operation);
      const parsed = parseParams(operation, schema, p);
      return await runCall(operation, o, (options) => work(parsed, options));
    } catch (error) {
      throw asStoreError(operation, error);
    }
  }

  /** The same for a call that answers in pieces. */
  async *#stream<S extends ParamSchema, T>(
    { operation, schema, p, o }: Call<S>,
    work: (parsed: ParsedParams<S>, options: params.CallOptions) => AsyncIterable<T>,
  ): AsyncGenerator<T> {
    try {
      this.#enter(operation);
      const parsed = parseParams(operation, schema, p);
      yield* runStream(operation, o, (options) => work(parsed, options));
    } catch (error) {
      throw asStoreError(operation, error);
    }
  }

  #enter(operation: Operation): void {
    if (this.#isClosed) throw unavailable(`${operation}: the store is closed`);
    this.#onCall?.(operation);
  }
}
