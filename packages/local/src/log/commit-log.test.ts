import * as fs from "node:fs";
import { join } from "node:path";
import { systemIds } from "@threadstore/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FailingFileSystem } from "../../test/support/failing-file-system.js";
import { makeHome } from "../../test/support/write-home.js";
import { SafeNames } from "../file-system/safe-names.js";
import { CommitLog, type Flushable } from "./commit-log.js";

const FILE_MAX_BYTES = 2_000;
const ITEM = "an item that is not safe yet\n";
const IDS = [1, 2, 3].map((number) => `01900000-0000-7000-8000-00000000000${number}`);

let home: ReturnType<typeof makeHome>;
let medium: FailingFileSystem;
let log: CommitLog;

beforeEach(() => {
  home = makeHome();
  medium = new FailingFileSystem();
  const names = new SafeNames(medium.files, home.path);
  log = new CommitLog({ files: medium.files, home: home.path, ids: systemIds, names, fileMaxBytes: FILE_MAX_BYTES });
  for (const id of IDS) fs.writeFileSync(join(home.path, id), "");
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
    for (const id of IDS) expect(medium.calls("sync", id).length).toBeGreaterThan(1);
  });

  it("writes the bytes over themselves of a file whose sync failed, for whoever syncs it next", async () => {
    for (const id of IDS) fs.writeFileSync(join(home.path, id), ITEM);
    medium.fail({ operation: "sync", path: IDS[1] as string, code: "EIO" });
    await flushAll();
    await log.purge(IDS[0] as string);
    expect(medium.calls("writeOver").map(({ path }) => path)).toEqual([join(home.path, IDS[1] as string)]);
    expect(files().map(sizeOf)).not.toEqual([0]);
    await log.purge(IDS[0] as string);
    expect(files().map(sizeOf)).toEqual([0]);
  });

  it("keeps the bytes of threads whose own files cannot be synced", async () => {
    medium.fail({ operation: "sync", path: IDS[1] as string, code: "EIO", calls: Number.POSITIVE_INFINITY });
    for (let round = 0; round < 10; round++) await flushAll();
    await log.close();
    expect(
      files()
        .map(sizeOf)
        .some((size) => size > 0),
    ).toBe(true);
    medium.heal();
  });
});

function flushAll(): Promise<unknown> {
  return Promise.all(IDS.map((id) => log.flush(threadOf(id))));
}

/** A thread that always has the same bytes to make safe. */
function threadOf(threadId: string): Flushable {
  const path = join(home.path, threadId);
  const bytes = Buffer.from(ITEM);
  return {
    threadId,
    unsynced: () => [{ path, offset: 0, bytes, settle: () => undefined }],
    sync: () => Promise.reject(new Error("the thread's own file is not synced for this")),
  };
}

function files(): string[] {
  return fs.readdirSync(join(home.path, "threadstore/log"));
}

function sizeOf(name: string): number {
  return fs.statSync(join(home.path, "threadstore/log", name)).size;
}
