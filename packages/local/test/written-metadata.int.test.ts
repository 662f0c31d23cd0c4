import * as fs from "node:fs";
import { join } from "node:path";
import { instantFromMs, type ThreadStore } from "@threadstore/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FailingFileSystem } from "./support/failing-file-system.js";
import { codeOf, type Line, METADATA, message, threadId, WrittenHome, writeThread } from "./support/written-home.js";

const A = threadId(1);
const B = threadId(2);
const NAMES = "session_index.jsonl";
const GIT = { commitHash: "c0ffee", branch: "main", repositoryUrl: "https://example.test/r.git" };

let home: WrittenHome;

beforeEach(() => {
  home = new WrittenHome();
});

afterEach(() => home[Symbol.asyncDispose]());

describe("the index", () => {
  it("may be deleted, and nothing is lost", async () => {
    const store = home.open();
    for (const number of [1, 2, 3, 4]) await writeThread(store, { threadId: threadId(number) });
    await writeEverything(store);
    const before = await everything(store);
    await store[Symbol.asyncDispose]();
    fs.rmSync(join(home.path, "threadstore/cache"), { recursive: true });
    const reopened = home.open();
    expect(await everything(reopened)).toEqual(before);
    await reopened.resumeThread({ threadId: A });
    const repeated = await reopened.appendItems({ threadId: A, items: [message("keyed")], idempotencyKey: "k" });
    expect(repeated).toEqual({ firstOrdinal: 2, nextOrdinal: 3, dropped: 0, repeated: true });
    expect((await reopened.updateThreadMetadata({ threadId: A, patch: {}, expectedRevision: 2 })).revision).toBe(2);
  });

  /** A name, git edits, revisions, an archiving, edges, times of update, a key. */
  async function writeEverything(store: ThreadStore): Promise<void> {
    await store.resumeThread({ threadId: A });
    await store.appendItems({
      threadId: A,
      items: [message("keyed")],
      idempotencyKey: "k",
      updatedAt: "2030-01-01T00:00:00.000Z",
    });
    await store.shutdownThread(A);
    await store.updateThreadMetadata({ threadId: A, patch: { name: "Kept", gitInfo: GIT } });
    await store.updateThreadMetadata({ threadId: A, patch: { updatedAt: "2031-01-01T00:00:00.000Z", model: "m" } });
    await store.upsertThreadSpawnEdge({ parentThreadId: A, childThreadId: B, status: "closed" });
    home.clock.advance(1_000);
    await store.archiveThread({ threadId: threadId(3) });
    await store.resumeThread({ threadId: threadId(4) });
    const updatedAt = "2032-01-01T00:00:00.000Z";
    await store.appendItems({ threadId: threadId(4), items: [message("two")], updatedAt });
    await store.shutdownThread(threadId(4));
  }

  async function everything(store: ThreadStore): Promise<unknown> {
    const read = (number: number) => store.readThread({ threadId: threadId(number), includeArchived: true });
    const threads = await Promise.all([1, 2, 3, 4].map(read));
    expect(threads[0]).toMatchObject({ name: "Kept", gitInfo: GIT, revision: 2, model: "m" });
    expect(threads[0]?.updatedAt).toBe("2031-01-01T00:00:00.000Z");
    expect(threads[1]?.parentThreadId).toBe(A);
    expect([threads[2]?.archivedAt, threads[2]?.revision]).toEqual([instantFromMs(home.clock.nowMs()), 1]);
    expect(threads[3]?.updatedAt).toBe("2032-01-01T00:00:00.000Z");
    return { threads, edges: await store.listThreadSpawnEdges({ threadId: A }) };
  }
});

describe("the session index", () => {
  it("gets one line for each renaming, as the real Codex writes it", async () => {
    const store = home.open();
    await writeThread(store);
    for (const name of ["first", "second", null]) {
      home.clock.advance(1_000);
      await store.updateThreadMetadata({ threadId: A, patch: { name } });
    }
    await store.updateThreadMetadata({ threadId: A, patch: { model: "m" } });
    const time = (second: number) => `2026-01-15T12:00:0${second}.000Z`;
    expect(home.read(NAMES)).toBe(
      [
        `{"id":"${A}","thread_name":"first","updated_at":"${time(1)}"}\n`,
        `{"id":"${A}","thread_name":"second","updated_at":"${time(2)}"}\n`,
        `{"id":"${A}","thread_name":"","updated_at":"${time(3)}"}\n`,
      ].join(""),
    );
  });

  it("has the members of the lines of the real Codex", async () => {
    const store = home.open();
    await writeThread(store);
    await store.updateThreadMetadata({ threadId: A, patch: { name: "named" } });
    const fixture = new URL("../../../fixtures/homes/home169/session_index.jsonl", import.meta.url);
    const [real] = fs.readFileSync(fixture, "utf8").split("\n");
    expect(Object.keys(home.lines(NAMES)[0] as Line)).toEqual(Object.keys(JSON.parse(real as string) as Line));
  });

  it("that another program left without a last newline keeps its last line", async () => {
    const store = home.open();
    await writeThread(store);
    home.write(NAMES, '{"id":"torn');
    await store.updateThreadMetadata({ threadId: A, patch: { name: "named" } });
    const lines = home.read(NAMES).split("\n");
    expect([lines.length, lines[0], JSON.parse(lines[1] as string).thread_name]).toEqual([3, '{"id":"torn', "named"]);
  });

  it("loses the lines of a deleted thread, and no other byte", async () => {
    const store = home.open();
    await writeThread(store);
    const entry = (id: string, name: string) => JSON.stringify({ id, thread_name: name, updated_at: "x" });
    const foreign = [
      "\uFEFFno json",
      "",
      ` ${entry(B, "B ")} \r`,
      entry(B.toUpperCase(), "caf\\u00e9"),
      "{}",
      "\u0000\u0000",
    ];
    const ours = [entry(A, "one"), entry(A.toUpperCase(), "two")];
    const [first, second, third, ...rest] = foreign;
    home.write(NAMES, [ours[0], first, second, third, ours[1], ...rest].join("\n"));
    await store.deleteThread({ threadId: A });
    expect(home.read(NAMES)).toBe(foreign.join("\n"));
    expect(home.mode(NAMES)).toBe("600");
  });

  it("without the lines of a deleted thread is on the disk before it takes the place of the one that was", async () => {
    const medium = new FailingFileSystem();
    const store = home.open({ files: medium.files });
    for (const id of [A, B]) {
      await writeThread(store, { threadId: id });
      await store.updateThreadMetadata({ threadId: id, patch: { name: "named" } });
    }
    await store.deleteThread({ threadId: A });
    const made = medium.log.filter((call) => call.path.endsWith(`${NAMES}.new`)).map((call) => call.operation);
    expect(made.filter((operation) => operation === "sync" || operation === "renameFile")).toEqual([
      "sync",
      "renameFile",
    ]);
  });

  it.each(["append", "renameFile", "openToAppend"] as const)(
    "stays as it is when %s fails while a thread is deleted",
    async (operation) => {
      const medium = new FailingFileSystem();
      const store = home.open({ files: medium.files });
      await writeThread(store);
      home.write(NAMES, `{"id":"${A}","thread_name":"A"}\n{"id":"${B}","thread_name":"B"}\n`);
      const before = home.read(NAMES);
      medium.fail({ operation, path: `${NAMES}.new`, afterBytes: 5 });
      expect(await codeOf(store.deleteThread({ threadId: A }))).toBe("unavailable");
      expect(home.read(NAMES)).toBe(before);
      expect(await codeOf(store.readThread({ threadId: A }))).toBe("thread_not_found");
    },
  );

  it("without lines of a deleted thread is not written anew", async () => {
    const store = home.open();
    await writeThread(store);
    home.write(NAMES, `{"id":"${B}","thread_name":"B"}\n`);
    const before = fs.statSync(join(home.path, NAMES));
    await store.deleteThread({ threadId: A });
    const after = fs.statSync(join(home.path, NAMES));
    expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
  });
});

describe("an edit of a legacy thread", () => {
  async function edited(...patches: readonly object[]): Promise<Line[]> {
    const store = home.open();
    await writeThread(store, { historyMode: "legacy", metadata: { ...METADATA, gitInfo: { branch: "before" } } });
    for (const patch of patches) await store.updateThreadMetadata({ threadId: A, patch });
    return home.lines(home.rollout);
  }

  it("of the memory mode appends its session_meta with the mode and without git", async () => {
    const [meta, , copy, ...others] = await edited({ memoryMode: "disabled" });
    expect(others).toEqual([]);
    const { git: _git, ...payload } = meta?.payload ?? {};
    expect(copy).toEqual({ ...meta, payload: { ...payload, memory_mode: "disabled" } });
    expect(Object.keys(copy as Line)).toEqual(["timestamp", "type", "payload"]);
    expect(Object.keys(copy?.payload ?? {})).toEqual(
      Object.keys(payload).flatMap((key) => (key === "history_mode" ? ["memory_mode", key] : [key])),
    );
  });

  it("of git appends its session_meta with the mode and what git says now", async () => {
    const [meta, , copy, ...others] = await edited({ gitInfo: { commitHash: "c0ffee" } });
    expect(others).toEqual([]);
    const { git: _git, ...payload } = meta?.payload ?? {};
    const git = { commit_hash: "c0ffee", branch: "before" };
    expect(copy).toEqual({ ...meta, payload: { ...payload, memory_mode: "enabled", git } });
    expect(Object.keys(copy?.payload ?? {})).toEqual(
      Object.keys(meta?.payload ?? {}).flatMap((key) => (key === "history_mode" ? ["memory_mode", key] : [key])),
    );
  });

  it("of both appends two, and neither is an item that readers of the thread miss", async () => {
    const lines = await edited({ gitInfo: GIT, memoryMode: "disabled" });
    expect(lines.map((line) => [line.type, line.payload.memory_mode, line.payload.git !== undefined])).toEqual([
      ["session_meta", undefined, true],
      ["response_item", undefined, false],
      ["session_meta", "disabled", false],
      ["session_meta", "disabled", true],
    ]);
    const thread = await home.open().readThread({ threadId: A });
    expect([thread.gitInfo, thread.memoryMode, thread.revision]).toEqual([GIT, "disabled", 1]);
  });

  it("of anything else appends nothing", async () => {
    expect((await edited({ name: "named", model: "m" })).length).toBe(2);
  });

  it("that is live here goes through its writer, and one that is live elsewhere goes without", async () => {
    const [store, other] = [home.open(), home.open()];
    await writeThread(store, { historyMode: "legacy" });
    await store.resumeThread({ threadId: A });
    await store.updateThreadMetadata({ threadId: A, patch: { memoryMode: "disabled" } });
    expect((await store.appendItems({ threadId: A, items: [message("two")] })).firstOrdinal).toBe(3);
    await other.updateThreadMetadata({ threadId: A, patch: { memoryMode: "enabled" } });
    expect(home.lines(home.rollout).map((line) => line.payload.memory_mode)).toEqual([
      undefined,
      undefined,
      "disabled",
      undefined,
    ]);
    expect((await store.readThread({ threadId: A })).memoryMode).toBe("enabled");
  });

  it("of a paginated thread appends nothing", async () => {
    const store = home.open();
    await writeThread(store);
    await store.updateThreadMetadata({ threadId: A, patch: { memoryMode: "disabled", gitInfo: GIT } });
    expect(home.lines(home.rollout).length).toBe(2);
  });
});

describe("a patch of the rollout path", () => {
  it("is invalid: a local store finds its rollouts itself", async () => {
    const store = home.open();
    await writeThread(store);
    const patch = { rolloutPath: "/elsewhere" };
    expect(await codeOf(store.updateThreadMetadata({ threadId: A, patch }))).toBe("invalid_request");
  });
});
