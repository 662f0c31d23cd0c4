import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { ManualClock } from "@threadstore/conformance";
import { type ItemInput, systemIds } from "@threadstore/core";
import type { DriverAppend } from "@threadstore/core/driver";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FailingFileSystem, type Fault } from "../../test/support/failing-file-system.js";
import { makeHome } from "../../test/support/write-home.js";
import { SafeNames } from "../file-system/safe-names.js";
import { AppendKeys, appendKeysPath } from "../journal/append-keys.js";
import { type LocalHome, openLocalHome } from "../local-home.js";
import type { WriterLock } from "../locks/thread-locks.js";
import type { Flushable } from "../log/flushable.js";
import { deferRollout } from "../operations/new-rollout.js";
import { RolloutAppender } from "./rollout-appender.js";
import { RolloutWriter } from "./rollout-writer.js";

const ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708";
const META_JSON = '{"type":"session_meta","payload":{}}';
const KEYS = "/appends/";
const ROLLOUT = "rollout-";

let folder: ReturnType<typeof makeHome>;
let path: string;
let medium: FailingFileSystem;
let clock: ManualClock;
let home: LocalHome;
let lock: WriterLock;
let writer: RolloutWriter;

beforeEach(async () => {
  folder = makeHome();
  path = join(folder.path, `sessions/2026/01/15/rollout-2026-01-15T12-00-00-${ID}.jsonl`);
  medium = new FailingFileSystem();
  clock = new ManualClock();
  home = openLocalHome({ home: folder.path, files: medium.files, clock });
  lock = await home.locks.acquireWriter(ID);
  writer = openNew();
});

afterEach(async () => {
  writer.close();
  await lock.release();
  folder.remove();
});

describe("appends of one tick", () => {
  it("are one write, in the order they were made in", async () => {
    const names = Array.from({ length: 100 }, (_, at) => `item-${at}`);
    const results = await Promise.all(names.map((name) => writer.append({ items: items(name) })));
    expect(results.map((result) => result.firstOrdinal)).toStrictEqual(names.map((_, at) => at + 1));
    expect(medium.calls("append", ROLLOUT).length).toBe(1);
    expect(types()).toStrictEqual(["session_meta", ...names]);
    await Promise.all(names.map((name) => writer.append({ items: items(name) })));
    expect(medium.calls("append", ROLLOUT).length).toBe(2);
    expect(ordinals()).toStrictEqual(Array.from({ length: 201 }, (_, at) => at));
  });

  it("are several writes when they are long, and still in order", async () => {
    const long = (name: string) => [{ json: `{"type":"${name}","payload":"${"x".repeat(5_000_000)}"}` }];
    const results = await Promise.all(["a", "b", "c"].map((name) => writer.append({ items: long(name) })));
    expect(results.map((result) => result.firstOrdinal)).toStrictEqual([1, 2, 3]);
    expect(medium.calls("append", ROLLOUT).length).toBe(3);
    expect(types()).toStrictEqual(["session_meta", "a", "b", "c"]);
  });

  it("are decided one after the other by their expected ordinals and their keys", async () => {
    const appends: DriverAppend[] = [
      { items: items("a", "b"), expectedOrdinal: 1, idempotencyKey: "k" },
      { items: items("late"), expectedOrdinal: 1 },
      { items: items("c"), expectedOrdinal: 3 },
      { items: items("a", "b"), expectedOrdinal: 1, idempotencyKey: "k" },
      { items: items("other"), idempotencyKey: "k" },
      { items: [], idempotencyKey: "nothing" },
      { items: [], idempotencyKey: "nothing" },
      { items: items("late"), expectedOrdinal: 3, idempotencyKey: "refused" },
      { items: items("d"), idempotencyKey: "refused" },
    ];
    expect(await outcomes(appends)).toStrictEqual([
      { firstOrdinal: 1, nextOrdinal: 3, repeated: false },
      "conflict",
      { firstOrdinal: 3, nextOrdinal: 4, repeated: false },
      { firstOrdinal: 1, nextOrdinal: 3, repeated: true },
      "conflict",
      { firstOrdinal: null, nextOrdinal: 4, repeated: false },
      { firstOrdinal: null, nextOrdinal: 4, repeated: true },
      "conflict",
      { firstOrdinal: 4, nextOrdinal: 5, repeated: false },
    ]);
    expect(types()).toStrictEqual(["session_meta", "a", "b", "c", "d"]);
  });

  it("are all refused when they cannot be written, and nothing stays queued", async () => {
    await writer.append({ items: items("a") });
    const before = text();
    medium.fail({ operation: "append", path: ROLLOUT, afterBytes: 30 });
    const appends = [{ items: items("b") }, { items: items("c"), idempotencyKey: "c" }, { items: [] }];
    expect(await outcomes(appends)).toStrictEqual(["ENOSPC", "ENOSPC", "ENOSPC"]);
    expect(text()).toBe(before);
    expect(await outcomes(appends)).toStrictEqual([
      { firstOrdinal: 2, nextOrdinal: 3, repeated: false },
      { firstOrdinal: 3, nextOrdinal: 4, repeated: false },
      { firstOrdinal: null, nextOrdinal: 4, repeated: false },
    ]);
    expect(types()).toStrictEqual(["session_meta", "a", "b", "c"]);
    expect(ordinals()).toStrictEqual([0, 1, 2, 3]);
  });
});

describe("an append that fails", () => {
  const faults: readonly Fault[] = [
    { operation: "append", path: KEYS },
    { operation: "append", path: KEYS, afterBytes: 20 },
    { operation: "openToAppend", path: KEYS, code: "EMFILE" },
    { operation: "append", path: ROLLOUT },
    { operation: "append", path: ROLLOUT, afterBytes: 20 },
    { operation: "tryLock", path: ROLLOUT, code: "EIO" },
  ];

  it.each(faults)("by $operation of $path writes nothing, and its key is not taken", async (fault) => {
    await writer.append({ items: items("a"), idempotencyKey: "a" });
    // From the second time on the keys are appended to, not made anew.
    await reopen();
    const before = text();
    medium.fail(fault);
    const append = { items: items("b"), idempotencyKey: "b" };
    expect(await outcomes([append])).toStrictEqual([fault.code ?? "ENOSPC"]);
    expect(text()).toBe(before);
    const stored = { firstOrdinal: 2, nextOrdinal: 3, repeated: false };
    expect(await outcomes([append])).toStrictEqual([stored]);
    expect(await outcomes([append])).toStrictEqual([{ ...stored, repeated: true }]);
    await reopen();
    expect(await outcomes([append])).toStrictEqual([{ ...stored, repeated: true }]);
    expect(ordinals()).toStrictEqual([0, 1, 2]);
  });

  it("does not take its key, also for whoever opens the thread next", async () => {
    await writer.append({ items: items("a"), idempotencyKey: "a" });
    const append = { items: items("b"), idempotencyKey: "b" };
    medium.fail({ operation: "append", path: ROLLOUT });
    expect(await outcomes([append])).toStrictEqual(["ENOSPC"]);
    await reopen();
    expect(await outcomes([append])).toStrictEqual([{ firstOrdinal: 2, nextOrdinal: 3, repeated: false }]);
  });

  it("forgets no key of an earlier one", async () => {
    const keyed = Array.from({ length: 1_000 }, (_, at) => ({ items: items(`i${at}`), idempotencyKey: `k${at}` }));
    await outcomes(keyed);
    medium.fail({ operation: "append", path: ROLLOUT });
    expect(await outcomes([{ items: items("new"), idempotencyKey: "new" }])).toStrictEqual(["ENOSPC"]);
    expect(await outcomes(keyed.slice(0, 1))).toStrictEqual([{ firstOrdinal: 1, nextOrdinal: 2, repeated: true }]);
  });

  it("for want of a clock writes nothing", async () => {
    await writer.append({ items: items("a") });
    const before = text();
    clock.advance(-clock.nowMs() - 1);
    expect(await outcomes([{ items: items("b") }])).toStrictEqual(["unavailable"]);
    expect(text()).toBe(before);
  });
});

describe("a rollout that does not exist yet", () => {
  it.each<Fault>([
    { operation: "makeDirectory", path: "sessions", code: "EROFS" },
    { operation: "openToAppend", path: ROLLOUT, code: "EMFILE" },
    { operation: "tryLock", path: ROLLOUT, code: "EIO" },
    { operation: "append", path: ROLLOUT, afterBytes: 60 },
    { operation: "append", path: KEYS },
    { operation: "renameFile", path: KEYS, code: "EIO" },
    { operation: "makeDirectory", path: "/appends", code: "EROFS" },
  ])("is not there when $operation of $path fails, and the next append makes it", async (fault) => {
    medium.fail(fault);
    const append = { items: items("a"), idempotencyKey: "a" };
    expect(await outcomes([append])).toStrictEqual([fault.code ?? "ENOSPC"]);
    expect(fs.existsSync(path)).toBe(false);
    expect(await outcomes([append, { items: items("b") }])).toStrictEqual([
      { firstOrdinal: 1, nextOrdinal: 2, repeated: false },
      { firstOrdinal: 2, nextOrdinal: 3, repeated: false },
    ]);
    expect(types()).toStrictEqual(["session_meta", "a", "b"]);
  });

  it.each<readonly [string, readonly Fault[]]>([
    ["removed", [{ operation: "removeFile", path: ROLLOUT, code: "EROFS" }]],
    [
      "taken back or removed",
      [
        { operation: "truncate", path: ROLLOUT, code: "EROFS" },
        { operation: "removeFile", path: ROLLOUT, code: "EROFS" },
      ],
    ],
  ])("is made by the next append, also when what the first one left could not be %s", async (_what, faults) => {
    medium.fail({ operation: "append", path: ROLLOUT, code: "EIO", afterBytes: 60 });
    for (const fault of faults) medium.fail(fault);
    expect(await outcomes([{ items: items("a") }])).toStrictEqual(["EIO"]);
    expect(await outcomes([{ items: items("a") }])).toStrictEqual([
      { firstOrdinal: 1, nextOrdinal: 2, repeated: false },
    ]);
    expect(types()).toStrictEqual(["session_meta", "a"]);
  });

  it("is not made by appends of nothing; their keys are remembered", async () => {
    const nothing = { items: [], idempotencyKey: "nothing" };
    expect(await outcomes([nothing, nothing])).toStrictEqual([
      { firstOrdinal: null, nextOrdinal: 1, repeated: false },
      { firstOrdinal: null, nextOrdinal: 1, repeated: true },
    ]);
    expect([fs.existsSync(path), fs.existsSync(appendKeysPath(folder.path, ID))]).toStrictEqual([false, false]);
    expect(await writer.flush()).toStrictEqual({ durableOrdinal: null });
    await writer.append({ items: items("a"), expectedOrdinal: 1, idempotencyKey: "a" });
    await reopen();
    expect(await outcomes([nothing])).toStrictEqual([{ firstOrdinal: null, nextOrdinal: 1, repeated: true }]);
  });

  it("is made once by persist, with its session_meta alone", async () => {
    writer.persist();
    writer.persist();
    expect([types(), writer.nextOrdinal, writer.written?.path]).toStrictEqual([["session_meta"], 1, path]);
  });
});

describe("a flush", () => {
  it("writes what was queued, and waits for the rollout, its keys and its folders once", async () => {
    const appended = writer.append({ items: items("a"), idempotencyKey: "a" });
    expect(await writer.flush()).toStrictEqual({ durableOrdinal: 1 });
    expect((await appended).firstOrdinal).toBe(1);
    // The keys were put in place under another name than they were opened by.
    const synced = medium.calls("sync").map((call) => call.path.replace(/[.]new$/, ""));
    expect(new Set(synced)).toStrictEqual(new Set([path, appendKeysPath(folder.path, ID)]));
    const folders = medium.calls("syncDirectory").map((call) => call.path.replace(folder.path, ""));
    expect([...new Set(folders)].sort()).toStrictEqual([
      "",
      "/sessions",
      "/sessions/2026",
      "/sessions/2026/01",
      "/sessions/2026/01/15",
      "/threadstore",
      "/threadstore/journal",
      "/threadstore/journal/appends",
    ]);
    await writer.flush();
    expect(medium.calls("syncDirectory", "sessions").length).toBe(4);
  });

  it.each<Fault>([
    { operation: "sync", path: ROLLOUT, code: "EIO" },
    { operation: "sync", path: KEYS, code: "EIO" },
    { operation: "syncDirectory", path: "sessions", code: "EIO" },
  ])("that fails by $operation of $path can be tried again", async (fault) => {
    await writer.append({ items: items("a"), idempotencyKey: "a" });
    medium.fail(fault);
    await expect(writer.flush()).rejects.toMatchObject({ code: "EIO" });
    expect(await writer.flush()).toStrictEqual({ durableOrdinal: 1 });
    expect(medium.calls(fault.operation, fault.path).length).toBeGreaterThan(1);
  });
});

describe("a writer that is closed", () => {
  it("has written what was queued before, and refuses what comes later", async () => {
    const before = writer.append({ items: items("a") });
    writer.close();
    writer.close();
    expect((await before).firstOrdinal).toBe(1);
    expect(await outcomes([{ items: items("b") }])).toStrictEqual(["conflict"]);
    await expect(writer.flush()).rejects.toMatchObject({ code: "conflict" });
    expect(types()).toStrictEqual(["session_meta", "a"]);
  });
});

/** A writer of a thread that has no rollout yet. */
function openNew(): RolloutWriter {
  const rollout = deferRollout(home, {
    path: path.slice(folder.path.length + 1),
    historyMode: "paginated",
    lock,
    firstOrdinal: 0,
    metaJson: META_JSON,
    now: () => "2026-01-15T12:00:00.000Z",
  });
  return openWith(rollout, null);
}

/** The same thread in the hands of a writer that knows only what is on the disk. */
async function reopen(): Promise<void> {
  writer.close();
  const rollout = await RolloutAppender.open({ files: medium.files, path, historyMode: "paginated", lock });
  writer = openWith(rollout as RolloutAppender, path);
}

function openWith(rollout: ConstructorParameters<typeof RolloutWriter>[0]["rollout"], rolloutPath: string | null) {
  const names = new SafeNames(medium.files, folder.path);
  const keys = { files: medium.files, home: folder.path, threadId: ID, ids: systemIds, names, isDurable: true };
  const openKeys = () => AppendKeys.open({ ...keys, rolloutPath });
  const syncName = (rolloutPath: string) => names.sync(dirname(rolloutPath));
  const makeSafe = (thread: Flushable) => thread.sync();
  return new RolloutWriter({ threadId: ID, historyMode: "paginated", clock, rollout, openKeys, syncName, makeSafe });
}

/** What appends of one tick are answered, or the codes they are refused with. */
async function outcomes(appends: readonly DriverAppend[]): Promise<unknown[]> {
  const settled = await Promise.allSettled(appends.map((append) => writer.append(append)));
  return settled.map((one) => (one.status === "fulfilled" ? one.value : (one.reason as { code: string }).code));
}

function items(...types: readonly string[]): ItemInput[] {
  return types.map((type) => ({ json: `{"type":"${type}","payload":{}}` }));
}

function text(): string {
  return fs.readFileSync(path, "utf8");
}

function lines(): readonly { readonly type: string; readonly ordinal: number }[] {
  return text()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; ordinal: number });
}

function types(): string[] {
  return lines().map((line) => line.type);
}

function ordinals(): number[] {
  return lines().map((line) => line.ordinal);
}
