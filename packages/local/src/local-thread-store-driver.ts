import type { CallOptions, HistoryBatch, ReadThreadParams, StoredThread } from "@threadstore/core";
import {
  type EdgeGroup,
  type HistoryQuery,
  type PathGroup,
  type ThreadListPage,
  type ThreadListQuery,
  type ThreadStoreDriver,
  unsupported,
} from "@threadstore/core/driver";
import { listThreads } from "./index/list-query.js";
import type { LocalHome } from "./local-home.js";
import { mapError } from "./map-error.js";
import { readThreadByRolloutPath, resolveLegacyPath, supportsLegacyPath } from "./operations/legacy-paths.js";
import { readHistory } from "./operations/read-history.js";
import { readThread } from "./operations/read-thread.js";
import { findThreadSpawnByPath, listThreadSpawnEdges } from "./operations/spawn-edges.js";

/** The driver of a local home: one function an operation, and errors translated once. */
export class LocalThreadStoreDriver implements ThreadStoreDriver {
  readonly description;
  readonly #context: LocalHome;

  constructor(context: LocalHome) {
    this.#context = context;
    this.description = { storeId: `local:${context.home}`, contractVersion: 1, durability: "disk" } as const;
  }

  readThread(p: ReadThreadParams): Promise<StoredThread> {
    return this.#mapped(`reading thread ${p.threadId}`, () => readThread(this.#context, p));
  }

  listThreads(query: ThreadListQuery): Promise<ThreadListPage> {
    return this.#mapped("listing threads", () =>
      this.#context.index.query((index) => listThreads(index, query), { asIs: query.useIndexOnly }),
    );
  }

  async *readHistory(p: HistoryQuery, o: CallOptions): AsyncGenerator<HistoryBatch> {
    try {
      for await (const batch of readHistory(this.#context, p)) {
        yield batch;
        o.signal?.throwIfAborted();
      }
    } catch (error) {
      throw mapError(`reading the history of thread ${p.threadId}`, error);
    }
  }

  readonly edges: EdgeGroup = {
    upsertThreadSpawnEdge: () => refuse("upsert_thread_spawn_edge"),
    listThreadSpawnEdges: (p) =>
      this.#mapped(`listing the edges of thread ${p.threadId}`, () => listThreadSpawnEdges(this.#context, p)),
    findThreadSpawnByPath: (p) =>
      this.#mapped(`looking below thread ${p.threadId}`, () => findThreadSpawnByPath(this.#context, p)),
  };

  readonly paths: PathGroup = {
    supportsLegacyPath,
    resolveLegacyPath: (p) => this.#mapped("resolving a path", () => resolveLegacyPath(this.#context, p)),
    readThreadByRolloutPath: (p) => this.#mapped("reading a path", () => readThreadByRolloutPath(this.#context, p)),
  };

  createThread = () => refuse("create_thread");
  resumeThread = () => refuse("resume_thread");
  appendItems = () => refuse("append_items");
  persistThread = () => refuse("persist_thread");
  flushThread = () => refuse("flush_thread");
  shutdownThread = () => refuse("shutdown_thread");
  discardThread = () => refuse("discard_thread");
  updateThreadMetadata = () => refuse("update_thread_metadata");
  archiveThread = () => refuse("archive_thread");
  unarchiveThread = () => refuse("unarchive_thread");
  deleteThread = () => refuse("delete_thread");

  async [Symbol.asyncDispose](): Promise<void> {
    this.#context.index.close();
  }

  async #mapped<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw mapError(doing, error);
    }
  }
}

/** Writing to a home is not built yet; it is refused as an operation this store does not have. */
async function refuse(operation: string): Promise<never> {
  throw unsupported(operation);
}
