import { randomUUID } from "node:crypto";
import {
  type AppendResult,
  type CallOptions,
  type CreateThreadParams,
  type FlushResult,
  type HistoryBatch,
  type HistoryMode,
  isThreadStoreError,
  type ReadThreadParams,
  type ResumeThreadParams,
  type StoredThread,
  type ThreadId,
  type ThreadParams,
  type UpdateThreadMetadataParams,
} from "@threadstore/core";
import {
  type DriverAppend,
  type DriverAppendResult,
  type HistoryQuery,
  historyBatches,
  type Lease,
  type ThreadListPage,
  type ThreadListQuery,
  type ThreadStoreDriver,
  unsupported,
} from "@threadstore/core/driver";
import { noContract, type RemoteWriter, readAnswer, writeContract } from "../codex-v1/contract-json.js";
import type { HistoryPiece } from "../codex-v1/history-items.js";
import type { WholePage } from "../codex-v1/list-threads.js";
import { readItemLine } from "./item-line.js";
import { listParams } from "./list-params.js";
import type { CallContext, ServerConnection } from "./server-connection.js";

/** A live writer: who it is for the server, and its calls, which are made one after the other. */
interface RemoteLease extends Lease {
  readonly writer: RemoteWriter;
  /** Appends so far, which gives each its key. */
  appends: number;
  last: Promise<unknown>;
}

/** The threads of a server that speaks codex.thread_store.v1 and knows the contract. */
export class CodexV1Driver implements ThreadStoreDriver<RemoteLease> {
  readonly description = {
    storeId: "remote",
    contractVersion: 1,
    // The protocol does not tell what a flush survives there.
    durability: "memory",
    foldsItems: true,
  } as const;
  readonly #server: ServerConnection;
  /** Threads that nothing was written to yet, and how they were made: a server that was restarted knows nothing of them. */
  readonly #unwritten = new Map<ThreadId, { readonly created: CreateThreadParams; readonly writer: RemoteWriter }>();

  constructor(server: ServerConnection) {
    this.#server = server;
  }

  // Writing

  async createThread(p: CreateThreadParams): Promise<RemoteLease> {
    const writer = writerOf(p);
    const lease = newLease(p.threadId, await this.#create(p, writer), writer);
    this.#unwritten.set(p.threadId, { created: p, writer });
    return lease;
  }

  async resumeThread({ threadId, rolloutPath, ...params }: ResumeThreadParams): Promise<RemoteLease> {
    if (rolloutPath !== undefined) throw unsupported("resume_thread_by_rollout_path");
    const writer = writerOf(params);
    const request = { threadId, contractJson: writeContract({ writer, params }) };
    const answer = await this.#server.call("resumeThread", request, OPENING);
    return newLease(threadId, readAnswer<Opened>(answer, "resumeThread"), writer);
  }

  appendItems(lease: RemoteLease, { items, ...given }: DriverAppend): Promise<DriverAppendResult> {
    // With a key of its own an append that is sent again is stored once.
    const key = items.length === 0 ? {} : { idempotencyKey: `${lease.writer.id}:${lease.appends++}` };
    const params = { ...key, ...given };
    return this.#inTurn(lease, async ({ threadId, writer }) => {
      const request = {
        threadId,
        itemsJson: items.map(({ json }) => json),
        contractJson: writeContract({ writer, params }),
      };
      const answer = await this.#server.call("appendItems", request, REPEATABLE);
      const { firstOrdinal, nextOrdinal, repeated } = readAnswer<AppendResult>(answer, "appendItems");
      if (firstOrdinal !== null) this.#unwritten.delete(threadId);
      // Of an append without a key nobody knows that it was sent again.
      return { firstOrdinal, nextOrdinal, repeated: repeated && given.idempotencyKey !== undefined };
    });
  }

  persistThread(lease: RemoteLease): Promise<void> {
    return this.#inTurn(lease, async () => {
      await this.#barrier("persistThread", lease);
      this.#unwritten.delete(lease.threadId);
    });
  }

  flushThread(lease: RemoteLease): Promise<FlushResult> {
    return this.#inTurn(lease, () => this.#barrier<FlushResult>("flushThread", lease));
  }

  shutdownThread(lease: RemoteLease): Promise<void> {
    return this.#inTurn(lease, () => this.#close("shutdownThread", lease));
  }

  discardThread(lease: RemoteLease): Promise<void> {
    return this.#inTurn(lease, () => this.#close("discardThread", lease));
  }

  // Reading

  async *readHistory(p: HistoryQuery, o: CallOptions): AsyncGenerator<HistoryBatch> {
    const { threadId, includeArchived = false, direction, batchBytes } = p;
    let next: number | null | undefined = p.from;
    do {
      const contractJson = writeContract({ params: { direction, ...(next === undefined ? {} : { from: next }) } });
      const request = { threadId, includeArchived, contractJson };
      const answer = await this.#server.call("loadHistory", request, reading(o));
      const piece: HistoryPiece = readAnswer(answer, "loadHistory");
      const history = { items: answer.itemsJson.map(readItemLine), rejected: piece.rejected };
      // They come in the direction that was asked for.
      yield* historyBatches(history, { direction: "asc", batchBytes });
      next = piece.next;
    } while (next !== null);
  }

  async readThread({ threadId, includeArchived = false }: ReadThreadParams, o: CallOptions): Promise<StoredThread> {
    const request = { threadId, includeArchived, contractJson: writeContract({}) };
    const { thread } = await this.#server.call("readThread", request, reading(o));
    return readAnswer(thread, "readThread");
  }

  async listThreads(query: ThreadListQuery, o: CallOptions): Promise<ThreadListPage> {
    const contractJson = writeContract({ params: listParams(query) });
    const answer = await this.#server.call("listThreads", { contractJson }, reading(o));
    const page = readAnswer<Partial<WholePage>>(answer, "listThreads");
    if (!Array.isArray(page.threads)) throw noContract("listThreads");
    return page as WholePage;
  }

  // Changing what is known of threads. None is sent twice: the second time it may mean something else.

  updateThreadMetadata({ threadId, ...params }: UpdateThreadMetadataParams): Promise<StoredThread> {
    return this.#onceMade(threadId, async () => {
      const request = { threadId, contractJson: writeContract({ params }) };
      const { thread } = await this.#server.call("updateThreadMetadata", request, CHANGING);
      this.#unwritten.delete(threadId);
      return readAnswer(thread, "updateThreadMetadata");
    });
  }

  async archiveThread({ threadId }: ThreadParams): Promise<void> {
    const request = { threadId, contractJson: writeContract({}) };
    readAnswer(await this.#server.call("archiveThread", request, CHANGING), "archiveThread");
  }

  async unarchiveThread({ threadId }: ThreadParams): Promise<StoredThread> {
    const request = { threadId, contractJson: writeContract({}) };
    const { thread } = await this.#server.call("unarchiveThread", request, CHANGING);
    return readAnswer(thread, "unarchiveThread");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
  }

  async #create({ threadId, ...params }: CreateThreadParams, writer: RemoteWriter): Promise<Opened> {
    const request = { threadId, contractJson: writeContract({ writer, params }) };
    return readAnswer(await this.#server.call("createThread", request, OPENING), "createThread");
  }

  async #barrier<T>(method: Barrier, { threadId, writer }: RemoteLease): Promise<T> {
    const request = { threadId, contractJson: writeContract({ writer }) };
    return readAnswer(await this.#server.call(method, request, REPEATABLE), method);
  }

  async #close(method: Barrier, lease: RemoteLease): Promise<void> {
    await this.#barrier(method, lease);
    this.#unwritten.delete(lease.threadId);
  }

  /** Calls of one writer, one after the other, in the order in which they were made. */
  #inTurn<T>(lease: RemoteLease, work: (lease: RemoteLease) => Promise<T>): Promise<T> {
    const result = lease.last.then(() => this.#onceMade(lease.threadId, () => work(lease)));
    lease.last = result.catch(() => undefined);
    return result;
  }

  /** Makes a thread again that a server forgot before anything was written to it. */
  async #onceMade<T>(threadId: ThreadId, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const unwritten = this.#unwritten.get(threadId);
      if (!unwritten || !isThreadStoreError(error, "thread_not_found")) throw error;
      await this.#create(unwritten.created, unwritten.writer);
      return work();
    }
  }
}

type Barrier = "persistThread" | "flushThread" | "shutdownThread" | "discardThread";

/** A writer is known by its id, and an append by its key: they may be asked for again. */
const REPEATABLE: CallContext = { isRepeatable: true };
const OPENING: CallContext = { isRepeatable: true, needsContract: true };
const CHANGING: CallContext = { isRepeatable: false, needsContract: true };

/** What a server says of a thread that it opened. */
interface Opened {
  readonly historyMode: HistoryMode;
}

function newLease(threadId: ThreadId, { historyMode }: Opened, writer: RemoteWriter): RemoteLease {
  return { threadId, historyMode, writer, appends: 0, last: Promise.resolve() };
}

function writerOf({
  eventPersistenceMode,
  includeArchived,
}: Pick<ResumeThreadParams, "eventPersistenceMode" | "includeArchived">): RemoteWriter {
  return {
    id: randomUUID(),
    ...(eventPersistenceMode === undefined ? {} : { eventPersistenceMode }),
    ...(includeArchived === undefined ? {} : { includeArchived }),
  };
}

function reading({ signal }: CallOptions): CallContext {
  return signal === undefined ? REPEATABLE : { ...REPEATABLE, signal };
}
