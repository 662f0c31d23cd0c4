import type * as params from "@threadstore/core";
import type { FlushResult, HistoryBatch, StoredThread } from "@threadstore/core";
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
  TurnGroup,
} from "@threadstore/core/driver";
import { listThreads } from "./index/list-query.js";
import type { LocalHome } from "./local-home.js";
import type { LocalLease } from "./local-lease.js";
import { replayLogs } from "./log/replay-logs.js";
import { mapError } from "./map-error.js";
import { appendItems } from "./operations/append-items.js";
import { archiveThread, unarchiveThread } from "./operations/archive-thread.js";
import { discardThread, flushThread, persistThread, shutdownThread } from "./operations/barriers.js";
import { createThread } from "./operations/create-thread.js";
import { deleteThread } from "./operations/delete-thread.js";
import { readThreadByRolloutPath, resolveLegacyPath, supportsLegacyPath } from "./operations/legacy-paths.js";
import { listItems } from "./operations/list-items.js";
import { listTurns } from "./operations/list-turns.js";
import { readHistory } from "./operations/read-history.js";
import { readItems } from "./operations/read-items.js";
import { readThread } from "./operations/read-thread.js";
import { resumeThread } from "./operations/resume-thread.js";
import { revertThread } from "./operations/revert-thread.js";
import { findThreadSpawnByPath, listThreadSpawnEdges, upsertThreadSpawnEdge } from "./operations/spawn-edges.js";
import { updateThreadMetadata } from "./operations/update-thread-metadata.js";
import { OwnChanges } from "./watch/own-changes.js";

/** The driver of a local home: one function an operation, and errors translated once. */
export class LocalThreadStoreDriver implements ThreadStoreDriver<LocalLease> {
  readonly description;
  readonly forkByReference = true;
  readonly #home: LocalHome;
  readonly #own: OwnChanges;

  constructor(home: LocalHome) {
    this.#home = home;
    this.#own = new OwnChanges(home.changes);
    const durability = home.isDurable ? "disk" : "os";
    this.description = { storeId: `local:${home.home}`, contractVersion: 1, durability, foldsItems: true } as const;
  }

  createThread(p: params.CreateThreadParams): Promise<LocalLease> {
    return this.#writing(`creating thread ${p.threadId}`, async () => {
      const lease = await createThread(this.#home, p);
      this.#own.written(lease);
      return lease;
    });
  }

  resumeThread(p: params.ResumeThreadParams): Promise<LocalLease> {
    return this.#writing(`resuming thread ${p.threadId}`, async () => {
      const lease = await resumeThread(this.#home, p);
      this.#own.resumed(lease);
      return lease;
    });
  }

  appendItems(lease: LocalLease, p: DriverAppend): Promise<DriverAppendResult> {
    return this.#writing(`appending to thread ${lease.threadId}`, async () => {
      const result = await appendItems(this.#home, lease, p);
      this.#own.appended(lease, result);
      return result;
    });
  }

  persistThread(lease: LocalLease): Promise<void> {
    return this.#writing(`persisting thread ${lease.threadId}`, async () => {
      await persistThread(this.#home, lease);
      this.#own.written(lease);
    });
  }

  flushThread(lease: LocalLease): Promise<FlushResult> {
    return this.#writing(`flushing thread ${lease.threadId}`, () => flushThread(this.#home, lease));
  }

  shutdownThread(lease: LocalLease): Promise<void> {
    return this.#writing(`shutting down thread ${lease.threadId}`, () => shutdownThread(this.#home, lease));
  }

  discardThread(lease: LocalLease): Promise<void> {
    return this.#writing(`discarding thread ${lease.threadId}`, () => discardThread(this.#home, lease));
  }

  readonly revert: RevertGroup<LocalLease> = {
    revertThread: (lease, p) =>
      this.#writing(`reverting thread ${p.threadId}`, async () => {
        const reverted = await revertThread(this.#home, lease, p);
        this.#own.reverted(reverted);
        return reverted;
      }),
  };

  readThread(p: params.ReadThreadParams): Promise<StoredThread> {
    return this.#mapped(`reading thread ${p.threadId}`, () => readThread(this.#home, p));
  }

  listThreads(query: ThreadListQuery): Promise<ThreadListPage> {
    return this.#mapped("listing threads", () =>
      this.#home.index.query((index) => listThreads(index, query), { asIs: query.useIndexOnly }),
    );
  }

  async *readHistory(p: HistoryQuery, o: params.CallOptions): AsyncGenerator<HistoryBatch> {
    try {
      if (!this.#isReplayed) await this.#replay();
      for await (const batch of readHistory(this.#home, p)) {
        yield batch;
        o.signal?.throwIfAborted();
      }
    } catch (error) {
      throw mapError(`reading the history of thread ${p.threadId}`, error);
    }
  }

  readonly turns: TurnGroup = {
    listTurns: (p) => this.#mapped(`listing the turns of thread ${p.threadId}`, () => listTurns(this.#home, p)),
    listItems: (p) => this.#mapped(`listing the items of thread ${p.threadId}`, () => listItems(this.#home, p)),
    readItems: (p) => this.#mapped(`reading items of thread ${p.threadId}`, () => readItems(this.#home, p)),
  };

  updateThreadMetadata(p: params.UpdateThreadMetadataParams): Promise<StoredThread> {
    return this.#writing(`changing thread ${p.threadId}`, async () => {
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

  readonly edges: EdgeGroup = {
    upsertThreadSpawnEdge: (edge) =>
      this.#writing(`setting the edge of thread ${edge.childThreadId}`, async () => {
        await upsertThreadSpawnEdge(this.#home, edge);
        this.#own.changed("updated", edge.childThreadId);
      }),
    listThreadSpawnEdges: (p) =>
      this.#mapped(`listing the edges of thread ${p.threadId}`, () => listThreadSpawnEdges(this.#home, p)),
    findThreadSpawnByPath: (p) =>
      this.#mapped(`looking below thread ${p.threadId}`, () => findThreadSpawnByPath(this.#home, p)),
  };

  readonly paths: PathGroup = {
    supportsLegacyPath,
    resolveLegacyPath: (p) => this.#mapped("resolving a path", () => resolveLegacyPath(this.#home, p)),
    readThreadByRolloutPath: (p) => this.#mapped("reading a path", () => readThreadByRolloutPath(this.#home, p)),
  };

  readonly changes: ChangeGroup = {
    watchThreads: (p, { signal } = {}) => this.#home.changes.watch(p, signal),
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#home.changes[Symbol.asyncDispose]();
    await this.#home.background[Symbol.asyncDispose]();
    await this.#home.log.close();
    this.#home.index.close();
  }

  #isReplayed = false;
  #replayed: Promise<unknown> | undefined;

  /** Before anything is read, what a power cut took is put back from the logs that were left. */
  async #replay(): Promise<void> {
    this.#replayed ??= replayLogs(this.#home);
    try {
      await this.#replayed;
      this.#isReplayed = true;
    } catch (error) {
      // What failed once is tried again by the next call.
      this.#replayed = undefined;
      throw error;
    }
  }

  #changing<T>(type: keyof typeof DOING, p: params.ThreadParams, work: () => Promise<T>): Promise<T> {
    return this.#writing(`${DOING[type]} thread ${p.threadId}`, async () => {
      const result = await work();
      this.#own.changed(type, p.threadId);
      return result;
    });
  }

  /** What may change the home: reads that come after it see what it did. */
  #writing<T>(doing: string, work: () => Promise<T>): Promise<T> {
    return this.#home.changes.writing(() => this.#mapped(doing, work));
  }

  async #mapped<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      if (!this.#isReplayed) await this.#replay();
      return await work();
    } catch (error) {
      throw mapError(doing, error);
    }
  }
}

const DOING = { archived: "archiving", unarchived: "unarchiving", deleted: "deleting" } as const;
