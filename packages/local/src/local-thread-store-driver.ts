import type * as params from "@threadstore/core";
import type { FlushResult, HistoryBatch, StoredThread } from "@threadstore/core";
import type {
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

/** The driver of a local home: one function an operation, and errors translated once. */
export class LocalThreadStoreDriver implements ThreadStoreDriver<LocalLease> {
  readonly description;
  readonly forkByReference = true;
  readonly #home: LocalHome;

  constructor(home: LocalHome) {
    this.#home = home;
    const durability = home.isDurable ? "disk" : "os";
    this.description = { storeId: `local:${home.home}`, contractVersion: 1, durability, foldsItems: true } as const;
  }

  createThread(p: params.CreateThreadParams): Promise<LocalLease> {
    return this.#mapped(`creating thread ${p.threadId}`, () => createThread(this.#home, p));
  }

  resumeThread(p: params.ResumeThreadParams): Promise<LocalLease> {
    return this.#mapped(`resuming thread ${p.threadId}`, () => resumeThread(this.#home, p));
  }

  appendItems(lease: LocalLease, p: DriverAppend): Promise<DriverAppendResult> {
    return this.#mapped(`appending to thread ${lease.threadId}`, () => appendItems(this.#home, lease, p));
  }

  persistThread(lease: LocalLease): Promise<void> {
    return this.#mapped(`persisting thread ${lease.threadId}`, () => persistThread(this.#home, lease));
  }

  flushThread(lease: LocalLease): Promise<FlushResult> {
    return this.#mapped(`flushing thread ${lease.threadId}`, () => flushThread(this.#home, lease));
  }

  shutdownThread(lease: LocalLease): Promise<void> {
    return this.#mapped(`shutting down thread ${lease.threadId}`, () => shutdownThread(this.#home, lease));
  }

  discardThread(lease: LocalLease): Promise<void> {
    return this.#mapped(`discarding thread ${lease.threadId}`, () => discardThread(this.#home, lease));
  }

  readonly revert: RevertGroup<LocalLease> = {
    revertThread: (lease, p) =>
      this.#mapped(`reverting thread ${p.threadId}`, () => revertThread(this.#home, lease, p)),
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
    return this.#mapped(`changing thread ${p.threadId}`, () => updateThreadMetadata(this.#home, p));
  }

  archiveThread(p: params.ThreadParams): Promise<void> {
    return this.#mapped(`archiving thread ${p.threadId}`, () => archiveThread(this.#home, p));
  }

  unarchiveThread(p: params.ThreadParams): Promise<StoredThread> {
    return this.#mapped(`unarchiving thread ${p.threadId}`, () => unarchiveThread(this.#home, p));
  }

  deleteThread(p: params.ThreadParams): Promise<void> {
    return this.#mapped(`deleting thread ${p.threadId}`, () => deleteThread(this.#home, p));
  }

  readonly edges: EdgeGroup = {
    upsertThreadSpawnEdge: (edge) =>
      this.#mapped(`setting the edge of thread ${edge.childThreadId}`, () => upsertThreadSpawnEdge(this.#home, edge)),
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

  async [Symbol.asyncDispose](): Promise<void> {
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

  async #mapped<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      if (!this.#isReplayed) await this.#replay();
      return await work();
    } catch (error) {
      throw mapError(doing, error);
    }
  }
}
