import * as fs from "node:fs";
import { join } from "node:path";
import type { ThreadStore } from "@threadstore/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { codeOf, METADATA, threadId, WrittenHome } from "./support/written-home.js";

const A = threadId(1);

let home: WrittenHome;
let store: ThreadStore;

beforeEach(async () => {
  home = new WrittenHome();
  store = home.open();
  await store.createThread({ threadId: A, metadata: METADATA });
  for (const turnId of ["a", "b", "c", "d"]) await append(turnId);
});

afterEach(async () => {
  await home[Symbol.asyncDispose]();
});

const CASES = [
  ["this store", "new threads only"],
  ["another store", "new threads only"],
  ["this store", "threads of a clock that was ahead"],
  ["another store", "threads of a clock that was ahead"],
] as const;

describe.each(CASES)("a page that goes on from one before a change through %s, in a home of %s", (who, threads) => {
  beforeEach(() => {
    if (threads !== "new threads only") for (const day of ["01", "02"]) writeOfTheFuture(day);
    settle();
  });

  /** A store that knows the folders of the home, which last changed long ago. */
  async function reader(): Promise<ThreadStore> {
    const pages = who === "this store" ? store : home.open();
    await pages.listTurns({ threadId: A });
    return pages;
  }

  it("shows no turn that a revert has cut off since", async () => {
    const pages = await reader();
    const first = await pages.listTurns({ threadId: A, sortDirection: "asc", pageSize: 1 });
    const second = await next(pages, first.nextCursor);
    expect([first, second].map(({ data }) => data[0]?.turnId)).toEqual(["a", "b"]);
    // The session_meta, two turns of two records each.
    await store.revertThread({ threadId: A, endOrdinalExclusive: 5 });
    const third = await next(pages, second.nextCursor);
    expect([third.data, third.nextCursor]).toEqual([[], null]);
  });

  it("shows the turns that were written after a revert", async () => {
    const pages = await reader();
    const first = await pages.listTurns({ threadId: A, sortDirection: "asc", pageSize: 1 });
    await store.revertThread({ threadId: A, endOrdinalExclusive: 3 });
    await append("e");
    const second = await next(pages, first.nextCursor);
    expect([second.data.map(({ turnId }) => turnId), second.nextCursor]).toEqual([["e"], null]);
  });

  it("shows the turns that were appended since", async () => {
    const pages = await reader();
    const first = await pages.listTurns({ threadId: A, sortDirection: "asc", pageSize: 3 });
    await append("e");
    const second = await next(pages, first.nextCursor, 3);
    expect(second.data.map(({ turnId }) => turnId)).toEqual(["d", "e"]);
  });

  it("is refused when the thread was archived or deleted since", async () => {
    const pages = await reader();
    const first = await pages.listTurns({ threadId: A, sortDirection: "asc", pageSize: 1 });
    await store.shutdownThread(A);
    await store.archiveThread({ threadId: A });
    expect(await codeOf(next(pages, first.nextCursor))).toBe("invalid_request");
    await store.deleteThread({ threadId: A });
    expect(await codeOf(next(pages, first.nextCursor))).toBe("thread_not_found");
  });
});

function writeOfTheFuture(day: string): void {
  const payload = { id: threadId(90), cwd: "/", source: "vscode", history_mode: "paginated" };
  const line = { timestamp: `2099-01-${day}T00:00:00.000Z`, ordinal: 0, type: "session_meta", payload };
  const name = `rollout-2099-01-${day}T00-00-00-${threadId(90)}.jsonl`;
  home.write(`sessions/2099/01/${day}/${name}`, `${JSON.stringify(line)}\n`);
}

function settle(): void {
  const folders = home.rollouts().map((path) => path.split("/").slice(0, -1));
  for (const parts of folders) {
    for (let depth = 1; depth <= parts.length; depth++) {
      fs.utimesSync(join(home.path, ...parts.slice(0, depth)), 1_000_000, 1_000_000);
    }
  }
}

function next(of: ThreadStore, cursor: string | null, pageSize = 1) {
  return of.listTurns({ threadId: A, sortDirection: "asc", pageSize, cursor: cursor as string });
}

async function append(turnId: string): Promise<void> {
  const item = { type: "AgentMessage", id: `answer-${turnId}`, content: [] };
  const payloads = [
    { type: "task_started", turn_id: turnId },
    { type: "item_completed", turn_id: turnId, item },
  ];
  await store.appendItems({ threadId: A, items: payloads.map((payload) => ({ type: "event_msg", payload })) });
}
