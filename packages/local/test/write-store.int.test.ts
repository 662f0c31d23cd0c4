import * as fs from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import type { ThreadStore } from "@threadstore/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FailingFileSystem } from "./support/failing-file-system.js";
import { codeOf, METADATA, message, threadId, WrittenHome, writeThread } from "./support/written-home.js";

const A = threadId(1);
const B = threadId(2);
const LOCK_FOLDERS = ["thread-writer-locks", "threadstore/writers"];

let home: WrittenHome;

beforeEach(() => {
  home = new WrittenHome();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await home[Symbol.asyncDispose]();
});

/** What is on the disk but for the index, which may be deleted at any moment. */
function kept(): string[] {
  return home.list().filter((path) => !path.startsWith("threadstore/cache/"));
}

async function append(store: ThreadStore, id: string, text: string) {
  return store.appendItems({ threadId: id, items: [message(text)] });
}

describe("on the disk", () => {
  it.each(["shutdownThread", "discardThread"] as const)(
    "a thread that nothing was written to leaves nothing but lock folders after %s",
    async (close) => {
      const store = home.open();
      await store.createThread({ threadId: A, metadata: METADATA });
      expect(kept()).toEqual([
        "thread-writer-locks/.coordination.lock",
        `thread-writer-locks/${A}.lock`,
        `threadstore/writers/${A}.lock`,
      ]);
      await store[close](A);
      expect(kept()).toEqual(["thread-writer-locks/.coordination.lock"]);
      expect(fs.readdirSync(home.path).sort()).toEqual(["thread-writer-locks", "threadstore"]);
    },
  );

  it("no lock file is left when a written thread is shut down", async () => {
    await writeThread(home.open());
    expect(LOCK_FOLDERS.flatMap((folder) => home.list(folder))).toEqual(["thread-writer-locks/.coordination.lock"]);
  });

  it("everything is for its owner only", async () => {
    const store = home.open();
    await store.createThread({ threadId: A, metadata: { ...METADATA, model: "m" } });
    await store.appendItems({ threadId: A, items: [message("one")], idempotencyKey: "k" });
    await store.updateThreadMetadata({ threadId: A, patch: { name: "named" } });
    const folders = ["sessions", ...LOCK_FOLDERS, "threadstore", "threadstore/journal", "threadstore/journal/appends"];
    const dated = ["sessions/2026", "sessions/2026/01", "sessions/2026/01/15"];
    expect([...folders, ...dated].map((path) => [path, home.mode(path)])).toEqual(
      [...folders, ...dated].map((path) => [path, "700"]),
    );
    const files = home.list();
    expect(files.length).toBeGreaterThan(8);
    const tag = "threadstore/cache/CACHEDIR.TAG";
    expect(files.filter((path) => home.mode(path) !== "600" && path !== tag)).toEqual([]);
  });

  it.each([
    ["America/Los_Angeles", "2025-12-31T16-30-05"],
    ["UTC", "2026-01-01T00-30-05"],
    ["Asia/Kolkata", "2026-01-01T06-00-05"],
  ])("name and folder say the local time of %s, and the records say UTC", async (zone, time) => {
    vi.stubEnv("TZ", zone);
    home.clock.set("2026-01-01T00:30:05.678Z");
    await writeThread(home.open());
    const folder = time.slice(0, 10).replaceAll("-", "/");
    expect(home.rollouts()).toEqual([`sessions/${folder}/rollout-${time}-${A}.jsonl`]);
    const [meta, item] = home.lines(home.rollout);
    expect([meta?.timestamp, meta?.payload.timestamp, item?.timestamp]).toEqual(
      Array(3).fill("2026-01-01T00:30:05.678Z"),
    );
  });

  it("a thread without a folder to work in is refused, and nothing is written", async () => {
    const { cwd: _cwd, ...metadata } = METADATA;
    const store = home.open();
    expect(await codeOf(store.createThread({ threadId: A, metadata }))).toBe("invalid_request");
    expect(kept()).toEqual([]);
    await writeThread(store);
  });
});

describe("a clock before 1970", () => {
  const writes: readonly (readonly [string, (store: ThreadStore) => Promise<unknown>])[] = [
    ["createThread", (store) => store.createThread({ threadId: threadId(9), metadata: METADATA })],
    ["a fork", (store) => store.createThread({ threadId: threadId(9), metadata: METADATA, fork: { from: A } })],
    ["appendItems", (store) => append(store, B, "late")],
    ["revertThread", (store) => store.revertThread({ threadId: B, endOrdinalExclusive: 1 })],
    ["updateThreadMetadata", (store) => store.updateThreadMetadata({ threadId: A, patch: { name: "n" } })],
    ["archiveThread", (store) => store.archiveThread({ threadId: A })],
    ["unarchiveThread", (store) => store.unarchiveThread({ threadId: threadId(3) })],
  ];

  it.each(writes)("makes %s unavailable, and nothing is written", async (_operation, write) => {
    const store = home.open();
    for (const number of [1, 2, 3]) await writeThread(store, { threadId: threadId(number) });
    await store.archiveThread({ threadId: threadId(3) });
    await store.resumeThread({ threadId: B });
    const before = contents();
    const nowMs = home.clock.nowMs();
    home.clock.advance(-nowMs - 1);
    expect(await codeOf(write(store))).toBe("unavailable");
    expect(contents()).toEqual(before);
    home.clock.advance(nowMs + 1);
    await write(store);
  });

  function contents(): ReadonlyMap<string, string> {
    return new Map(
      kept()
        .filter((path) => !path.endsWith(".lock"))
        .map((path) => [path, home.read(path)]),
    );
  }
});

describe("a home that cannot be written", () => {
  const MEDIUM = [
    "openToAppend",
    "append",
    "makeDirectory",
    "writeNewFile",
    "linkFile",
    "renameFile",
    "removeFile",
    "setModifiedTime",
  ] as const;

  const WRITES: readonly ((store: ThreadStore) => Promise<unknown>)[] = [
    (store) => store.createThread({ threadId: threadId(9), metadata: METADATA }),
    (store) => store.resumeThread({ threadId: A }),
    (store) => store.updateThreadMetadata({ threadId: A, patch: { name: "n" } }),
    (store) => store.upsertThreadSpawnEdge({ parentThreadId: A, childThreadId: B, status: "open" }),
    (store) => store.archiveThread({ threadId: A }),
    (store) => store.deleteThread({ threadId: A }),
  ];

  async function expectReadOnly(store: ThreadStore, files: readonly string[]): Promise<void> {
    const codes: string[] = [];
    for (const write of WRITES) codes.push(await codeOf(write(store)));
    expect(codes).toEqual(Array(WRITES.length).fill("unavailable"));
    expect((await store.readThread({ threadId: A })).threadId).toBe(A);
    expect((await store.listThreads({ sources: "all" })).data.map((thread) => thread.threadId)).toEqual([A]);
    expect((await store.loadHistory({ threadId: A })).items.length).toBe(2);
    expect(kept()).toEqual(files);
  }

  /** The home on a medium that refuses every write; an index finds no folder either. */
  function openReadOnly(): ThreadStore {
    const medium = new FailingFileSystem();
    for (const operation of MEDIUM) {
      medium.fail({ operation, code: "EROFS", calls: Number.POSITIVE_INFINITY, path: home.path });
    }
    return home.open({ files: medium.files, environment: { XDG_CACHE_HOME: "/dev/null" } });
  }

  it("is unavailable for writes while reads work", async () => {
    await writeThread(home.open());
    await expectReadOnly(openReadOnly(), kept());
  });

  it("answers calls that are made at once as it answers them one by one", async () => {
    await writeThread(home.open());
    const store = openReadOnly();
    const read = async () => (await store.readThread({ threadId: A })).threadId;
    expect(await Promise.all([read(), read(), read()].map((call) => call.catch(String)))).toEqual([A, A, A]);
  });

  // To root, modes mean nothing.
  it.skipIf(process.getuid?.() === 0)("by its permissions is unavailable for writes while reads work", async () => {
    await writeThread(home.open());
    const before = kept();
    const folders = ["", "sessions", "threadstore", "threadstore/writers", "thread-writer-locks"];
    for (const folder of folders) fs.chmodSync(join(home.path, folder), 0o500);
    try {
      await expectReadOnly(home.open({ environment: { XDG_CACHE_HOME: "/dev/null" } }), before);
    } finally {
      for (const folder of folders) fs.chmodSync(join(home.path, folder), 0o700);
    }
  });
});

describe("what disappears while a thread is live", () => {
  it.each(["with items", "without items"])(
    "is the home of a thread %s: appends are unavailable, and nothing is made again",
    async (items) => {
      const store = home.open();
      await store.createThread({ threadId: A, metadata: METADATA });
      if (items === "with items") await append(store, A, "one");
      fs.rmSync(home.path, { recursive: true });
      expect(await codeOf(append(store, A, "two"))).toBe("unavailable");
      await store.discardThread(A);
      expect(home.rollouts()).toEqual([]);
    },
  );

  it("is a rollout: appends are unavailable, and it does not come back", async () => {
    const store = home.open();
    await store.createThread({ threadId: A, metadata: METADATA });
    await append(store, A, "one");
    fs.rmSync(join(home.path, home.rollout));
    expect(await codeOf(append(store, A, "two"))).toBe("unavailable");
    await store.discardThread(A);
    expect(home.rollouts()).toEqual([]);
  });

  it("is a rollout: nothing of it is durable", async () => {
    const store = home.open();
    await store.createThread({ threadId: A, metadata: METADATA });
    await append(store, A, "one");
    fs.rmSync(join(home.path, home.rollout));
    expect(await codeOf(store.flushThread(A))).toBe("unavailable");
    expect(await codeOf(store.shutdownThread(A))).toBe("unavailable");
    await store.discardThread(A);
  });
});

describe("the real Codex's own row of a thread", () => {
  it("makes revertThread invalid, because Codex would go on in the old rollout", async () => {
    const store = home.open();
    await writeThread(store);
    await writeThread(store, { threadId: B });
    const database = new DatabaseSync(join(home.path, "state_5.sqlite"));
    database.exec(`CREATE TABLE threads (id TEXT PRIMARY KEY); INSERT INTO threads VALUES ('${A}')`);
    database.close();
    const before = home.rollouts();
    for (const id of [A, B]) await store.resumeThread({ threadId: id });
    expect(await codeOf(store.revertThread({ threadId: A, endOrdinalExclusive: 1 }))).toBe("invalid_request");
    expect(home.rollouts()).toEqual(before);
    expect((await append(store, A, "two")).firstOrdinal).toBe(2);
    await store.revertThread({ threadId: B, endOrdinalExclusive: 1 });
    expect(home.rollouts().length).toBe(3);
  });
});
