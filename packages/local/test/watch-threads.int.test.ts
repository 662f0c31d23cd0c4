import { fork } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ChangeReader } from "@threadstore/conformance";
import { formatRolloutLine, type ThreadStore } from "@threadstore/core";
import { nodeFileSystem } from "@threadstore/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HomeFiles } from "./support/home-files.js";
import { message, threadId, WrittenHome, writeThread } from "./support/written-home.js";

const [A, B, C] = [1, 2, 3].map(threadId) as [string, string, string];

let home: WrittenHome;
let files: HomeFiles;

beforeEach(() => {
  home = new WrittenHome();
  files = new HomeFiles(home.path);
});

afterEach(async () => {
  await home[Symbol.asyncDispose]();
});

/** A reader that has begun: what is done to the files from here on is told. */
async function watching(store: ThreadStore): Promise<ChangeReader> {
  const reader = new ChangeReader(store);
  await store.listThreads({});
  return reader;
}

const lineOf = (ordinal: number, text: string) =>
  formatRolloutLine({ timestamp: "2026-01-15T12:00:00.000Z", ordinal, json: JSON.stringify(message(text)) });

const APPEND_PROCESS = fileURLToPath(new URL("./support/append-process.js", import.meta.url));

/** The ways in which changes by others are noticed. */
const WATCHING = [
  ["the system's events", { watching: "events" }],
  ["looking once a second", { watching: "polling" }],
  ["looking through a file system that is not the real one", { files: { ...nodeFileSystem } }],
] as const;

describe.each(WATCHING)("a watch by %s", (_how, options) => {
  it("tells what another process appends, up to its last item", async () => {
    await using changes = await watching(home.open(options));
    const task = { type: "own", name: "child", threadId: A, appends: 20 };
    const child = fork(APPEND_PROCESS, [home.path, JSON.stringify(task)]);
    try {
      const created = await changes.until({ type: "created", threadId: A });
      if (created.nextOrdinal !== 21) await changes.until({ threadId: A, nextOrdinal: 21 });
    } finally {
      child.kill();
    }
  });

  it("tells what is done to the files by hand", async () => {
    await writeThread(home.open(), { threadId: A });
    await writeThread(home.open(), { threadId: B });
    await using changes = await watching(home.open(options));
    const rollout = home.rollouts().find((path) => path.includes(A)) as string;
    files.append(rollout, lineOf(2, "by hand"));
    await changes.until({ type: "appended", threadId: A, nextOrdinal: 3 });
    files.append("session_index.jsonl", `${JSON.stringify({ id: B, thread_name: "Plan", updated_at: "unknown" })}\n`);
    await changes.until({ type: "updated", threadId: B });
    const archived = `archived_sessions/${rollout.split("/").at(-1)}`;
    files.move(rollout, archived);
    await changes.until({ type: "archived", threadId: A });
    files.move(archived, rollout);
    await changes.until({ type: "unarchived", threadId: A });
    fs.rmSync(files.at(rollout));
    await changes.until({ type: "deleted", threadId: A });
  });

  it("takes a compressed rollout for what it was", async () => {
    await writeThread(home.open(), { threadId: A });
    await writeThread(home.open(), { threadId: B });
    await using changes = await watching(home.open(options));
    files.compress(home.rollouts().find((path) => path.includes(A)) as string);
    files.append("session_index.jsonl", `${JSON.stringify({ id: B, thread_name: "Plan", updated_at: "unknown" })}\n`);
    const seen: string[] = [];
    for (let change = await changes.next(); change?.threadId !== B; change = await changes.next()) {
      seen.push(change?.type ?? "end");
    }
    expect(seen.filter((type) => type !== "updated")).toEqual([]);
  });

  it("tells what changed while nobody watched, when somebody comes back", async () => {
    const store = home.open(options);
    for (const id of [A, B, C]) await writeThread(store, { threadId: id });
    const first = new ChangeReader(store);
    await store.updateThreadMetadata({ threadId: A, patch: { name: "one" } });
    const { position } = await first.until({ threadId: A });
    await first[Symbol.asyncDispose]();
    await store.archiveThread({ threadId: B });
    await home.open().deleteThread({ threadId: C });
    await using again = new ChangeReader(store, { after: position });
    const missed = new Map<string | undefined, string>();
    while (missed.size < 2) {
      const { threadId: id, type } = await again.until({});
      missed.set(id, type);
    }
    expect([missed.get(B), missed.get(C)]).toEqual(["archived", "deleted"]);
  });

  it("leaves nothing behind when the last reader goes", async () => {
    const store = home.open(options);
    await writeThread(store, { threadId: A });
    await store.listThreads({});
    const before = timersOfThisProcess();
    const watchesBefore = watchesOfThisProcess();
    for (let round = 0; round < 3; round++) {
      const [one, two] = [new ChangeReader(store), new ChangeReader(store)];
      await store.updateThreadMetadata({ threadId: A, patch: { name: `name ${round}` } });
      await one.until({ threadId: A });
      expect(watchesOfThisProcess() > watchesBefore).toBe("watching" in options && options.watching === "events");
      await one[Symbol.asyncDispose]();
      await store.updateThreadMetadata({ threadId: A, patch: { name: `another ${round}` } });
      await two.until({ threadId: A });
      await two[Symbol.asyncDispose]();
    }
    expect(timersOfThisProcess()).toBeLessThanOrEqual(before);
    expect(watchesOfThisProcess()).toBe(watchesBefore);
  });
});

/** Timers and watches that keep this process alive; the test runner has some of its own. */
function timersOfThisProcess(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "Timeout" || name.startsWith("FSEvent")).length;
}

/** How many places the system watches for this process; only Linux says. */
function watchesOfThisProcess(): number {
  if (process.platform !== "linux") return 0;
  const watches = fs.readdirSync("/proc/self/fdinfo").flatMap((fd) => {
    try {
      return fs.readFileSync(join("/proc/self/fdinfo", fd), "utf8").match(/^inotify wd:/gm) ?? [];
    } catch {
      // Closed since the folder was read.
      return [];
    }
  });
  return watches.length;
}

describe("a watch by events", () => {
  it("misses nothing in folders that are made while it watches", async () => {
    const store = home.open({ watching: "events" });
    await using changes = new ChangeReader(store);
    for (let day = 1; day <= 8; day++) {
      const id = threadId(day);
      await writeThread(home.open(), { threadId: id });
      const rollout = home.rollouts().find((path) => path.includes(id)) as string;
      // The folders of a day of their own, made at once with what is in them.
      const name = rollout.split("/").at(-1) as string;
      const path = `sessions/2030/${String(day).padStart(2, "0")}/02/${name}`;
      files.copy(rollout, path);
      fs.rmSync(files.at(rollout));
      await new Promise((resolve) => setImmediate(resolve));
      files.append(path, lineOf(2, "soon after"));
      await changes.until({ threadId: id, nextOrdinal: 3 });
    }
  });

  it("goes on when a rollout folder is removed and made again", async () => {
    const store = home.open({ watching: "events" });
    await writeThread(home.open(), { threadId: A });
    await using changes = await watching(store);
    for (let round = 0; round < 2; round++) {
      fs.renameSync(files.at("sessions"), files.at("away"));
      await changes.until({ type: "deleted", threadId: A });
      fs.cpSync(files.at("away"), files.at("sessions"), { recursive: true });
      fs.rmSync(files.at("away"), { recursive: true });
      await changes.until({ type: "created", threadId: A });
      files.append(home.rollouts()[0] as string, lineOf(2 + round, "again"));
      await changes.until({ type: "appended", threadId: A, nextOrdinal: 3 + round });
    }
  });

  it("sees what a link leads to", async () => {
    await writeThread(home.open(), { threadId: A });
    const rollout = home.rollouts()[0] as string;
    files.move(rollout, "elsewhere.jsonl");
    fs.symlinkSync(files.at("elsewhere.jsonl"), files.at(rollout));
    await using changes = new ChangeReader(home.open({ watching: "events" }));
    await writeThread(home.open(), { threadId: B });
    await changes.until({ threadId: B });
    files.append("elsewhere.jsonl", lineOf(2, "elsewhere"));
    await changes.until({ type: "appended", threadId: A, nextOrdinal: 3 });
  });
});

describe("reads while a home is watched", () => {
  it("see what this store did, and soon what others did", async () => {
    const store = home.open({ watching: "events" });
    const other = home.open();
    await writeThread(store, { threadId: A });
    await using changes = new ChangeReader(store);
    await store.updateThreadMetadata({ threadId: A, patch: { name: "0" } });
    await changes.until({ threadId: A });
    for (let round = 1; round <= 50; round++) {
      await store.updateThreadMetadata({ threadId: A, patch: { name: String(round) } });
      expect((await store.listThreads({ sources: "all" })).data.map(({ name }) => name)).toEqual([String(round)]);
    }
    await other.updateThreadMetadata({ threadId: A, patch: { name: "other" } });
    while ((await store.readThread({ threadId: A })).name !== "other") await changes.until({ threadId: A });
    await store.resumeThread({ threadId: A });
    for (let round = 0; round < 50; round++) {
      const { nextOrdinal } = await store.appendItems({ threadId: A, items: [message(`item ${round}`)] });
      expect((await store.loadHistory({ threadId: A })).items.length).toBe(nextOrdinal);
    }
    await store.shutdownThread(A);
  });
});
