import { readFileSync } from "node:fs";
import { isThreadStoreError, type ThreadStore } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyFixtureHome, type FixtureHome, readFixtureJson } from "../support/fixture-home.js";

interface ForeignCase {
  readonly name: string;
  readonly id: string;
  readonly file: string;
  readonly listDefault: boolean;
  readonly listAllKinds: boolean;
  readonly read: string;
}

// docs/foreign-files.md is the table; this test holds it against the recordings and against the store.
const CASES = readFixtureJson<ForeignCase[]>("recordings/foreign-by-0.169.0.json");
const TABLE = readFileSync(new URL("../../docs/foreign-files.md", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| file |"))
  .map((line) => line.slice(2, -2).split(" | "));

describe("files that others wrote", () => {
  let home: FixtureHome;
  let store: ThreadStore;
  let listed: Set<string>;
  let all: Set<string>;

  beforeAll(async () => {
    home = copyFixtureHome("foreign");
    store = openLocalThreadStore({ home: home.path });
    listed = await listedFiles({});
    all = await listedFiles({ sources: "all" });
  });

  afterAll(async () => {
    await store[Symbol.asyncDispose]();
    home.remove();
  });

  async function listedFiles(query: { sources?: "all" }): Promise<Set<string>> {
    const { data } = await store.listThreads({ ...query, pageSize: 1_000 });
    const files = data.map((thread) => (thread.rolloutPath ?? "").slice(home.path.length + 1));
    expect(new Set(files).size, "each file is listed once").toBe(files.length);
    return new Set(files);
  }

  it("has a row for each of the 57 files", () => {
    expect(TABLE.map(([name]) => name)).toEqual(CASES.map((one) => one.name));
    expect(CASES.length).toBe(57);
  });

  it.each(CASES.map((one, at) => [one.name, one, TABLE[at] as string[]] as const))("%s", async (_name, one, row) => {
    const file = one.file.replace(/\.zst$/, "");
    const real = [yes(one.listDefault), yes(one.listAllKinds), one.read.startsWith("ok") ? "read" : "error"];
    const ours = [yes(listed.has(file)), yes(all.has(file)), ...(await readCase(one))];
    expect([...real, ...ours]).toEqual(row.slice(1, 9));
    // Never worse than the real server.
    if (one.listDefault) expect(listed.has(file)).toBe(true);
    if (one.listAllKinds) expect(all.has(file)).toBe(true);
  });

  async function readCase({ id }: ForeignCase): Promise<string[]> {
    try {
      await store.readThread({ threadId: id });
    } catch (error) {
      if (isThreadStoreError(error, "thread_not_found")) return ["not found", "-", "-"];
      throw error;
    }
    let items = 0;
    let rejected = 0;
    for await (const batch of store.readHistory({ threadId: id })) {
      items += batch.items.length;
      rejected += batch.rejected;
    }
    return ["read", String(items), String(rejected)];
  }
});

function yes(value: boolean): string {
  return value ? "yes" : "no";
}
