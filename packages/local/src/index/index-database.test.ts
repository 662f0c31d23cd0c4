import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeHome } from "../../test/support/write-home.js";
import type { FileSystem } from "../file-system/file-system.js";
import { nodeFileSystem } from "../file-system/node-file-system.js";
import { IndexDatabase } from "./index-database.js";
import { indexLocations } from "./index-location.js";
import { SCHEMA_VERSION } from "./schema.js";

let folder: ReturnType<typeof makeHome>;
let home: string;
let cache: string;
let open: IndexDatabase[];

beforeEach(() => {
  folder = makeHome();
  [home, cache] = [join(folder.path, "home"), join(folder.path, "cache")];
  mkdirSync(home);
  open = [];
});

afterEach(() => {
  for (const index of open) index.close();
  folder.remove();
});

describe("an index", () => {
  it("is made in the home when it is first asked, for its owner only", () => {
    const index = openIndex();
    expect(readdirSync(home)).toStrictEqual([]);
    remember(index, "a");
    expect(index.path).toBe(indexPath());
    expect(readdirSync(join(home, "threadstore/cache")).toSorted()).toStrictEqual([
      "CACHEDIR.TAG",
      "index.sqlite",
      "index.sqlite-shm",
      "index.sqlite-wal",
    ]);
    const paths = ["index.sqlite", "index.sqlite-wal", "CACHEDIR.TAG", ".", ".."];
    const modes = paths.map((name) => statSync(join(home, "threadstore/cache", name)).mode & 0o777);
    expect(modes).toStrictEqual([0o600, 0o600, 0o600, 0o700, 0o700]);
    expect(readFileSync(join(home, "threadstore/cache/CACHEDIR.TAG"), "utf8")).toMatch(
      /^Signature: 8a477f597d28d172789f06886806bc55\n/,
    );
  });

  it("is what it was when it is opened again", () => {
    const index = openIndex();
    remember(index, "a");
    index.close();
    expect(remembered(openIndex())).toStrictEqual(["a"]);
    expect(readdirSync(join(home, "threadstore/cache")).toSorted()).toStrictEqual([
      "CACHEDIR.TAG",
      "index.sqlite",
      "index.sqlite-shm",
      "index.sqlite-wal",
    ]);
  });

  it("that was closed opens again by itself", () => {
    const index = openIndex();
    remember(index, "a");
    index.close();
    index.close();
    expect(remembered(index)).toStrictEqual(["a"]);
    expect(index.generation).toBe(2);
  });

  it("a transaction is kept whole or not at all", () => {
    const index = openIndex();
    index.transaction(() => remember(index, "a"));
    const failure = new Error("no");
    const fail = () =>
      index.transaction(() => {
        remember(index, "b");
        throw failure;
      });
    expect(fail).toThrow(failure);
    expect(remembered(index)).toStrictEqual(["a"]);
    index.transaction(() => remember(index, "c"));
    expect(remembered(index)).toStrictEqual(["a", "c"]);
  });

  it("an older schema is brought up to date", () => {
    mkdirSync(join(home, "threadstore/cache"), { recursive: true });
    new DatabaseSync(indexPath()).close();
    const index = openIndex();
    remember(index, "a");
    expect(index.get("PRAGMA user_version")?.user_version).toBe(SCHEMA_VERSION);
  });
});

describe("two connections", () => {
  it("see what the other one wrote, and that something was written", () => {
    const [first, second] = [openIndex(), openIndex()];
    remember(first, "a");
    expect(remembered(second)).toStrictEqual(["a"]);
    const versions = [first.dataVersion(), second.dataVersion()];
    remember(second, "b");
    expect(remembered(first)).toStrictEqual(["a", "b"]);
    expect(first.dataVersion()).not.toBe(versions[0]);
    expect(second.dataVersion()).toBe(versions[1]);
  });

  it("see nothing of a transaction before it ends", () => {
    const [first, second] = [openIndex(), openIndex()];
    remember(first, "a");
    first.transaction(() => {
      remember(first, "b");
      expect(remembered(second)).toStrictEqual(["a"]);
    });
    expect(remembered(second)).toStrictEqual(["a", "b"]);
  });

  it("one may be closed while the other one writes, without waiting for it", () => {
    const [first, second] = [openIndex(), openIndex()];
    remember(second, "a");
    first.transaction(() => {
      remember(first, "b");
      second.close();
    });
    expect(remembered(second)).toStrictEqual(["a", "b"]);
  });
});

describe("an index that breaks", () => {
  const damages: readonly (readonly [damage: string, break_: (path: string) => void])[] = [
    ["is garbage", (path) => writeFileSync(path, "garbage, and enough of it to be read as pages. ".repeat(500))],
    ["is short garbage", (path) => writeFileSync(path, "garbage")],
    ["lost its end", (path) => truncateSync(path, 4_096)],
    ["lost the end of a page", (path) => truncateSync(path, statSync(path).size - 100)],
    ["lost everything", (path) => truncateSync(path, 0)],
    ["has holes in its pages", (path) => overwrite(path, { from: 4_096, to: statSync(path).size })],
    ["has another's tables", (path) => replaceTables(path)],
    [
      "has a log of garbage",
      (path) => writeFileSync(`${path}-wal`, "garbage, and enough of it for a frame. ".repeat(500)),
    ],
    ["is gone", (path) => rmSync(path)],
  ];

  it.each(damages)("because it %s is made anew", async (_damage, damage) => {
    mkdirSync(join(home, "threadstore/cache"), { recursive: true });
    writeFileSync(indexPath(), anIndexOfManyPages());
    damage(indexPath());
    const index = openIndex();
    expect(await fill(index)).toStrictEqual(["filled"]);
    expect(index.path).toBe(indexPath());
    index.close();
    expect(remembered(openIndex())).toStrictEqual(["filled"]);
  });

  it("while it is open, because somebody deleted it, is made anew for everybody", async () => {
    const index = openIndex();
    remember(index, "lost");
    rmSync(join(home, "threadstore"), { recursive: true });
    expect(await fill(index)).toStrictEqual(["filled"]);
    expect(index.generation).toBe(2);
    expect(remembered(openIndex())).toStrictEqual(["filled"]);
  });

  it("while it is open, because another process made it anew, is the new one", async () => {
    const index = openIndex();
    remember(index, "lost");
    rmSync(join(home, "threadstore"), { recursive: true });
    remember(openIndex(), "new");
    expect(await index.repairing(async () => remembered(index))).toStrictEqual(["new"]);
  });

  it("what is not about the index is thrown on, and nothing is made anew", async () => {
    const index = openIndex();
    remember(index, "a");
    const failure = new Error("no");
    await expect(index.repairing(() => Promise.reject(failure))).rejects.toBe(failure);
    expect([remembered(index), index.generation]).toStrictEqual([["a"], 1]);
  });

  it("and goes on breaking is given up", async () => {
    const index = openIndex();
    let runs = 0;
    const work = async () => {
      runs++;
      return index.all("SELECT * FROM a_table_that_nobody_makes");
    };
    await expect(index.repairing(work)).rejects.toMatchObject({ code: "ERR_SQLITE_ERROR" });
    expect(runs).toBeLessThan(10);
  });
});

describe("an index that cannot be written", () => {
  const cachePath = () =>
    join(cache, "threadstore", readdirSync(join(cache, "threadstore"))[0] as string, "index.sqlite");

  it.each(["EACCES", "EROFS", "EPERM", "ENOSPC"])("because of %s lies in the user's cache folder", async (code) => {
    const index = openIndex(refusingToWriteTo(home, code));
    expect(await fill(index)).toStrictEqual(["filled"]);
    expect(index.path).toBe(cachePath());
    expect(readdirSync(home)).toStrictEqual([]);
  });

  it("because a file is where its folder should be lies in the user's cache folder", async () => {
    writeFileSync(join(home, "threadstore"), "a file");
    const index = openIndex();
    expect(await fill(index)).toStrictEqual(["filled"]);
    expect(index.path).toBe(cachePath());
    expect(readFileSync(join(home, "threadstore"), "utf8")).toBe("a file");
  });

  it("because a folder is where it should be lies in the user's cache folder", async () => {
    mkdirSync(indexPath(), { recursive: true });
    const index = openIndex();
    expect(await fill(index)).toStrictEqual(["filled"]);
    expect(index.path).toBe(cachePath());
  });

  it("anywhere is in memory, and keeps what it knows while it is open", async () => {
    writeFileSync(cache, "a file");
    const index = openIndex(refusingToWriteTo(home, "EROFS"));
    expect(await fill(index)).toStrictEqual(["filled"]);
    expect(index.path).toBeNull();
    expect(await index.repairing(async () => remembered(index))).toStrictEqual(["filled"]);
    expect(readdirSync(home)).toStrictEqual([]);
  });
});

describe("an index of a newer version", () => {
  it.each(["DELETE", "WAL"])("in journal mode %s is refused, and kept byte for byte", async (journalMode) => {
    mkdirSync(join(home, "threadstore/cache"), { recursive: true });
    const newer = new DatabaseSync(indexPath());
    newer.exec(
      `PRAGMA journal_mode = ${journalMode}; CREATE TABLE later (x); PRAGMA user_version = ${SCHEMA_VERSION + 1}`,
    );
    newer.close();
    const before = readFileSync(indexPath());
    const index = openIndex();
    await expect(fill(index)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(
        new RegExp(`index\\.sqlite has version ${SCHEMA_VERSION + 1}, .* up to ${SCHEMA_VERSION}: .*delete the index`),
      ),
    });
    index.close();
    expect(readFileSync(indexPath())).toStrictEqual(before);
  });
});

function openIndex(files: FileSystem = nodeFileSystem): IndexDatabase {
  const index = new IndexDatabase(indexLocations(home, { XDG_CACHE_HOME: cache }), files);
  open.push(index);
  return index;
}

function indexPath(): string {
  return join(home, "threadstore/cache/index.sqlite");
}

function remember(index: IndexDatabase, name: string): void {
  index.run("INSERT INTO sources (name, signature) VALUES (?, 's')", name);
}

function remembered(index: IndexDatabase): unknown[] {
  return index.all("SELECT name FROM sources ORDER BY name").map((row) => row.name);
}

/** What users of an index do: write it anew in one transaction, and read it. */
function fill(index: IndexDatabase): Promise<unknown[]> {
  return index.repairing(async () => {
    index.transaction(() => {
      index.run("DELETE FROM sources");
      remember(index, "filled");
    });
    return remembered(index);
  });
}

/** A file system that refuses to make anything below a folder, as a disk that is full or not to be written does. */
function refusingToWriteTo(path: string, code: string): FileSystem {
  const refuse = (at: string) => {
    if (at.startsWith(path)) throw Object.assign(new Error(code), { code });
  };
  return {
    ...nodeFileSystem,
    makeDirectory: (at) => {
      refuse(at);
      nodeFileSystem.makeDirectory(at);
    },
    writeNewFile: (at, content) => {
      refuse(at);
      nodeFileSystem.writeNewFile(at, content);
    },
  };
}

/** The bytes of an index that was closed; a copy, because this process may hold on to the file for a while. */
function anIndexOfManyPages(): Buffer {
  const elsewhere = makeHome();
  const index = new IndexDatabase(indexLocations(elsewhere.path, { XDG_CACHE_HOME: elsewhere.path }), nodeFileSystem);
  for (let at = 0; at < 200; at++) remember(index, `row ${at} ${"x".repeat(200)}`);
  index.close();
  const bytes = readFileSync(join(elsewhere.path, "threadstore/cache/index.sqlite"));
  elsewhere.remove();
  return bytes;
}

function overwrite(path: string, { from, to }: { readonly from: number; readonly to: number }): void {
  const bytes = readFileSync(path);
  bytes.fill(0xa5, from, to);
  writeFileSync(path, bytes);
}

function replaceTables(path: string): void {
  rmSync(path);
  const database = new DatabaseSync(path);
  database.exec(`CREATE TABLE sources (other); PRAGMA user_version = ${SCHEMA_VERSION}`);
  database.close();
}
