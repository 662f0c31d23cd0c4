import { status } from "@grpc/grpc-js";
import { openMemoryThreadStore, type ThreadStore } from "@threadstore/core";
import { openRemoteThreadStore } from "@threadstore/remote";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OpenThreads } from "../src/codex-v1/open-threads.js";
import { type CodexCall, codexHandlers } from "../src/codex-v1/service.js";
import { CallRefused } from "../src/grpc/status.js";
import type { Around } from "../src/grpc/unary-handlers.js";
import { CallServer } from "./support/call-server.js";
import { METADATA, numbered, numbersOf } from "./support/operations.js";
import { ServedThreads, threadId } from "./support/served-threads.js";

const ID = threadId(1);

describe("a live thread whose server is restarted", () => {
  let served: ServedThreads;
  let remote: ThreadStore;

  beforeEach(async () => {
    served = new ServedThreads();
    await served.serve();
    remote = served.openRemote();
  });

  afterEach(() => served[Symbol.asyncDispose]());

  function append(number: number) {
    return remote.appendItems({ threadId: ID, items: [numbered(number)] });
  }

  it("before its first append goes on", async () => {
    await remote.createThread({ threadId: ID, metadata: METADATA });
    await served.restart();
    expect(await append(1)).toStrictEqual({ firstOrdinal: 1, nextOrdinal: 2, dropped: 0, repeated: false });
    expect(await numbersOf(remote)).toStrictEqual([1]);
  });

  it("before its first append is as it was to be", async () => {
    const created = { threadId: ID, metadata: { ...METADATA, model: "fast" }, historyMode: "legacy" } as const;
    await remote.createThread(created);
    await served.restart();
    await remote.persistThread(ID);
    expect(await remote.readThread({ threadId: ID })).toMatchObject({ historyMode: "legacy", model: "fast" });
  });

  it("between its appends goes on", async () => {
    await remote.createThread({ threadId: ID, metadata: METADATA });
    for (const number of [1, 2, 3]) {
      await append(number);
      await served.restart();
    }
    expect(await append(4)).toStrictEqual({ firstOrdinal: 4, nextOrdinal: 5, dropped: 0, repeated: false });
    expect(await numbersOf(remote)).toStrictEqual([1, 2, 3, 4]);
  });

  it("goes on with its persistence mode", async () => {
    const eventPersistenceMode = "extended";
    const items = [{ type: "event_msg", payload: { type: "exec_command_end", call_id: "1" } }];
    await remote.createThread({ threadId: ID, metadata: METADATA, historyMode: "legacy", eventPersistenceMode });
    await remote.appendItems({ threadId: ID, items });
    await served.restart();
    await remote.appendItems({ threadId: ID, items });
    const { items: stored } = await remote.loadHistory({ threadId: ID });
    expect(stored).toHaveLength(3);
  });

  it("is flushed and shut down, and another store can have it", async () => {
    await remote.createThread({ threadId: ID, metadata: METADATA });
    await append(1);
    await served.restart();
    expect(await remote.flushThread(ID)).toStrictEqual({ durableOrdinal: 1 });
    await remote.shutdownThread(ID);
    const other = served.openRemote();
    await other.resumeThread({ threadId: ID });
    await other.appendItems({ threadId: ID, items: [numbered(2)] });
    expect(await numbersOf(other)).toStrictEqual([1, 2]);
  });

  it("without anything in it is discarded, or shut down, and leaves nothing", async () => {
    await remote.createThread({ threadId: ID, metadata: METADATA });
    await remote.createThread({ threadId: threadId(2), metadata: METADATA });
    await served.restart();
    await remote.discardThread(ID);
    await remote.shutdownThread(threadId(2));
    expect(await served.server.countOpenThreads()).toBe(0);
    expect((await remote.listThreads({ sources: "all" })).data).toStrictEqual([]);
  });

  it("without anything in it has its metadata changed", async () => {
    await remote.createThread({ threadId: ID, metadata: METADATA });
    await served.restart();
    // A change is tried once: a read makes the connection that it needs.
    await remote.listThreads({});
    const patch = { name: "Deploy" };
    expect(await remote.updateThreadMetadata({ threadId: ID, patch })).toMatchObject(patch);
    await append(1);
    expect(await remote.readThread({ threadId: ID })).toMatchObject(patch);
    expect(await numbersOf(remote)).toStrictEqual([1]);
  });

  it("and which another store has by then is a conflict", async () => {
    await remote.createThread({ threadId: ID, metadata: METADATA });
    await append(1);
    await served.restart();
    const other = served.openRemote();
    await other.resumeThread({ threadId: ID });
    await expect(append(2)).rejects.toMatchObject({ code: "conflict" });
    expect(await numbersOf(other)).toStrictEqual([1]);
  });
});

describe("a call that a server cancels because it ends", () => {
  it("is made again of the server that takes its place", async () => {
    let tellCalled = () => {};
    const called = new Promise<void>((resolve) => (tellCalled = resolve));
    const ending = await new CallServer().serveAnswers(() => {
      tellCalled();
      return new Promise(() => {});
    });
    await using remote = openRemoteThreadStore({ protocol: "codex.v1", endpoint: ending.endpoint });
    const listed = remote.listThreads({});
    await called;
    ending.stop();
    await using served = new ServedThreads();
    await served.serve({ port: ending.port });
    expect((await listed).data).toStrictEqual([]);
    expect(ending.calls).toStrictEqual(["ListThreads"]);
  });
});

describe("a call whose answer is lost", () => {
  let memory: ThreadStore;
  let server: CallServer;
  let remote: ThreadStore;
  /** How many answers of each method are lost still. */
  let lost: Map<string, number>;

  beforeEach(async () => {
    memory = openMemoryThreadStore();
    const call: CodexCall = {
      store: memory,
      open: new OpenThreads({ store: memory }),
      cancellation: () => new AbortController().signal,
    };
    lost = new Map();
    const around: Around<CodexCall> = async ({ method }, answer) => {
      const bytes = await answer(call);
      const left = lost.get(method) ?? 0;
      if (left === 0) return bytes;
      lost.set(method, left - 1);
      throw new CallRefused(status.UNAVAILABLE, "lost");
    };
    server = await new CallServer().serve(codexHandlers, around);
    remote = openRemoteThreadStore({ protocol: "codex.v1", endpoint: server.endpoint });
  });

  afterEach(async () => {
    await remote[Symbol.asyncDispose]();
    server.stop();
    await memory[Symbol.asyncDispose]();
  });

  function loseAnswers(...methods: readonly string[]): void {
    for (const method of methods) lost.set(method, 2);
  }

  it("is made again until it is answered, and is done once", async () => {
    loseAnswers("CreateThread", "AppendItems", "FlushThread", "ShutdownThread", "ResumeThread", "PersistThread");
    await remote.createThread({ threadId: ID, metadata: METADATA });
    await remote.appendItems({ threadId: ID, items: [numbered(1), numbered(2)] });
    await remote.persistThread(ID);
    expect(await remote.flushThread(ID)).toStrictEqual({ durableOrdinal: 2 });
    await remote.shutdownThread(ID);
    await remote.resumeThread({ threadId: ID });
    await remote.appendItems({ threadId: ID, items: [numbered(3)] });
    expect(server.calls.filter((method) => method === "AppendItems")).toHaveLength(4);
    expect(await numbersOf(memory)).toStrictEqual([1, 2, 3]);
  });

  it("is made again for a thread that is discarded, and for reads", async () => {
    loseAnswers("DiscardThread", "LoadHistory", "ReadThread", "ListThreads");
    await remote.createThread({ threadId: ID, metadata: METADATA });
    await remote.discardThread(ID);
    await remote.createThread({ threadId: ID, metadata: METADATA });
    await remote.persistThread(ID);
    expect(await remote.readThread({ threadId: ID })).toMatchObject({ threadId: ID });
    expect((await remote.listThreads({ sources: "all" })).data).toHaveLength(1);
    expect(await numbersOf(remote)).toStrictEqual([]);
  });

  it("is made again for a fork, which is made once", async () => {
    await remote.createThread({ threadId: ID, metadata: METADATA });
    await remote.appendItems({ threadId: ID, items: [numbered(1)] });
    loseAnswers("CreateThread");
    await remote.createThread({ threadId: threadId(2), metadata: METADATA, fork: { from: ID } });
    const { data } = await memory.listThreads({ sources: "all" });
    expect(data.map(({ threadId: id }) => id).sort()).toStrictEqual([ID, threadId(2)]);
  });

  it("is unavailable when it changes what is known of a thread, and is not made again", async () => {
    await remote.createThread({ threadId: ID, metadata: METADATA });
    await remote.persistThread(ID);
    await remote.shutdownThread(ID);
    loseAnswers("UpdateThreadMetadata", "ArchiveThread", "UnarchiveThread");
    const unavailable = { code: "unavailable" };
    await expect(remote.updateThreadMetadata({ threadId: ID, patch: { name: "One" } })).rejects.toMatchObject(
      unavailable,
    );
    await expect(remote.archiveThread({ threadId: ID })).rejects.toMatchObject(unavailable);
    await expect(remote.unarchiveThread({ threadId: ID })).rejects.toMatchObject(unavailable);
    expect(await memory.readThread({ threadId: ID })).toMatchObject({ name: "One", revision: 3 });
    expect(server.calls.slice(-3)).toStrictEqual(["UpdateThreadMetadata", "ArchiveThread", "UnarchiveThread"]);
  });

  it("is no repetition when it is an append without a key of the caller's", async () => {
    loseAnswers("AppendItems");
    await remote.createThread({ threadId: ID, metadata: METADATA });
    const appended = await remote.appendItems({ threadId: ID, items: [numbered(1)] });
    expect(appended).toStrictEqual({ firstOrdinal: 1, nextOrdinal: 2, dropped: 0, repeated: false });
    expect(server.calls).toStrictEqual(["ReadThread", "CreateThread", "AppendItems", "AppendItems", "AppendItems"]);
    expect(await numbersOf(memory)).toStrictEqual([1]);
  });

  it("is no append of another text under its key", async () => {
    await remote.createThread({ threadId: ID, metadata: METADATA });
    const first = { threadId: ID, items: [numbered(1)], idempotencyKey: "of the caller" };
    await remote.appendItems(first);
    expect(await remote.appendItems(first)).toMatchObject({ repeated: true });
    const other = { ...first, items: [numbered(2)] };
    await expect(remote.appendItems(other)).rejects.toMatchObject({ code: "conflict" });
    expect(await numbersOf(memory)).toStrictEqual([1]);
  });
});
