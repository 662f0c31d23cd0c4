import * as fs from "node:fs";
import { join } from "node:path";
import type { ThreadStore } from "@threadstore/core";
import { type FileSystem, nodeFileSystem, openLocalThreadStore } from "@threadstore/local";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HomeFiles } from "./support/home-files.js";
import { releaseHandles } from "./support/release-handles.js";
import { runs } from "./support/runs.js";
import { makeHome } from "./support/write-home.js";
import { codeOf, METADATA, threadId } from "./support/written-home.js";

const [A, B, SEGMENT] = [threadId(1), threadId(2), threadId(3)];
const FOLDER = "sessions/2026/01/01";
const NAME = `rollout-2026-01-01T00-00-00-${A}.jsonl`;
const ACTIVE = `${FOLDER}/${NAME}`;
const ARCHIVED = `archived_sessions/${NAME}`;
const ELSEWHERE = `sessions/2026/02/02/${NAME}`;
const SEGMENT_PATH = `${FOLDER}/rollout-2026-01-01T00-00-05-${A}_${SEGMENT}.jsonl`;
const OTHER = `${FOLDER}/rollout-2026-01-01T00-00-00-${B}.jsonl`;

let place: ReturnType<typeof makeHome>;
let disk: HomeFiles;
let walks: number;
/** Folders that were read, relative to the home. */
let walked: string[];
let store: ThreadStore;

/** Counts the walks through the home. */
const files: FileSystem = {
  ...nodeFileSystem,
  readDirectory: (path) => {
    walks++;
    walked.push(path.slice(place.path.length + 1));
    return nodeFileSystem.readDirectory(path);
  },
};

beforeEach(() => {
  place = makeHome();
  disk = new HomeFiles(place.path);
  walks = 0;
  walked = [];
  store = openLocalThreadStore({ home: place.path, files });
});

afterEach(async () => {
  await store[Symbol.asyncDispose]();
  place.remove();
});

describe("a thread that was read before", () => {
  beforeEach(async () => {
    disk.write(ACTIVE, meta(A) + message(1, "one"));
    disk.write(OTHER, meta(B) + message(1, "other"));
    settle();
    expect(await textsOf(store, A)).toEqual(["one"]);
    expect(await textsOf(store, A)).toEqual(["one"]);
    walks = 0;
  });

  it("is read again without a walk through the home", async () => {
    expect(await textsOf(store, A)).toEqual(["one"]);
    expect(await textsOf(store, B)).toEqual(["other"]);
    expect((await store.readThread({ threadId: A })).threadId).toBe(A);
    expect(walks).toBe(0);
  });

  it("has what was appended to it, without a walk through the home", async () => {
    disk.append(ACTIVE, message(2, "two"));
    disk.append(OTHER, message(2, "others"));
    expect(await textsOf(store, A)).toEqual(["one", "two"]);
    expect(await textsOf(store, B)).toEqual(["other", "others"]);
    expect(walks).toBe(0);
  });

  it("is another one when its file is replaced by one of its name", async () => {
    disk.write(`${ACTIVE}.new`, meta(A) + message(1, "uno"));
    fs.renameSync(disk.at(`${ACTIVE}.new`), disk.at(ACTIVE));
    expect(await textsOf(store, A)).toEqual(["uno"]);
  });

  it("is the one that was put back in its place from an older copy", async () => {
    disk.append(ACTIVE, message(2, "two"));
    expect(await textsOf(store, A)).toEqual(["one", "two"]);
    // As `cp --preserve` writes over a file: it stays the same file and gets the time of the copy.
    disk.write(ACTIVE, meta(A) + message(1, "uno"));
    fs.utimesSync(disk.at(ACTIVE), 1_000_000, 1_000_000);
    const turns = await store.listTurns({ threadId: A, itemsView: "notLoaded", sortDirection: "asc" });
    expect(turns.data.map(({ turnId }) => turnId)).toEqual(["turn-1"]);
    expect(await textsOf(store, A)).toEqual(["uno"]);
    expect((await store.loadHistory({ threadId: A })).items.length).toBe(2);
  });

  it("is gone when its file is another thread's now", async () => {
    fs.writeFileSync(disk.at(ACTIVE), meta(threadId(9)) + message(1, "nine"));
    expect(await codeOf(store.listTurns({ threadId: threadId(8) }))).toBe("thread_not_found");
    expect(await textsOf(store, threadId(9))).toEqual(["nine"]);
    // The file is still found by the id in its name.
    expect(await textsOf(store, A)).toEqual(["nine"]);
  });

  it.each([
    ["moved to the archive", () => disk.move(ACTIVE, ARCHIVED), ["one"]],
    ["moved to another folder", () => disk.move(ACTIVE, ELSEWHERE), ["one"]],
    ["moved within its folder", () => disk.move(ACTIVE, `${FOLDER}/of-a-friend.jsonl`), ["one"]],
    ["compressed", () => disk.compress(ACTIVE), ["one"]],
    ["continued in a segment", () => disk.write(SEGMENT_PATH, segment() + message(2, "two")), ["one", "two"]],
    ["copied to the archive", () => fs.cpSync(disk.at(ACTIVE), disk.at(ARCHIVED)), ["one"]],
  ] as const)("is the same thread when its file was %s", async (_what, change, texts) => {
    change();
    expect(await textsOf(store, A)).toEqual(texts);
    settle();
    expect(await textsOf(store, A)).toEqual(texts);
  });

  it("is not found when its file was removed, and found when it is back", async () => {
    const text = fs.readFileSync(disk.at(ACTIVE), "utf8");
    fs.rmSync(disk.at(ACTIVE));
    expect(await codeOf(store.listTurns({ threadId: A }))).toBe("thread_not_found");
    settle();
    expect(await codeOf(store.listTurns({ threadId: A }))).toBe("thread_not_found");
    disk.write(ACTIVE, text);
    expect(await textsOf(store, A)).toEqual(["one"]);
  });

  it("is not found when its folder was removed", async () => {
    fs.rmSync(disk.at("sessions"), { recursive: true });
    expect(await codeOf(store.listTurns({ threadId: A }))).toBe("thread_not_found");
  });

  it("does not hide a thread that is new, in a folder that is new", async () => {
    disk.write(
      `sessions/2026/03/04/rollout-2026-03-04T00-00-00-${threadId(4)}.jsonl`,
      meta(threadId(4)) + message(1, "four"),
    );
    expect(await textsOf(store, threadId(4))).toEqual(["four"]);
  });

  it("is read again when a thread came to another folder, of which only that folder is read", async () => {
    disk.write(ELSEWHERE.replace(A, threadId(4)), meta(threadId(4)) + message(1, "four"));
    expect(await textsOf(store, A)).toEqual(["one"]);
    settle();
    expect(await textsOf(store, A)).toEqual(["one"]);
    walks = 0;
    walked = [];
    disk.write(ELSEWHERE.replace(A, threadId(5)), meta(threadId(5)) + message(1, "five"));
    expect(await textsOf(store, A)).toEqual(["one"]);
    expect(await textsOf(store, threadId(5))).toEqual(["five"]);
    expect(walks).toBeGreaterThan(0);
    expect(walked).not.toContain(FOLDER);
  });
});

describe("a thread that is made", () => {
  it("needs no walk through the home", async () => {
    disk.write(ACTIVE, meta(A) + message(1, "one"));
    settle();
    await store.listThreads({ sources: "all" });
    walked = [];
    await store.createThread({ threadId: threadId(6), metadata: METADATA });
    expect(walked.filter((folder) => folder.startsWith("sessions"))).toEqual([]);
    expect(await codeOf(store.createThread({ threadId: A, metadata: METADATA }))).toBe("conflict");
  });
});

describe("threads that are read one by one while a home changes", () => {
  it("are those that somebody reads who sees the home for the first time", async () => {
    const property = fc.asyncProperty(fc.array(changes(), { minLength: 1, maxLength: 8 }), async (all) => {
      const home = new ChangingHome();
      try {
        for (const change of all) await home.check(change);
      } finally {
        await home.close();
      }
    });
    await fc.assert(property, runs(25));
  });
});

/** What somebody does in a home, and whether that was long ago when the home is read. */
type Change = { readonly path: string; readonly isSettled: boolean } & (
  | { readonly type: "append" | "remove" | "compress" | "touch" }
  | { readonly type: "write"; readonly content: keyof typeof CONTENTS }
  | { readonly type: "move"; readonly to: string }
);

const CONTENTS = {
  first: (step: number) => meta(A) + message(1, `${step}`),
  second: (step: number) => meta(B) + message(1, `${step}`) + message(2, "b"),
  segment: (step: number) => segment() + message(2, `${step}`),
  nothing: () => "",
  nameless: (step: number) => message(1, `${step}`),
} as const;

function changes(): fc.Arbitrary<Change> {
  const path = fc.constantFrom(ACTIVE, ARCHIVED, ELSEWHERE, OTHER, SEGMENT_PATH, `${FOLDER}/unnamed.jsonl`);
  const isSettled = fc.boolean();
  const content = fc.constantFrom(...(Object.keys(CONTENTS) as (keyof typeof CONTENTS)[]));
  const type = fc.constantFrom("append" as const, "remove" as const, "compress" as const, "touch" as const);
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ type, path, isSettled }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant("write" as const), path, content, isSettled }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant("move" as const), path, to: path, isSettled }) },
  );
}

function perform(change: Change, step: number): void {
  const { type, path } = change;
  if (change.type === "write") disk.write(path, CONTENTS[change.content](step));
  else if (!fs.existsSync(disk.at(path))) return;
  else if (type === "append") disk.append(path, message(9 + step, `more ${step}`));
  else if (type === "remove") fs.rmSync(disk.at(path));
  else if (type === "compress") disk.compress(path);
  else if (type === "touch") fs.utimesSync(disk.at(path), step, step);
  else if (change.type === "move") disk.move(path, change.to);
}

/** A home of its own, read by a store that knows it since it was empty. */
class ChangingHome {
  readonly #before = place;
  readonly #home = makeHome();
  readonly #store: ThreadStore;
  #step = 1;

  constructor() {
    place = this.#home;
    this.#store = openLocalThreadStore({ home: place.path });
    disk.write(ACTIVE, meta(A) + message(1, "one"));
  }

  async check(change: Change): Promise<void> {
    perform(change, this.#step++);
    if (change.isSettled) settle(this.#step);
    const copy = makeHome();
    fs.cpSync(this.#home.path, copy.path, { recursive: true, preserveTimestamps: true });
    fs.rmSync(join(copy.path, "threadstore"), { recursive: true, force: true });
    const first = openLocalThreadStore({ home: copy.path });
    for (const id of [A, B, SEGMENT]) expect(await seen(this.#store, id)).toEqual(await seen(first, id));
    await first[Symbol.asyncDispose]();
    copy.remove();
    await releaseHandles();
  }

  async close(): Promise<void> {
    await this.#store[Symbol.asyncDispose]();
    this.#home.remove();
    place = this.#before;
    await releaseHandles();
  }
}

/** What a store shows of a thread. */
async function seen(of: ThreadStore, id: string): Promise<unknown> {
  const query = { threadId: id, includeArchived: true };
  const code = await codeOf(of.readThread(query));
  if (code !== "no error") return code;
  const { rolloutPath, ...thread } = await of.readThread(query);
  const turns = await of.listTurns({ ...query, sortDirection: "asc", itemsView: "full" });
  return [thread, rolloutPath?.slice(rolloutPath.lastIndexOf("/")), turns.data];
}

async function textsOf(of: ThreadStore, id: string): Promise<unknown[]> {
  const turns = await of.listTurns({ threadId: id, includeArchived: true, sortDirection: "asc", itemsView: "full" });
  return turns.data.flatMap(({ items }) => items.map(({ item }) => item.text));
}

/** Makes the folders look as if they had been changed long ago; those that changed since the last time, at another time. */
function settle(step = 0): void {
  for (const folder of ["", "sessions", "archived_sessions"].flatMap(foldersIn)) {
    const { mtimeMs } = fs.statSync(folder);
    const isChanged = mtimeMs > Date.UTC(2020, 0);
    if (isChanged) fs.utimesSync(folder, 1_000_000 + step, 1_000_000 + step);
  }
}

function foldersIn(folder: string): string[] {
  if (folder === "" || !fs.existsSync(disk.at(folder))) return [];
  const below = fs.readdirSync(disk.at(folder), { recursive: true, withFileTypes: true });
  return [disk.at(folder), ...below.filter((one) => one.isDirectory()).map((one) => join(one.parentPath, one.name))];
}

function line(ordinal: number, type: string, payload: unknown): string {
  return `${JSON.stringify({ timestamp: "2026-01-01T00:00:00.000Z", ordinal, type, payload })}\n`;
}

function meta(id: string, fields: Readonly<Record<string, unknown>> = {}, ordinal = 0): string {
  const origin = { originator: "test", cli_version: "1.0.0", source: "vscode", model_provider: "p" };
  const usual = { id, timestamp: "2026-01-01T00:00:00.000Z", cwd: "/", ...origin, history_mode: "paginated" };
  return line(ordinal, "session_meta", { ...usual, ...fields });
}

function segment(): string {
  const history_base = { thread_id: A, end_ordinal_exclusive: 2 };
  return meta(A, { timestamp: "2026-01-01T00:00:05.000Z", history_base }, 2);
}

function message(ordinal: number, text: string): string {
  const item = { type: "Plan", id: `plan-${ordinal}`, text };
  return line(ordinal, "event_msg", { type: "item_completed", turn_id: `turn-${ordinal}`, item });
}
