import { type ChildProcess, fork } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { DatabaseSync } from "@photostructure/sqlite";
import { isThreadStoreError, type ThreadStore } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeHome, seedHome } from "./support/write-home.js";

// What may happen to the index of a home, and to the home while the index is open.
describe("the index of a home", () => {
  let home: ReturnType<typeof makeHome>;
  let opened: ThreadStore[];
  let indexPath: string;

  beforeEach(() => {
    home = makeHome();
    opened = [];
    indexPath = join(home.path, "threadstore", "cache", "index.sqlite");
  });

  afterEach(async () => {
    for (const store of opened) await store[Symbol.asyncDispose]();
    fs.chmodSync(home.path, 0o700);
    home.remove();
  });

  function open(environment: NodeJS.ProcessEnv = {}): ThreadStore {
    const store = openLocalThreadStore({ home: home.path, environment: { XDG_CACHE_HOME: home.path, ...environment } });
    opened.push(store);
    return store;
  }

  async function ids(store: ThreadStore): Promise<string[]> {
    return (await store.listThreads({ sources: "all", pageSize: 1_000 })).data.map((thread) => thread.threadId);
  }

  it("is made anew when it is deleted while a store has it open", async () => {
    await seedHome(home.path, 5);
    const store = open();
    expect((await ids(store)).length).toBe(5);
    fs.rmSync(join(home.path, "threadstore"), { recursive: true });
    expect((await ids(store)).length).toBe(5);
    expect(fs.existsSync(indexPath)).toBe(true);
  });

  it.each([
    ["garbage", () => Buffer.from("this is no database ".repeat(500))],
    ["an empty file", () => Buffer.alloc(0)],
    ["half of itself", (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    [
      "zeroes in the middle",
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 8_192), Buffer.alloc(bytes.length - 8_192)]),
    ],
  ])("is made anew when it holds %s", async (_what, damage) => {
    await seedHome(home.path, 20);
    const first = open();
    await ids(first);
    await first[Symbol.asyncDispose]();
    const damaged = damage(fs.readFileSync(indexPath));
    for (const suffix of ["", "-wal", "-shm"]) fs.rmSync(indexPath + suffix, { force: true });
    fs.writeFileSync(indexPath, damaged);
    expect((await ids(open())).length).toBe(20);
  });

  it("of a newer version is refused and left alone", async () => {
    await seedHome(home.path, 1);
    fs.mkdirSync(join(home.path, "threadstore", "cache"), { recursive: true });
    const newer = new DatabaseSync(indexPath);
    newer.exec("CREATE TABLE later (x); PRAGMA user_version = 99");
    newer.close();
    const bytes = fs.readFileSync(indexPath);
    const error = await ids(open()).catch((reason: unknown) => reason);
    expect(isThreadStoreError(error, "unavailable") && error.message).toMatch(/version 99.*versions up to/);
    expect(fs.readFileSync(indexPath).equals(bytes)).toBe(true);
  });

  it.each([0])("of version %i is brought up to date", async (version) => {
    await seedHome(home.path, 3);
    fs.mkdirSync(join(home.path, "threadstore", "cache"), { recursive: true });
    const older = new DatabaseSync(indexPath);
    older.exec(`PRAGMA user_version = ${version}`);
    older.close();
    expect((await ids(open())).length).toBe(3);
  });

  it("lies in the cache folder of the user when the home cannot be written", async () => {
    await seedHome(home.path, 3);
    fs.mkdirSync(join(home.path, "threadstore"));
    // A file where the folder should be stops even a user to whom modes mean nothing.
    fs.writeFileSync(join(home.path, "threadstore", "cache"), "");
    const cache = makeHome();
    expect((await ids(open({ XDG_CACHE_HOME: cache.path }))).length).toBe(3);
    expect(fs.readdirSync(join(cache.path, "threadstore")).length).toBe(1);
    await opened.pop()?.[Symbol.asyncDispose]();
    cache.remove();
  });

  it("is kept in memory when no folder can be written", async () => {
    await seedHome(home.path, 3);
    fs.mkdirSync(join(home.path, "threadstore"));
    fs.writeFileSync(join(home.path, "threadstore", "cache"), "");
    const file = join(home.path, "a-file");
    fs.writeFileSync(file, "");
    const store = open({ XDG_CACHE_HOME: file });
    expect((await ids(store)).length).toBe(3);
    await seedHome(home.path, 1, { first: 50 });
    expect((await ids(store)).length).toBe(4);
  });

  it("makes files for their owner only, and a tag for backup programs", async () => {
    await seedHome(home.path, 1);
    await ids(open());
    const mode = (path: string) => (fs.statSync(join(home.path, path)).mode & 0o777).toString(8);
    expect([mode("threadstore"), mode("threadstore/cache"), mode("threadstore/cache/index.sqlite")]).toEqual([
      "700",
      "700",
      "600",
    ]);
    expect(fs.readFileSync(join(home.path, "threadstore/cache/CACHEDIR.TAG"), "utf8")).toMatch(/^Signature: 8a477f59/);
  });

  it("follows what others do between two calls", async () => {
    await seedHome(home.path, 3);
    const store = open();
    expect((await ids(store)).length).toBe(3);
    const [newest] = await ids(store);
    const path = (await store.readThread({ threadId: newest as string })).rolloutPath as string;
    fs.appendFileSync(
      path,
      '{"timestamp":"2031-01-01T00:00:00.000Z","type":"turn_context","payload":{"model":"later"}}\n',
    );
    expect((await store.readThread({ threadId: newest as string })).model).toBe("later");
    fs.mkdirSync(join(home.path, "archived_sessions"));
    fs.renameSync(path, join(home.path, "archived_sessions", path.split("/").at(-1) as string));
    expect((await store.listThreads({ sources: "all", archived: true })).data.map((thread) => thread.threadId)).toEqual(
      [newest],
    );
    fs.rmSync(join(home.path, "sessions"), { recursive: true });
    expect(await ids(store)).toEqual([]);
    await seedHome(home.path, 1, { first: 70 });
    expect((await ids(store)).length).toBe(1);
  });

  it("reads a file anew that was rewritten with the same size and then grew", async () => {
    await seedHome(home.path, 1);
    const store = open();
    const [threadId] = (await ids(store)) as [string];
    const path = (await store.readThread({ threadId })).rolloutPath as string;
    const text = fs.readFileSync(path, "utf8");
    fs.writeFileSync(path, `${text.replace("message 0", "changed 0")}\n\n`);
    expect((await store.readThread({ threadId })).preview).toBe("changed 0");
  });

  it("answers from what it knows when asked to use the index only", async () => {
    await seedHome(home.path, 2);
    const store = open();
    expect(
      (await store.listThreads({ sources: "all", useIndexOnly: true })).data.length,
      "an empty index is filled",
    ).toBe(2);
    await seedHome(home.path, 1, { first: 60 });
    expect((await store.listThreads({ sources: "all", useIndexOnly: true })).data.length).toBe(2);
    expect((await ids(store)).length).toBe(3);
  });

  it("agrees between processes that fill it at once", async () => {
    await seedHome(home.path, 300);
    const script = new URL("./support/list-process.js", import.meta.url);
    const answers = await Promise.all(Array.from({ length: 4 }, () => listInProcess(script, home.path)));
    const expected = await ids(open());
    expect(expected.length).toBe(300);
    for (const answer of answers) expect(answer).toEqual(expected);
  });

  it("loses no thread while another process archives and unarchives it", async () => {
    await seedHome(home.path, 30);
    const store = open();
    const expected = [...(await ids(store))].sort();
    const script = new URL("./support/move-process.js", import.meta.url);
    const mover = fork(script, [home.path], { execArgv: [] });
    let rounds = 0;
    mover.on("message", () => rounds++);
    try {
      for (let at = 0; at < 100 && rounds < 200; at++) {
        await setImmediate();
        for (const id of expected) {
          expect((await store.readThread({ threadId: id, includeArchived: true })).threadId).toBe(id);
        }
      }
    } finally {
      mover.kill();
    }
  });
});

function listInProcess(script: URL, home: string): Promise<string[]> {
  const child: ChildProcess = fork(script, [home], { execArgv: [] });
  return new Promise((resolve, reject) => {
    child.on("message", (message) => resolve(message as string[]));
    child.on("error", reject);
    child.on("exit", (code) => code && reject(new Error(`exit code ${code}`)));
  });
}
