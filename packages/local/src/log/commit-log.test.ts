import * as fs from "node:fs";
import { join } from "node:path";
import { systemIds } from "@threadstore/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FailingFileSystem } from "../../test/support/failing-file-system.js";
import { makeHome } from "../../test/support/write-home.js";
import { SafeNames } from "../file-system/safe-names.js";
import { CommitLog } from "./commit-log.js";
import type { Flushable } from "./flushable.js";

const FILE_MAX_BYTES = 2_000;
const ITEM = "an item that is not safe yet\n";
const IDS = [1, 2, 3].map((number) => `01900000-0000-7000-8000-00000000000${number}`);

let home: ReturnType<typeof makeHome>;
let medium: FailingFileSystem;
let log: CommitLog;
let threads: FakeThread[];

beforeEach(() => {
  home = makeHome();
  medium = new FailingFileSystem();
  const names = new SafeNames(medium.files, home.path);
  log = new CommitLog({ files: medium.files, home: home.path, ids: systemIds, names, fileMaxBytes: FILE_MAX_BYTES });
  for (const id of IDS) fs.writeFileSync(join(home.path, id), "");
  threads = IDS.map((id) => new FakeThread(id));
});

afterEach(async () => {
  await log.close();
  home.remove();
});

describe("a log that grows", () => {
  it("goes on in another file while the threads' own files are synced, and uses both again and again", async () => {
    for (let round = 0; round < 40; round++) await flushAll();
    await log.purge(IDS[0] as string);
    expect(files().length).toBeLessThanOrEqual(2);
    expect(files().map(sizeOf)).toEqual(files().map(() => 0));
    for (const { syncs } of threads) expect(syncs).toBeGreaterThan(1);
    expect(medium.calls("sync").every(({ path }) => path.endsWith(".log"))).toBe(true);
  });

  it("keeps the bytes of threads whose own files cannot be synced", async () => {
    (threads[1] as FakeThread).failure = new Error("EIO");
    for (let round = 0; round < 10; round++) await flushAll();
    await log.close();
    expect(files().some((name) => sizeOf(name) > 0)).toBe(true);
  });
});

describe("the bytes of a thread that was given back", () => {
  const [left] = IDS as [string];

  beforeEach(async () => {
    fs.writeFileSync(join(home.path, left), ITEM);
    await flushAll();
    const [thread] = threads as [FakeThread];
    thread.failure = new Error("EIO");
    await expect(log.release(thread)).rejects.toThrow("EIO");
    log.leave(thread);
  });

  it("are needed until its file is synced", async () => {
    await log.purge(left);
    expect(medium.calls("sync", left).length).toBe(1);
    expect(files().map(sizeOf)).toEqual([0]);
  });

  it("are written over themselves when that fails, for whoever syncs the file next", async () => {
    medium.fail({ operation: "sync", path: left, code: "EIO" });
    await log.purge(left);
    expect(medium.calls("writeOver").map(({ path }) => path)).toEqual([join(home.path, left)]);
    expect(files().map(sizeOf)).not.toEqual([0]);
    await log.purge(left);
    expect(files().map(sizeOf)).toEqual([0]);
  });
});

function flushAll(): Promise<unknown> {
  return Promise.all(threads.map((thread) => log.flush(thread)));
}

/** A thread that always has the same bytes to make safe. */
class FakeThread implements Flushable {
  readonly threadId: string;
  syncs = 0;
  failure: Error | undefined;

  constructor(threadId: string) {
    this.threadId = threadId;
  }

  unsynced() {
    const path = join(home.path, this.threadId);
    return [{ path, offset: 0, bytes: Buffer.from(ITEM), settle: () => undefined }];
  }

  async sync(): Promise<void> {
    this.syncs++;
    if (this.failure) throw this.failure;
  }
}

function files(): string[] {
  return fs.readdirSync(join(home.path, "threadstore/log"));
}

function sizeOf(name: string): number {
  return fs.statSync(join(home.path, "threadstore/log", name)).size;
}
