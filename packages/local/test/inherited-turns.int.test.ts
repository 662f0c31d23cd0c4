import * as fs from "node:fs";
import type { ThreadStore } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HomeFiles } from "./support/home-files.js";
import { makeHome } from "./support/write-home.js";
import { threadId } from "./support/written-home.js";

const [SOURCE, FORK, SEGMENT] = [threadId(1), threadId(2), threadId(3)];
const FOLDER = "sessions/2026/01/01";
const SOURCE_PATH = `${FOLDER}/rollout-2026-01-01T00-00-00-${SOURCE}.jsonl`;
const FORK_PATH = `${FOLDER}/rollout-2026-01-01T00-00-01-${FORK}.jsonl`;
const SEGMENT_PATH = `${FOLDER}/rollout-2026-01-01T00-00-02-${FORK}_${SEGMENT}.jsonl`;

let home: ReturnType<typeof makeHome>;
let disk: HomeFiles;
let store: ThreadStore;

beforeEach(() => {
  home = makeHome();
  disk = new HomeFiles(home.path);
  store = openLocalThreadStore({ home: home.path });
});

afterEach(async () => {
  await store[Symbol.asyncDispose]();
  home.remove();
});

/** What may happen to a rollout that others inherit from, and leaves what they inherit as it was. */
const CHANGES: readonly (readonly [string, () => void])[] = [
  ["grew", () => disk.append(SOURCE_PATH, turn(7, "later"))],
  ["was touched", () => fs.utimesSync(disk.at(SOURCE_PATH), new Date(), new Date())],
  ["was compressed", () => disk.compress(SOURCE_PATH)],
  ["was archived", () => disk.move(SOURCE_PATH, `archived_sessions/${SOURCE_PATH.slice(FOLDER.length + 1)}`)],
  [
    "was put in another folder",
    () => disk.move(SOURCE_PATH, `sessions/2026/02/02/${SOURCE_PATH.slice(FOLDER.length + 1)}`),
  ],
  [
    "was copied to the archive",
    () => disk.copy(SOURCE_PATH, `archived_sessions/${SOURCE_PATH.slice(FOLDER.length + 1)}`),
  ],
];

describe.each(CHANGES)("the turns of a fork whose source %s", (_what, change) => {
  beforeEach(() => {
    disk.write(SOURCE_PATH, meta(0, SOURCE) + turn(1, "a") + turn(3, "b") + turn(5, "c"));
    const base = { thread_id: SOURCE, end_ordinal_exclusive: 5 };
    disk.write(FORK_PATH, meta(5, FORK, { history_base: base, forked_from_id: SOURCE }) + turn(6, "d"));
  });

  it("are the same, in either direction, and items too", async () => {
    expect(await ids("asc")).toEqual(["a", "b", "d"]);
    change();
    expect(await ids("asc")).toEqual(["a", "b", "d"]);
    expect(await ids("desc")).toEqual(["d", "b", "a"]);
    const items = await store.listItems({ threadId: FORK });
    expect(items.data.map(({ turnId }) => turnId)).toEqual(["a", "b", "d"]);
  });

  it("go on with what is appended to the fork afterwards", async () => {
    expect(await ids("asc")).toEqual(["a", "b", "d"]);
    change();
    disk.append(FORK_PATH, turn(8, "e"));
    expect(await ids("asc")).toEqual(["a", "b", "d", "e"]);
  });

  it("are gone on with from page to page", async () => {
    const first = await store.listTurns({ threadId: FORK, sortDirection: "asc", pageSize: 1 });
    change();
    const cursor = first.nextCursor as string;
    const second = await store.listTurns({ threadId: FORK, sortDirection: "asc", pageSize: 1, cursor });
    const third = await store.listTurns({
      threadId: FORK,
      sortDirection: "asc",
      pageSize: 1,
      cursor: second.nextCursor as string,
    });
    expect([first, second, third].flatMap(({ data }) => data.map(({ turnId }) => turnId))).toEqual(["a", "b", "d"]);
  });
});

describe("the turns of a reverted thread", () => {
  beforeEach(() => {
    disk.write(FORK_PATH, meta(0, FORK) + turn(1, "a") + turn(3, "b"));
    expect(fs.existsSync(disk.at(FORK_PATH))).toBe(true);
  });

  it("are those of its new segment when one is begun by somebody else", async () => {
    expect(await ids("asc")).toEqual(["a", "b"]);
    writeSegment();
    expect(await ids("asc")).toEqual(["a", "c"]);
    expect(await ids("desc")).toEqual(["c", "a"]);
  });

  it("stay the same when the segment before grows", async () => {
    writeSegment();
    expect(await ids("asc")).toEqual(["a", "c"]);
    disk.append(FORK_PATH, turn(5, "late"));
    expect(await ids("asc")).toEqual(["a", "c"]);
  });

  it("are those of the segment before again when the new one is removed", async () => {
    writeSegment();
    expect(await ids("asc")).toEqual(["a", "c"]);
    fs.rmSync(disk.at(SEGMENT_PATH));
    expect(await ids("asc")).toEqual(["a", "b"]);
  });

  function writeSegment(): void {
    const base = { thread_id: FORK, end_ordinal_exclusive: 3 };
    disk.write(
      SEGMENT_PATH,
      meta(3, FORK, { history_base: base, timestamp: "2026-01-01T00:00:09.000Z" }) + turn(4, "c"),
    );
  }
});

describe("the turns of a fork", () => {
  const base = { thread_id: SOURCE, end_ordinal_exclusive: 9 };

  it("include what its source gets before the cut, after the fork was read", async () => {
    disk.write(SOURCE_PATH, meta(0, SOURCE) + turn(1, "a"));
    disk.write(FORK_PATH, meta(9, FORK, { history_base: base, forked_from_id: SOURCE }) + turn(10, "d"));
    expect(await ids("asc")).toEqual(["a", "d"]);
    disk.append(SOURCE_PATH, turn(3, "b"));
    expect(await ids("asc")).toEqual(["a", "b", "d"]);
    disk.append(SOURCE_PATH, turn(5, "c") + turn(9, "later"));
    expect(await ids("asc")).toEqual(["a", "b", "c", "d"]);
  });

  it("include those of a source that appears after the fork was read, and lack those of one that is gone", async () => {
    disk.write(FORK_PATH, meta(9, FORK, { history_base: base, forked_from_id: SOURCE }) + turn(10, "d"));
    expect(await ids("asc")).toEqual(["d"]);
    disk.write(SOURCE_PATH, meta(0, SOURCE) + turn(1, "a"));
    expect(await ids("asc")).toEqual(["a", "d"]);
    fs.rmSync(disk.at(SOURCE_PATH));
    expect(await ids("asc")).toEqual(["d"]);
  });

  it("are those before the cut also where the records of the source do not stand in the order of their ordinals", async () => {
    disk.write(SOURCE_PATH, meta(0, SOURCE) + turn(1, "a") + turn(20, "later") + turn(3, "b"));
    disk.write(FORK_PATH, meta(9, FORK, { history_base: base, forked_from_id: SOURCE }) + turn(10, "d"));
    const { items } = await store.loadHistory({ threadId: FORK });
    expect(items.map(({ ordinal }) => ordinal)).toEqual([0, 1, 2, 3, 4, 9, 10, 11]);
    expect(await ids("desc")).toEqual(["d", "b", "a"]);
    expect(await ids("asc")).toEqual(["a", "b", "d"]);
  });

  it("are those before the cut also where one of them follows the offset that the fork names", async () => {
    const before = meta(0, SOURCE) + turn(1, "a");
    disk.write(SOURCE_PATH, before + turn(9, "later") + turn(3, "b"));
    const cut = { ...base, end_byte_offset: Buffer.byteLength(before) };
    disk.write(FORK_PATH, meta(9, FORK, { history_base: cut, forked_from_id: SOURCE }) + turn(10, "d"));
    const { items } = await store.loadHistory({ threadId: FORK });
    expect(items.map(({ ordinal }) => ordinal)).toEqual([0, 1, 2, 3, 4, 9, 10, 11]);
    expect(await ids("desc")).toEqual(["d", "b", "a"]);
    expect(await ids("asc")).toEqual(["a", "b", "d"]);
    expect(await ids("desc")).toEqual(["d", "b", "a"]);
  });

  it("are those of the thread's own history mode, when its source has the other one", async () => {
    const message = (ordinal: number, text: string) =>
      line(ordinal, "event_msg", { type: "user_message", message: text });
    disk.write(SOURCE_PATH, meta(0, SOURCE) + message(1, "one") + message(2, "two"));
    const mode = { history_mode: "legacy", history_base: { thread_id: SOURCE, end_ordinal_exclusive: 3 } };
    disk.write(FORK_PATH, meta(0, FORK, mode) + message(1, "three"));
    const { items } = await store.loadHistory({ threadId: FORK });
    expect(items.filter(({ item }) => item.type === "event_msg").length).toBe(3);
    expect((await store.listItems({ threadId: FORK })).data.map(({ itemId }) => itemId)).toEqual([
      "item-1",
      "item-3",
      "item-2",
    ]);
  });
});

describe("the turns of a thread whose session_meta is recorded again without its history mode", () => {
  it("are the same whether or not they were indexed before", async () => {
    disk.write(FORK_PATH, meta(0, FORK) + turn(1, "a"));
    expect(await ids("asc")).toEqual(["a"]);
    const item = { type: "Plan", id: "plan", text: "" };
    disk.append(FORK_PATH, line(3, "session_meta", { id: FORK }));
    disk.append(FORK_PATH, line(4, "event_msg", { type: "item_completed", turn_id: "b", item }));
    const known = await ids("asc");
    await store[Symbol.asyncDispose]();
    fs.rmSync(disk.at("threadstore/cache"), { recursive: true });
    store = openLocalThreadStore({ home: home.path });
    expect(await ids("asc")).toEqual(known);
  });
});

async function ids(sortDirection: "asc" | "desc"): Promise<string[]> {
  const page = await store.listTurns({ threadId: FORK, sortDirection, itemsView: "notLoaded" });
  return page.data.map(({ turnId }) => turnId);
}

function line(ordinal: number, type: string, payload: unknown): string {
  return `${JSON.stringify({ timestamp: "2026-01-01T00:00:00.000Z", ordinal, type, payload })}\n`;
}

function meta(ordinal: number, id: string, fields: Readonly<Record<string, unknown>> = {}): string {
  const origin = { originator: "test", cli_version: "1.0.0", source: "vscode", model_provider: "p" };
  const usual = { id, timestamp: "2026-01-01T00:00:00.000Z", cwd: "/", ...origin, history_mode: "paginated" };
  return line(ordinal, "session_meta", { ...usual, ...fields });
}

/** A turn of two records: it starts, and an item of it is completed. */
function turn(ordinal: number, turnId: string): string {
  const item = { type: "AgentMessage", id: `answer-${turnId}`, content: [] };
  return (
    line(ordinal, "event_msg", { type: "task_started", turn_id: turnId }) +
    line(ordinal + 1, "event_msg", { type: "item_completed", turn_id: turnId, item })
  );
}
