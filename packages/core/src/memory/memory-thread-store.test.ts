import { afterEach, describe, expect, it } from "vitest";
import type { Clock } from "../protocol/clock.js";
import type { CreateThreadParams } from "../store/params.js";
import type { ThreadStore } from "../store/thread-store.js";
import { MemoryThreadStore, openMemoryThreadStore } from "./memory-thread-store.js";

const ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708";
const CREATE: CreateThreadParams = {
  threadId: ID,
  metadata: { originator: "test", cliVersion: "1", source: "cli", modelProvider: "p" },
};
const STORE_IDS = ["memory-thread-store.test one", "memory-thread-store.test two"] as const;
const [ONE, TWO] = STORE_IDS;

afterEach(() => {
  for (const id of STORE_IDS) MemoryThreadStore.removeId(id);
});

describe("forId", () => {
  it("every store of an id shows the same threads", async () => {
    const [first, second] = [MemoryThreadStore.forId(ONE), MemoryThreadStore.forId(ONE)];
    await write(first);
    expect(await second.readThread({ threadId: ID })).toStrictEqual(await first.readThread({ threadId: ID }));
    await second.updateThreadMetadata({ threadId: ID, patch: { name: "name" } });
    expect((await first.readThread({ threadId: ID })).name).toBe("name");
  });

  it("stores of other ids, and stores of their own, do not see them", async () => {
    await write(MemoryThreadStore.forId(ONE));
    for (const other of [MemoryThreadStore.forId(TWO), openMemoryThreadStore()]) {
      await expect(other.readThread({ threadId: ID })).rejects.toMatchObject({
        code: "thread_not_found",
        threadId: ID,
      });
    }
  });

  it("a thread has one live writer among all stores of an id", async () => {
    const [first, second] = [MemoryThreadStore.forId(ONE), MemoryThreadStore.forId(ONE)];
    await first.createThread(CREATE);
    await first.persistThread(ID);
    await expect(second.resumeThread({ threadId: ID })).rejects.toMatchObject({ code: "conflict" });
    await second.resumeThread({ threadId: ID, takeOver: true });
    await expect(first.persistThread(ID)).rejects.toMatchObject({ code: "conflict" });
  });

  it("closing one of its stores leaves the others and the threads", async () => {
    const [first, second] = [MemoryThreadStore.forId(ONE), MemoryThreadStore.forId(ONE)];
    await write(first);
    await first[Symbol.asyncDispose]();
    expect((await second.readThread({ threadId: ID })).threadId).toBe(ID);
    expect((await MemoryThreadStore.forId(ONE).readThread({ threadId: ID })).threadId).toBe(ID);
  });

  it("names the store after the id", () => {
    const description = { contractVersion: 1, durability: "memory", foldsItems: true };
    expect(MemoryThreadStore.forId(ONE).description).toStrictEqual({ ...description, storeId: `memory:${ONE}` });
    expect(openMemoryThreadStore().description).toStrictEqual({ ...description, storeId: "memory" });
  });

  it("the clock that the id was made with counts", async () => {
    const first = MemoryThreadStore.forId(ONE, { clock: clockAt("2026-01-01T00:00:00.000Z") });
    const second = MemoryThreadStore.forId(ONE, { clock: clockAt("2027-01-01T00:00:00.000Z") });
    await write(second);
    expect((await first.readThread({ threadId: ID })).createdAt).toBe("2026-01-01T00:00:00.000Z");
  });

  it("limits are those of each store", async () => {
    const narrow = MemoryThreadStore.forId(ONE, { limits: { pageMaxItems: 1 } });
    const wide = MemoryThreadStore.forId(ONE);
    await write(wide);
    await expect(narrow.listThreads({ pageSize: 2 })).rejects.toMatchObject({ code: "invalid_request" });
    expect((await wide.listThreads({ pageSize: 2, sources: "all" })).data).toHaveLength(1);
  });
});

describe("removeId", () => {
  it("forgets the threads of an id; stores that are open keep theirs", async () => {
    const open = MemoryThreadStore.forId(ONE);
    await write(open);
    expect([MemoryThreadStore.removeId(ONE), MemoryThreadStore.removeId(ONE)]).toStrictEqual([true, false]);
    await expect(MemoryThreadStore.forId(ONE).readThread({ threadId: ID })).rejects.toMatchObject({
      code: "thread_not_found",
    });
    expect((await open.readThread({ threadId: ID })).threadId).toBe(ID);
  });
});

describe("calls", () => {
  it("counts every call by its operation, refused ones included", async () => {
    const store = openMemoryThreadStore();
    expect(store.calls()).toStrictEqual(new Map());
    await write(store);
    await store.readThread({ threadId: ID, includeHistory: true });
    await store.readThread({ threadId: "nope" }).catch(() => {});
    await store.loadHistory({ threadId: ID }, { signal: AbortSignal.abort() }).catch(() => {});
    for await (const _batch of store.readHistory({ threadId: ID }));
    await store.listTurns({ threadId: ID }).catch(() => {});
    await store.findThreadByName({ name: "n", includeArchived: true });
    store.supportsLegacyPath("/a");
    expect(store.calls()).toStrictEqual(
      new Map([
        ["createThread", 1],
        ["persistThread", 1],
        ["shutdownThread", 1],
        ["readThread", 2],
        ["loadHistory", 1],
        ["readHistory", 1],
        ["listTurns", 1],
        ["findThreadByName", 1],
      ]),
    );
  });

  it("are those of the store, not of others of its id", async () => {
    const [first, second] = [MemoryThreadStore.forId(ONE), MemoryThreadStore.forId(ONE)];
    await first.listThreads({});
    expect([first.calls(), second.calls()]).toStrictEqual([new Map([["listThreads", 1]]), new Map()]);
  });

  it("what was given out earlier does not change", async () => {
    const store = openMemoryThreadStore();
    const before = store.calls();
    await store.listThreads({});
    expect(before).toStrictEqual(new Map());
  });
});

async function write(store: ThreadStore): Promise<void> {
  await store.createThread(CREATE);
  await store.persistThread(ID);
  await store.shutdownThread(ID);
}

function clockAt(instant: string): Clock {
  return { nowMs: () => Date.parse(instant) };
}
