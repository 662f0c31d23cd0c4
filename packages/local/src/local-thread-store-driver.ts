import type * as params from "@threadstore/core";
import type { FlushResult, HistoryBatch, StoredThread, StoredTurnItem } from "@threadstore/core";
import type {
  ChangeGroup,
  DriverAppend,
  DriverAppendResult,
  EdgeGroup,
  HistoryQuery,
  ItemSearchQuery,
  PathGroup,
  RevertGroup,
  SearchGroup,
  ThreadListPage,
  ThreadListQuery,
  ThreadStoreDriver,
  TurnGroup,
} from "@threadstore/core/driver";
import { listThreads } from "./index/list-query.js";
import type { LocalHome } from "./local-home.js";
import type { LocalLease } from "./local-lease.js";
import { LogReplay, type WaitingCall } from "./log/log-replay.js";
import { mapError } from "./map-error.js";
import { appendItems } from "./operations/append-items.js";
import { archiveThread, unarchiveThread } from "./operations/archive-thread.js";
import { discardThread, flushThread, persistThread, shutdownThread } from "./operations/barriers.js";
import { createThread } from "./operations/create-thread.js";
import { deleteThread } from "./operations/delete-thread.js";
import { itemsToSearch } from "./operations/items-to-search.js";
import { readThreadByRolloutPath, resolveLegacyPath, supportsLegacyPath } from "./operations/legacy-paths.js";
import { listItems } from "./operations/list-items.js";
import { listTurns } from "./operations/list-turns.js";
import { readHistory } from "./operations/read-history.js";
import { readItems } from "./operations/read-items.js";
import { readThread } from "./operations/read-thread.js";
import { resumeThread } from "./operations/resume-thread.js";
import { revertThread } from "./operations/revert-thread.js";
import { searchThreads } from "./operations/search-threads.js";
import { findThreadSpawnByPath, listThreadSpawnEdges, upsertThreadSpawnEdge } from "./operations/spawn-edges.js";
import { updateThreadMetadata } from "./operations/update-thread-metadata.js";
import { OwnChanges } from "./watch/own-changes.js";

/** The driver of a local home: one function an operation, and errors translated once. */
export class LocalThreadStoreDriver implements ThreadStoreDriver<LocalLease> {
  readonly description;
  readonly forkByReference = true;
  readonly #home: LocalHome;
  readonly #own: OwnChanges;
  readonly #replay: LogReplay;

  constructor(home: LocalHome) {
    this.#home = home;
    this.#own = new OwnChanges(home.changes);
    this.#replay = new LogReplay(home);
    const durability = home.isDurable ? "disk" : "os";
    this.description = { storeId: `local:${home.home}`, contractVersion: 1, durability, foldsItems: true } as const;
  }

  createThread(p: params.CreateThreadParams): Promise<LocalLease> {
    return this.#writing("creating", p, async () => {
      const lease = await createThread(this.#home, p);
      this.#own.written(lease);
      return lease;
    });
  }

  resumeThread(p: params.ResumeThreadParams): Promise<LocalLease> {
    return this.#writing("resuming", p, async () => {
      const lease = await resumeThread(this.#home, p);
      this.#own.resumed(lease);
      return lease;
    });
  }

  appendItems(lease: LocalLease, p: DriverAppend): Promise<DriverAppendResult> {
    return this.#writing("appending to", lease, async () => {
      const result = await appendItems(this.#home, lease, p);
      this.#own.appended(lease, result);
      return result;
    });
  }

  persistThread(lease: LocalLease): Promise<void> {
    return this.#writing("persisting", lease, async () => {
      await persistThread(this.#home, lease);
      this.#own.written(lease);
    });
  }

  flushThread(lease: LocalLease): Promise<FlushResult> {
    return this.#writing("flushing", lease, () => flushThread(this.#home, lease));
  }

  shutdownThread(lease: LocalLease): Promise<void> {
    return this.#writing("shutting down", lease, () => shutdownThread(this.#home, lease));
  }

  discardThread(lease: LocalLease): Promise<void> {
    return this.#writing("discarding", lease, () => discardThread(this.#home, lease));
  }

  readonly revert: RevertGroup<LocalLease> = {
    revertThread: (lease, p) =>
      this.#writing("reverting", p, async () => {
        const reverted = await revertThread(this.#home, lease, p);
        this.#own.reverted(reverted);
        return reverted;
      }),
  };

  readThread(p: params.ReadThreadParams): Promise<StoredThread> {
    return this.#reading("reading", p, () => readThread(this.#home, p));
  }

  listThreads(query: ThreadListQuery): Promise<ThreadListPage> {
    return this.#reading("listing threads", null, () =>
      this.#home.index.query((index) => listThreads(index, query), { asIs: query.useIndexOnly }),
    );
  }

  async *readHistory(p: HistoryQuery, o: params.CallOptions): AsyncGenerator<HistoryBatch> {
    try {
      await this.#replay.finish({ threadId: p.threadId, isWriting: false });
      for await (const batch of readHistory(this.#home, p)) {
        yield batch;
        o.signal?.throwIfAborted();
      }
    } catch (error) {
      throw mapError(`reading the history of thread ${p.threadId}`, error);
    }
  }

  readonly turns: TurnGroup = {
    listTurns: (p) => this.#reading("listing the turns of", p, () => listTurns(this.#home, p)),
    listItems: (p) => this.#reading("listing the items of", p, () => listItems(this.#home, p)),
    readItems: (p) => this.#reading("reading items of", p, () => readItems(this.#home, p)),
  };

  updateThreadMetadata(p: params.UpdateThreadMetadataParams): Promise<StoredThread> {
    return this.#writing("changing", p, async () => {
      const thread = await updateThreadMetadata(this.#home, p);
      if (!this.#own.written(this.#home.live.get(p.threadId))) this.#own.changed("updated", thread.threadId);
      return thread;
    });
  }

  archiveThread(p: params.ThreadParams): Promise<void> {
    return this.#changing("archived", p, () => archiveThread(this.#home, p));
  }

  unarchiveThread(p: params.ThreadParams): Promise<StoredThread> {
    return this.#changing("unarchived", p, () => unarchiveThread(this.#home, p));
  }

  deleteThread(p: params.ThreadParams): Promise<void> {
    return this.#changing("deleted", p, () => deleteThread(this.#home, p));
  }

  readonly search: SearchGroup = {
    searchThreads: (query) => this.#reading("searching", null, () => searchThreads(this.#home, query)),
    itemsToSearch: (query) => this.#itemsToSearch(query),
  };

  readonly edges: EdgeGroup = {
    upsertThreadSpawnEdge: (edge) =>
      this.#writing("setting the edge of", { threadId: edge.childThreadId }, async () => {
        await upsertThreadSpawnEdge(this.#home, edge);
        this.#own.changed("updated", edge.childThreadId);
      }),
    listThreadSpawnEdges: (p) => this.#reading("listing the edges of", p, () => listThreadSpawnEdges(this.#home, p)),
    findThreadSpawnByPath: (p) => this.#reading("looking below", p, () => findThreadSpawnByPath(this.#home, p)),
  };

  readonly paths: PathGroup = {
    supportsLegacyPath,
    liveRolloutPath: (threadId) => this.#home.live.get(threadId)?.writer.path ?? null,
    resolveLegacyPath: (p) => this.#reading("resolving a path", null, () => resolveLegacyPath(this.#home, p)),
    readThreadByRolloutPath: (p) => this.#reading("reading a path", null, () => readThreadByRolloutPath(this.#home, p)),
  };

  readonly changes: ChangeGroup = {
    watchThreads: (p, { signal } = {}) => this.#home.changes.watch(p, signal),
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#home.changes[Symbol.asyncDispose]();
    await this.#home.background[Symbol.asyncDispose]();
    await this.#home.texts[Symbol.asyncDispose]();
    await this.#home.log.close();
    this.#home.index.close();
  }

  async *#itemsToSearch(query: ItemSearchQuery): AsyncGenerator<StoredTurnItem> {
    try {
      await this.#replay.finish({ threadId: query.threadId, isWriting: false });
      yield* itemsToSearch(this.#home, query);
    } catch (error) {
      throw mapError(`searching thread ${query.threadId}`, error);
    }
  }

  #changing<T>(type: keyof typeof DOING, p: params.ThreadParams, work: () => Promise<T>): Promise<T> {
    return this.#writing(DOING[type], p, async () => {
      const result = await work();
      this.#own.changed(type, p.threadId);
      return result;
    });
  }

  #reading<T>(doing: string, thread: AboutThread | null, work: () => Promise<T>): Promise<T> {
    return this.#call({ doing, threadId: thread?.threadId, isWriting: false }, work);
  }

  /** What may change the home: reads that come after it see what it did. */
  #writing<T>(doing: string, { threadId }: AboutThread, work: () => Promise<T>): Promise<T> {
    return this.#home.changes.writing(() => this.#call({ doing, threadId, isWriting: true }, work));
  }

  async #call<T>({ doing, ...call }: WaitingCall & { readonly doing: string }, work: () => Promise<T>): Promise<T> {
    try {
      if (!this.#replay.isDone) await this.#replay.finish(call);
      return await work();
    } catch (error) {
      throw mapError(call.threadId === undefined ? doing : `${doing} thread ${call.threadId}`, error);
    }
  }
}

interface AboutThread {
  readonly threadId: params.ThreadId;
}

const DOING = { archived: "archiving", unarchived: "unarchiving", deleted: "deleting" } as const;
