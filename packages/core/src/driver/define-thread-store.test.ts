import { describe, expect, it } from "vitest";
import { storedItem } from "../protocol/rollout-item.js";
import { conflict, ThreadStoreError } from "../store/errors.js";
import type { CreateThreadParams } from "../store/params.js";
import type { StoredThread } from "../store/records.js";
import type { ThreadStore } from "../store/thread-store.js";
import { defineThreadStore, type Operation, type ThreadStoreOptions } from "./define-thread-store.js";
import type { Lease, ThreadListQuery, ThreadStoreDriver } from "./thread-store-driver.js";

const ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708";
const OTHER_ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f709";
const TIME = "2026-11-20T10:51:48.248Z";
const CREATE: CreateThreadParams = {
  threadId: ID,
  metadata: { originator: "test", cliVersion: "1", source: "cli", modelProvider: "p" },
};
const EDGE = { parentThreadId: ID, childThreadId: OTHER_ID, status: "open" } as const;
const ITEM = { json: '{"type":"event_msg","payload":{"type":"token_count"}}' };
const DROPPED = { json: '{"type":"event_msg","payload":{"type":"item_started"}}' };
const HISTORY = [0, 1, 2].map((ordinal) => storedItem({ ordinal, timestamp: TIME, json: ITEM.json }));

/** Every operation with arguments that it takes. */
const CALLS: Readonly<Record<string, (store: ThreadStore) => Promise<unknown>>> = {
  createThread: (store) => store.createThread(CREATE),
  resumeThread: (store) => store.resumeThread({ threadId: ID }),
  readThread: (store) => store.readThread({ threadId: ID }),
  listThreads: (store) => store.listThreads({}),
  findThreadByName: (store) => store.findThreadByName({ name: "n" }),
  loadHistory: (store) => store.loadHistory({ threadId: ID }),
  readHistory: (store) => all(store.readHistory({ threadId: ID })),
  updateThreadMetadata: (store) => store.updateThreadMetadata({ threadId: ID, patch: {} }),
  archiveThread: (store) => store.archiveThread({ threadId: ID }),
  unarchiveThread: (store) => store.unarchiveThread({ threadId: ID }),
  deleteThread: (store) => store.deleteThread({ threadId: ID }),
};

/** Operations of groups that a driver may lack, and their stable names. */
const GROUP_CALLS: readonly (readonly [operation: string, call: (store: ThreadStore) => Promise<unknown>])[] = [
  ["revert_thread", (store) => store.revertThread({ threadId: ID, endOrdinalExclusive: 1 })],
  ["search_threads", (store) => store.searchThreads({ searchTerm: "x" })],
  ["search_occurrences", (store) => store.searchOccurrences({ threadId: ID, searchTerm: "x" })],
  ["upsert_thread_spawn_edge", (store) => store.upsertThreadSpawnEdge(EDGE)],
  ["list_thread_spawn_edges", (store) => store.listThreadSpawnEdges({ threadId: ID })],
  ["find_thread_spawn_by_path", (store) => store.findThreadSpawnByPath({ threadId: ID, agentPath: "/a" })],
  ["resolve_legacy_path", (store) => store.resolveLegacyPath({ path: "/a" })],
  ["read_thread_by_rollout_path", (store) => store.readThreadByRolloutPath({ rolloutPath: "/a" })],
  ["watch_threads", (store) => all(store.watchThreads({}))],
];

describe("errors of a driver", () => {
  it.each(Object.entries(CALLS))("%s: what slips is internal and keeps its cause", async (operation, call) => {
    const cause = new RangeError("secret conversation text");
    const failure = await failureOf(call(aStore(failing(cause)).store));
    expect(failure).toBeInstanceOf(ThreadStoreError);
    expect(failure).toMatchObject({ code: "internal", message: `${operation} failed: RangeError`, cause });
  });

  it.each(Object.entries(CALLS))("%s: a store's error passes as it is", async (_operation, call) => {
    const failure = conflict("thread is busy");
    expect(await failureOf(call(aStore(failing(failure)).store))).toBe(failure);
  });

  it("a thrown value that is no error is internal too", async () => {
    const failure = await failureOf(aStore(failing("just text")).store.readThread({ threadId: ID }));
    expect(failure).toMatchObject({ code: "internal", message: "readThread failed: error", cause: "just text" });
  });
});

describe("groups that a driver lacks", () => {
  it.each(GROUP_CALLS)("%s is unsupported", async (operation, call) => {
    expect(await failureOf(call(aStore().store))).toMatchObject({
      code: "unsupported",
      operation,
      message: `this store does not support ${operation}`,
    });
  });

  it("capabilities are the groups that are there", () => {
    expect(aStore().store.capabilities).toStrictEqual(new Set(["turns", "deletion"]));
    expect(aStore().store.supportsLegacyPath("/home/sessions/rollout.jsonl")).toBe(false);
    const groups = { edges: {} as never, paths: {} as never, forkByReference: true } as const;
    expect(aStore(groups).store.capabilities).toStrictEqual(
      new Set(["turns", "edges", "paths", "forkByReference", "deletion"]),
    );
  });
});

describe("live writers", () => {
  it("of two creates at once one reaches the driver, the other is a conflict", async () => {
    const { store, calls } = aStore();
    const results = await Promise.allSettled([store.createThread(CREATE), store.createThread(CREATE)]);
    expect(results).toStrictEqual([
      { status: "fulfilled", value: undefined },
      { status: "rejected", reason: expect.objectContaining({ code: "conflict" }) },
    ]);
    expect(calls).toStrictEqual([["createThread", CREATE]]);
  });

  it("a shutdown that fails keeps the writer, so that it can be tried again", async () => {
    let isFull = true;
    const { store, calls } = aStore({
      shutdownThread: async () => {
        if (isFull) throw new ThreadStoreError("unavailable", "disk full");
      },
    });
    await store.createThread(CREATE);
    expect(await failureOf(store.shutdownThread(ID))).toMatchObject({ code: "unavailable", message: "disk full" });
    await store.appendItems({ threadId: ID, items: [ITEM] });
    isFull = false;
    await store.shutdownThread(ID);
    expect(await failureOf(store.appendItems({ threadId: ID, items: [ITEM] }))).toMatchObject({
      code: "thread_not_found",
      threadId: ID,
    });
    expect(calls.filter(([operation]) => operation === "appendItems")).toHaveLength(1);
  });

  it("appends reach the driver in order, without waiting, after the policy of the thread", async () => {
    const { store, calls } = aStore();
    await store.createThread({ ...CREATE, historyMode: "legacy" });
    const [first, second] = await Promise.all([
      store.appendItems({ threadId: ID, items: [ITEM, DROPPED], idempotencyKey: "k", expectedOrdinal: 1 }),
      store.appendItems({ threadId: ID, items: [DROPPED], updatedAt: "2026-11-20T12:51:48.248+02:00" }),
    ]);
    expect([first.dropped, second.dropped]).toStrictEqual([1, 1]);
    expect(calls.slice(1)).toStrictEqual([
      ["appendItems", leaseOf(ID), { items: [ITEM], idempotencyKey: "k", expectedOrdinal: 1 }],
      ["appendItems", leaseOf(ID), { items: [], updatedAt: TIME }],
    ]);
  });

  it("the mode a caller asks for picks the policy, else the history mode that the driver opened", async () => {
    const completed = { json: '{"type":"event_msg","payload":{"type":"item_completed","item":{"type":"Sleep"}}}' };
    const dropped = async (open: Partial<CreateThreadParams>) => {
      const { store } = aStore();
      await store.createThread({ ...CREATE, ...open });
      return (await store.appendItems({ threadId: ID, items: [completed] })).dropped;
    };
    expect(await dropped({})).toBe(0);
    expect(await dropped({ eventPersistenceMode: "limited" })).toBe(1);
  });

  it("a revert goes on with the lease that it was given", async () => {
    const { store, calls } = aStore({
      revert: { revertThread: async (lease) => ({ ...lease, historyMode: "legacy" }) },
    });
    await store.createThread(CREATE);
    await store.revertThread({ threadId: ID, endOrdinalExclusive: 1 });
    await store.persistThread(ID);
    expect(calls.at(-1)).toStrictEqual(["persistThread", { ...leaseOf(ID), historyMode: "legacy" }]);
  });
});

describe("queries as a driver gets them", () => {
  it("a list has every default filled in", async () => {
    const { store, calls } = aStore({}, { limits: { pageDefaultItems: 7 }, defaults: { modelProviders: ["p"] } });
    await store.listThreads({ cursor: undefined } as never);
    expect(calls).toStrictEqual([
      [
        "listThreads",
        {
          pageSize: 7,
          order: { key: "createdAt", direction: "desc" },
          sources: ["cli", "vscode"],
          modelProviders: ["p"],
          cwds: null,
          archived: false,
          useIndexOnly: false,
        },
      ],
    ]);
  });

  it("a relation lifts the defaults of sources and providers; empty lists mean them, or all providers", async () => {
    const { store, calls } = aStore({}, { defaults: { modelProviders: ["p"], sources: ["exec"] } });
    const asked = async (params: Parameters<ThreadStore["listThreads"]>[0]) => {
      await store.listThreads(params);
      const [, query] = calls.at(-1) as [string, ThreadListQuery];
      return [query.sources, query.modelProviders];
    };
    expect(await asked({})).toStrictEqual([["exec"], ["p"]]);
    expect(await asked({ sources: [], modelProviders: [] })).toStrictEqual([["exec"], null]);
    expect(await asked({ sources: ["cli"], modelProviders: null })).toStrictEqual([["cli"], ["p"]]);
    expect(await asked({ relation: { childrenOf: OTHER_ID } })).toStrictEqual(["all", null]);
    expect(await asked({ relation: { childrenOf: OTHER_ID }, sources: ["cli"] })).toStrictEqual([["cli"], null]);
  });

  it("a page's cursors lead to its last row, and back to its first one", async () => {
    const { store, calls } = aStore();
    const page = await store.listThreads({ sortKey: "updatedAt" });
    await store.listThreads({ sortKey: "updatedAt", cursor: page.nextCursor as string });
    await store.listThreads({ sortKey: "updatedAt", sortDirection: "asc", cursor: page.backwardsCursor as string });
    expect(calls.slice(1).map(([, query]) => (query as ThreadListQuery).position)).toStrictEqual([
      { value: TIME, threadId: OTHER_ID, inclusive: false },
      { value: TIME, threadId: ID, inclusive: true },
    ]);
  });

  it("a history read has its direction and the batch size of the store", async () => {
    const { store, calls } = aStore({}, { limits: { historyBatchBytes: 99 } });
    await all(store.readHistory({ threadId: ID.toUpperCase() }));
    await all(store.readHistory({ threadId: ID, direction: "desc", from: 3, batchBytes: 5 }));
    expect(calls.map(([, query]) => query)).toStrictEqual([
      { threadId: ID, direction: "asc", batchBytes: 99 },
      { threadId: ID, direction: "desc", from: 3, batchBytes: 5 },
    ]);
  });

  it("a thread is read with its history only when that was asked for", async () => {
    const { store, calls } = aStore();
    expect(await store.readThread({ threadId: ID })).toStrictEqual(aThread(ID));
    expect(await store.readThread({ threadId: ID, includeHistory: true, includeArchived: true })).toStrictEqual({
      ...aThread(ID),
      history: { threadId: ID, items: HISTORY },
    });
    expect(calls.slice(1, 2)).toStrictEqual([["readThread", { threadId: ID, includeArchived: true }]]);
  });

  it("names are looked for in lists, unless the driver can do better", async () => {
    const better = aStore({ findThreadByName: async () => aThread(OTHER_ID) });
    expect(await better.store.findThreadByName({ name: "n" })).toStrictEqual(aThread(OTHER_ID));
    const { store, calls } = aStore();
    expect(await store.findThreadByName({ name: "n" })).toBeNull();
    expect(calls.map(([operation]) => operation)).toStrictEqual(["listThreads", "listThreads"]);
  });

  it("the driver is given a signal when the call has a bound", async () => {
    const signals: unknown[] = [];
    const { store } = aStore({
      readThread: async (p, o) => {
        signals.push(o.signal?.aborted);
        return aThread(p.threadId);
      },
    });
    await store.readThread({ threadId: ID });
    await store.readThread({ threadId: ID }, { deadlineMs: 60_000 });
    expect(signals).toStrictEqual([undefined, false]);
  });
});

describe("closing the store", () => {
  it("shuts down every writer, then the driver, once", async () => {
    const { store, calls } = aStore();
    await store.createThread(CREATE);
    await store.createThread({ ...CREATE, threadId: OTHER_ID });
    await store[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    expect(calls.slice(2)).toStrictEqual([
      ["shutdownThread", leaseOf(ID)],
      ["shutdownThread", leaseOf(OTHER_ID)],
      ["close"],
    ]);
  });

  it("a writer that cannot be shut down is discarded, all else is closed, the first failure is thrown", async () => {
    const { store, calls } = aStore({ shutdownThread: async (lease) => Promise.reject(conflict(lease.threadId)) });
    await store.createThread(CREATE);
    await store.createThread({ ...CREATE, threadId: OTHER_ID });
    expect(await failureOf(store[Symbol.asyncDispose]())).toMatchObject({ code: "conflict", message: ID });
    expect(calls.slice(2)).toStrictEqual([
      ["discardThread", leaseOf(ID)],
      ["discardThread", leaseOf(OTHER_ID)],
      ["close"],
    ]);
  });

  it("all is closed though a writer can neither be shut down nor discarded", async () => {
    const { store, calls } = aStore({
      shutdownThread: async () => Promise.reject(conflict("not shut down")),
      discardThread: async () => Promise.reject(conflict("not discarded")),
    });
    await store.createThread(CREATE);
    expect(await failureOf(store[Symbol.asyncDispose]())).toMatchObject({ message: "not shut down" });
    expect(calls.at(-1)).toStrictEqual(["close"]);
  });

  it("a failure that the driver lets slip is internal there too", async () => {
    const cause = new RangeError("no");
    const { store } = aStore({ shutdownThread: async () => Promise.reject(cause) });
    await store.createThread(CREATE);
    expect(await failureOf(store[Symbol.asyncDispose]())).toMatchObject({ code: "internal", cause });
  });

  it("a writer that is being opened is closed too", async () => {
    let open = (_lease: Lease): void => {};
    const { store, calls } = aStore({
      createThread: () => {
        return new Promise((resolve) => {
          open = resolve;
        });
      },
    });
    const creating = store.createThread(CREATE);
    const closing = store[Symbol.asyncDispose]();
    open(leaseOf(ID));
    await Promise.allSettled([creating, closing]);
    const released = calls.filter(([operation]) => operation === "shutdownThread" || operation === "discardThread");
    expect(released.map(([, lease]) => lease)).toStrictEqual([leaseOf(ID)]);
  });

  it.each([...Object.entries(CALLS), ...GROUP_CALLS])("%s afterwards is unavailable", async (_operation, call) => {
    const { store } = aStore();
    await store[Symbol.asyncDispose]();
    expect(await failureOf(call(store))).toMatchObject({ code: "unavailable", message: /: the store is closed$/ });
  });
});

describe("onCall", () => {
  it("is told of every call by its name, refused ones included", async () => {
    const told: Operation[] = [];
    const { store } = aStore({}, { onCall: (operation) => told.push(operation) });
    for (const call of Object.values(CALLS)) await failureOf(call(store));
    await failureOf(store.readThread({ threadId: "nope" }));
    expect(told).toStrictEqual([...Object.keys(CALLS), "readThread"]);
  });
});

type Recorded = readonly [operation: string, ...args: unknown[]];

/** A store over a driver that remembers what it was asked, and answers the same to everybody. */
function aStore(
  overrides: Partial<ThreadStoreDriver> = {},
  options: ThreadStoreOptions = {},
): { readonly store: ThreadStore; readonly calls: Recorded[] } {
  const calls: Recorded[] = [];
  const answer =
    <P extends readonly unknown[], T>(operation: string, value: (...args: P) => T) =>
    async (...args: P): Promise<T> => {
      calls.push([operation, ...args.slice(0, -1)]);
      return value(...args);
    };
  const driver: ThreadStoreDriver = {
    description: { storeId: "fake", contractVersion: 1, durability: "memory", foldsItems: false },
    createThread: answer("createThread", (p) => leaseOf(p.threadId)),
    resumeThread: answer("resumeThread", (p) => leaseOf(p.threadId)),
    appendItems: answer("appendItems", () => ({ firstOrdinal: 1, nextOrdinal: 2, repeated: false })),
    persistThread: answer("persistThread", () => undefined),
    flushThread: answer("flushThread", () => ({ durableOrdinal: 0 })),
    shutdownThread: answer("shutdownThread", () => undefined),
    discardThread: answer("discardThread", () => undefined),
    readHistory: async function* (p) {
      calls.push(["readHistory", p]);
      yield { items: HISTORY.slice(0, 2), rejected: 0 };
      yield { items: HISTORY.slice(2), rejected: 1 };
    },
    readThread: answer("readThread", (p) => aThread(p.threadId)),
    listThreads: answer("listThreads", (query) => ({
      threads: [aThread(ID), aThread(OTHER_ID)],
      more: query.position === undefined,
    })),
    updateThreadMetadata: answer("updateThreadMetadata", (p) => aThread(p.threadId)),
    archiveThread: answer("archiveThread", () => undefined),
    unarchiveThread: answer("unarchiveThread", (p) => aThread(p.threadId)),
    deleteThread: answer("deleteThread", () => undefined),
    [Symbol.asyncDispose]: async () => void calls.push(["close"]),
    ...overrides,
  };
  return { store: defineThreadStore(driver, options), calls };
}

/** A driver that fails at everything. */
function failing(reason: unknown): Partial<ThreadStoreDriver> {
  const fail = () => Promise.reject(reason);
  return {
    createThread: fail,
    resumeThread: fail,
    readThread: fail,
    listThreads: fail,
    updateThreadMetadata: fail,
    archiveThread: fail,
    unarchiveThread: fail,
    deleteThread: fail,
    readHistory: async function* () {
      yield* [];
      throw reason;
    },
  };
}

function leaseOf(threadId: string): Lease {
  return { threadId, historyMode: "paginated" };
}

/** Only what the kernel looks at. */
function aThread(threadId: string): StoredThread {
  return { threadId, createdAt: TIME, updatedAt: TIME, recencyAt: TIME } as StoredThread;
}

async function failureOf(work: PromiseLike<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
}

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const seen: T[] = [];
  for await (const piece of stream) seen.push(piece);
  return seen;
}
