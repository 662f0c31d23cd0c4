import { createHash } from "node:crypto";
import type { HistoryBatch, ReadHistoryParams, StoredItem, ThreadStore } from "@threadstore/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { METADATA, numbered, numbersOf } from "./support/operations.js";
import { event, ServedThreads, threadId, userMessage, writeThread } from "./support/served-threads.js";

const ID = threadId(1);

let served: ServedThreads;

beforeEach(() => {
  served = new ServedThreads();
});

afterEach(() => served[Symbol.asyncDispose]());

describe("a history of more than 16 MiB", () => {
  const ITEMS = 22;
  const ITEM_CHARACTERS = 1_000_000;

  let remote: ThreadStore;

  beforeEach(async () => {
    await served.memory.createThread({ threadId: ID, metadata: METADATA });
    for (let number = 1; number <= ITEMS; number++) {
      served.clock.advance(1_234);
      const item = { type: "response_item", payload: { type: "test", text: `${number} `.padEnd(ITEM_CHARACTERS) } };
      await served.memory.appendItems({ threadId: ID, items: [item] });
    }
    await served.serve();
    remote = served.openRemote();
  });

  /** What an item is, without its text, which would be too much to show. */
  function seen({ ordinal, timestamp, json }: StoredItem) {
    return { ordinal, timestamp, hash: createHash("sha256").update(json).digest("hex") };
  }

  async function batchesOf(store: ThreadStore, params: Omit<ReadHistoryParams, "threadId">): Promise<HistoryBatch[]> {
    const batches: HistoryBatch[] = [];
    for await (const batch of store.readHistory({ threadId: ID, ...params })) batches.push(batch);
    return batches;
  }

  async function seenBy(store: ThreadStore, params: Omit<ReadHistoryParams, "threadId">) {
    return (await batchesOf(store, params)).flatMap(({ items }) => items.map(seen));
  }

  function piecesRead(): number {
    return served.calls.filter(({ method }) => method === "LoadHistory").length;
  }

  it("comes whole, in pieces", async () => {
    const { items } = await remote.loadHistory({ threadId: ID });
    const stored = (await served.memory.loadHistory({ threadId: ID })).items.map(seen);
    expect(stored).toHaveLength(1 + ITEMS);
    expect(items.map(seen)).toStrictEqual(stored);
    expect(piecesRead()).toBe(2);
  });

  it.each([
    ["the beginning", { direction: "asc" }, 1 + ITEMS, 2],
    ["the end", { direction: "desc" }, 1 + ITEMS, 2],
    ["an ordinal on", { direction: "asc", from: 3 }, ITEMS - 2, 2],
    ["an ordinal back", { direction: "desc", from: ITEMS - 2 }, ITEMS - 1, 2],
    ["the last ordinal on", { direction: "asc", from: ITEMS }, 1, 1],
    ["the first ordinal back", { direction: "desc", from: 0 }, 1, 1],
    ["beyond its end on", { direction: "asc", from: 1_000 }, 0, 1],
    ["beyond its end back", { direction: "desc", from: 1_000 }, 1 + ITEMS, 2],
  ] as const)("comes in order from %s", async (_where, params, count, pieces) => {
    const read = await seenBy(remote, params);
    expect(read).toHaveLength(count);
    expect(read).toStrictEqual(await seenBy(served.memory, params));
    expect(piecesRead()).toBe(pieces);
  });

  it.each(["asc", "desc"] as const)(
    "comes in batches that end at the bytes that were asked for, %s",
    async (direction) => {
      const batchBytes = 3 * ITEM_CHARACTERS;
      const batches = await batchesOf(remote, { direction, batchBytes });
      const bytesOf = (items: readonly StoredItem[]) =>
        items.reduce((sum, { json }) => sum + Buffer.byteLength(json), 0);
      const tooLong = batches.filter(({ items }) => bytesOf(items.slice(0, -1)) >= batchBytes);
      expect(tooLong).toStrictEqual([]);
      // The last batch of a piece may be shorter.
      const short = batches.filter(({ items }) => bytesOf(items) < batchBytes);
      expect(short.length).toBeLessThanOrEqual(2);
      expect(batches.map(({ rejected }) => rejected)).toStrictEqual(batches.map(() => 0));
    },
  );

  it("is not read on when its reader goes away", async () => {
    for await (const _batch of remote.readHistory({ threadId: ID })) break;
    expect(piecesRead()).toBe(1);
  });
});

describe("a thread that the real Codex made", () => {
  it("is read whole, with its exact times", async () => {
    const codex = await served.serve();
    const remote = served.openRemote();
    served.clock.advance(1_234);
    await codex.createThread({
      threadId: ID,
      metadataJson: JSON.stringify({ cwd: "/project", model_provider: "fake", memory_mode: "disabled" }),
      baseInstructionsJson: '{"text":"Be brief."}',
    });
    await codex.appendItems({ threadId: ID, itemsJson: [userMessage("Hello")] });
    served.clock.advance(2_001);
    await codex.appendItems({
      threadId: ID,
      itemsJson: [event("agent_message", { message: "Hi", phase: "tomorrow" })],
    });
    await codex.updateThreadMetadata({ threadId: ID, patch: { name: "Deploy" } });
    await codex.shutdownThread({ threadId: ID });

    const thread = await remote.readThread({ threadId: ID, includeHistory: true });
    expect(thread).toStrictEqual(await served.memory.readThread({ threadId: ID, includeHistory: true }));
    expect(thread).toMatchObject({
      name: "Deploy",
      memoryMode: "disabled",
      historyMode: "legacy",
      createdAt: "2026-01-15T12:00:01.234Z",
      updatedAt: "2026-01-15T12:00:03.235Z",
    });
    expect(thread.history?.items.map(({ timestamp }) => timestamp)).toStrictEqual([
      "2026-01-15T12:00:01.234Z",
      "2026-01-15T12:00:01.234Z",
      "2026-01-15T12:00:03.235Z",
    ]);
    const listed = await remote.listThreads({ sources: "all" });
    expect(listed).toStrictEqual(await served.memory.listThreads({ sources: "all" }));
  });

  it("is written on by both", async () => {
    const codex = await served.serve();
    const remote = served.openRemote();
    await writeThread(codex);
    await codex.resumeThread({ threadId: ID });
    await remote.resumeThread({ threadId: ID });
    await remote.appendItems({ threadId: ID, items: [numbered(1)] });
    await codex.appendItems({ threadId: ID, itemsJson: [JSON.stringify(numbered(2))] });
    await remote.appendItems({ threadId: ID, items: [numbered(3)] });
    expect(await numbersOf(remote)).toStrictEqual([undefined, 1, 2, 3]);
  });
});

describe("two remote stores", () => {
  it("write a thread one at a time, and the one that it was taken from is told", async () => {
    await served.serve();
    const [one, two] = [served.openRemote(), served.openRemote()];
    await one.createThread({ threadId: ID, metadata: METADATA });
    await one.appendItems({ threadId: ID, items: [numbered(1)] });
    await expect(two.resumeThread({ threadId: ID })).rejects.toMatchObject({ code: "conflict" });
    await two.resumeThread({ threadId: ID, takeOver: true });
    await two.appendItems({ threadId: ID, items: [numbered(2)] });
    await expect(one.appendItems({ threadId: ID, items: [numbered(9)] })).rejects.toMatchObject({ code: "conflict" });
    await one.discardThread(ID);
    await two.appendItems({ threadId: ID, items: [numbered(3)] });
    expect(await numbersOf(two)).toStrictEqual([1, 2, 3]);
  });

  it("append in the order in which they were asked to, without waiting", async () => {
    await served.serve();
    const remote = served.openRemote();
    await remote.createThread({ threadId: ID, metadata: METADATA });
    const numbers = Array.from({ length: 50 }, (_, number) => number);
    const appends = numbers.map((number) => remote.appendItems({ threadId: ID, items: [numbered(number)] }));
    const results = await Promise.all(appends);
    expect(results.map(({ firstOrdinal }) => firstOrdinal)).toStrictEqual(numbers.map((number) => number + 1));
    expect(await numbersOf(remote)).toStrictEqual(numbers);
  });
});

describe("closing a remote store", () => {
  const IDS = [1, 2, 3].map(threadId);

  it("gives its threads back, and leaves those of others open", async () => {
    await served.serve();
    const [closed, other] = [served.openRemote(), served.openRemote()];
    for (const id of IDS) {
      await closed.createThread({ threadId: id, metadata: METADATA });
      await closed.appendItems({ threadId: id, items: [numbered(1)] });
    }
    await other.createThread({ threadId: threadId(4), metadata: METADATA });
    expect(await served.server.countOpenThreads()).toBe(4);
    await closed[Symbol.asyncDispose]();
    expect(await served.server.countOpenThreads()).toBe(1);
    for (const id of IDS) await other.resumeThread({ threadId: id });
    await other[Symbol.asyncDispose]();
    expect(await served.server.countOpenThreads()).toBe(0);
  });

  it("waits for appends that were not waited for", async () => {
    await served.serve();
    const remote = served.openRemote();
    await remote.createThread({ threadId: ID, metadata: METADATA });
    const appends = [1, 2, 3].map((number) => remote.appendItems({ threadId: ID, items: [numbered(number)] }));
    await remote[Symbol.asyncDispose]();
    await Promise.all(appends);
    expect(await numbersOf(served.memory)).toStrictEqual([1, 2, 3]);
  });
});
