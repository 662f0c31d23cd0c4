import { type ApiThread, toApiThread } from "@threadstore/codex-wire";
import type { ThreadStore } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyFixtureHome, type FixtureHome, readRecordings } from "../support/fixture-home.js";
import { type RecordedRows, recordedRows, withoutExcused } from "./recorded-rows.js";

// Every field of every thread of two homes against what the real app-server sent. The only excuses are those of
// docs/differences.md; each is named where it is used.
describe.each(["home169", "home128"] as const)("threads of %s", (name) => {
  const lists = readRecordings(`${name}-by-0.169.0`, "thread-list");
  const reads = readRecordings(`${name}-by-0.169.0`, "thread-read");
  const recorded = recordedRows(lists, reads);
  let home: FixtureHome;
  let store: ThreadStore;
  let ours: Map<string, ApiThread>;

  beforeAll(async () => {
    home = copyFixtureHome(name);
    store = openLocalThreadStore({ home: home.path });
    ours = new Map();
    for (const archived of [false, true]) {
      const query = { sources: "all", neighbour: { includeAttached: true }, archived, pageSize: 1_000 } as const;
      for (const thread of (await store.listThreads(query)).data) {
        expect(ours.has(thread.threadId), "a thread is listed once").toBe(false);
        ours.set(thread.threadId, toApiThread(thread));
      }
    }
  });

  afterAll(async () => {
    await store[Symbol.asyncDispose]();
    home.remove();
  });

  it("are exactly the recorded ones", () => {
    expect([...ours.keys()].sort()).toEqual([...recorded.keys()].sort());
  });

  it.each([...recorded.keys()])("%s equals its recorded row", (id) => {
    const rows = recorded.get(id) as RecordedRows;
    const thread = ours.get(id) as ApiThread;
    expect(withoutExcused(thread)).toEqual(withoutExcused(rows.right));
    expectExcused(thread, rows);
  });

  it.each([...recorded.keys()])("the history of %s loads, and nothing in it is rejected", async (id) => {
    let items = 0;
    for await (const batch of store.readHistory({ threadId: id, includeArchived: true })) {
      expect(batch.rejected).toBe(0);
      items += batch.items.length;
    }
    expect(items).toBeGreaterThan(0);
  });
});

function expectExcused(thread: ApiThread, { all, right }: RecordedRows): void {
  const recordedValues = (key: string) => all.map((row) => row[key]);
  // Difference 12: list rows carry what thread/read carries; sessionId is the root's.
  // So do threads that 0.128 spawned, whose parent the real server told only in the list by relation.
  for (const key of ["forkedFromId", "threadSource", "originator", "parentThreadId"] as const) {
    expect(recordedValues(key).filter((value) => value !== null && value !== thread[key])).toEqual([]);
  }
  expect([thread.id, thread.parentThreadId]).toContain(thread.sessionId);
  // Difference 2: forks and reverted threads show the first message of their whole history. Difference 4: it is cut.
  if (thread.forkedFromId === null && !isSegment(thread)) {
    const isWhole = right.preview.length <= 1_000;
    expect(thread.preview).toBe(isWhole ? right.preview : `${right.preview.slice(0, 999)}…`);
  }
  expect(recordedValues("parentThreadId")).toContain(thread.parentThreadId);
  // Database bookkeeping: times are the file's or the last line's, in whole seconds.
  expect(recordedValues("updatedAt")).toContain(thread.updatedAt);
  if (thread.cliVersion === "0.169.0") expect(thread.recencyAt).toBe(right.recencyAt);
}

function isSegment({ path }: ApiThread): boolean {
  return /_[0-9a-f-]{36}\.jsonl$/.test(path ?? "");
}
