import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { dirname, join } from "node:path";
import type { ThreadStore } from "@threadstore/core";
import { type FileSystem, nodeFileSystem } from "@threadstore/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Child } from "../support/child.js";
import { isLong } from "../support/runs.js";
import { SEED, SeededRandom } from "../support/seeded-random.js";
import { Tally } from "../support/tally.js";
import { seedHome } from "../support/write-home.js";
import { METADATA, threadId, WrittenHome, writeThread } from "../support/written-home.js";
import { bytesOfHome, changedFiles } from "./support/home-bytes.js";
import { textsOf } from "./support/hung-home.js";

const LISTER = new URL("./support/lister.js", import.meta.url);
const LIST_PROCESS = new URL("../support/list-process.js", import.meta.url);
const KILLS = isLong ? 200 : 4;
const THREADS = 400;

type ListerReport =
  | { readonly type: "ready" | "begun" }
  | { readonly type: "listed"; readonly threads: number; readonly ms: number };

const tally = new Tally("interrupted catch-ups", ["kills", "killed in time", "threads listed right afterwards"]);

let home: WrittenHome;

beforeEach(() => {
  home = new WrittenHome();
});

afterEach(async () => {
  await home[Symbol.asyncDispose]();
});

describe("a catch-up whose process is killed", () => {
  it("leaves an index that answers right at once, and changes nothing of the user", async () => {
    await seedHome(home.path, THREADS);
    const random = new SeededRandom(SEED);
    const longestMs = await timeOfCatchUp();
    const expected = await rowsOf(home.open());
    let next = startLister();
    for (let kill = 0; kill < KILLS; kill++) {
      const lister = next;
      next = startLister();
      forget(random.isChance(0.5));
      const before = bytesOfHome(home.path);
      await lister.report("ready");
      lister.send({ type: "go" });
      await lister.report("begun");
      // A signal takes its time, and so does a timer: some are too late, which is counted.
      await Promise.race([
        lister.ended(),
        new Promise((resolve) => setTimeout(resolve, random.fraction() * longestMs * 0.7)),
      ]);
      await lister.kill();
      tally.add("kills");
      if (!lister.reports.some(({ type }) => type === "listed")) tally.add("killed in time");
      const store = home.open();
      expect(await rowsOf(store)).toEqual(expected);
      tally.add("threads listed right afterwards", expected.length);
      await store[Symbol.asyncDispose]();
      expect(changedFiles(before, bytesOfHome(home.path))).toEqual([]);
    }
    await next.kill();
  });
});

describe("a catch-up that another process overtakes", () => {
  /** A store whose walk sees a thread archived, which is brought back and seen by another process before it is done. */
  async function overtakenReader(id: string): Promise<ThreadStore> {
    const active = home.rollouts().find((path) => path.includes(id)) as string;
    const archived = `archived_sessions/${active.split("/").at(-1)}`;
    let isArmed = false;
    const bringBack = () => {
      if (!isArmed) return;
      isArmed = false;
      move(archived, active);
      spawnSync(process.execPath, [LIST_PROCESS.pathname, home.path], { stdio: "ignore" });
    };
    const reader = home.open({ files: beforeNamesAreRead(bringBack) });
    await reader.listThreads({ sources: "all" });
    move(active, archived);
    isArmed = true;
    return reader;
  }

  it("hides no thread that was archived and brought back meanwhile", async () => {
    const id = await writeThread(home.open(), { threadId: threadId(1) });
    const reader = await overtakenReader(id);
    expect(await textsOf(reader, id)).toEqual(["one"]);
  });

  it("keeps what a fork inherits from a thread that was archived and brought back meanwhile", async () => {
    const writer = home.open();
    const id = await writeThread(writer, { threadId: threadId(1) });
    await writer.createThread({ threadId: threadId(2), metadata: METADATA, fork: { from: id } });
    const reader = await overtakenReader(id);
    expect(await textsOf(reader, threadId(2))).toEqual(["one"]);
  });
});

/** The real file system; something happens just before the names are looked at, which is after the rollouts were. */
function beforeNamesAreRead(work: () => void): FileSystem {
  return {
    ...nodeFileSystem,
    status: (path) => {
      if (path.endsWith("session_index.jsonl")) work();
      return nodeFileSystem.status(path);
    },
  };
}

function move(from: string, to: string): void {
  fs.mkdirSync(dirname(join(home.path, to)), { recursive: true });
  fs.renameSync(join(home.path, from), join(home.path, to));
}

function startLister(): Child<ListerReport> {
  return new Child<ListerReport>(LISTER, [home.path]);
}

/** How long the first look at the home takes in a process of its own. */
async function timeOfCatchUp(): Promise<number> {
  await using lister = startLister();
  lister.send({ type: "go" });
  const { threads, ms } = await lister.report("listed");
  expect(threads).toBe(THREADS);
  await lister.ended();
  return ms;
}

/** Either the whole index is made anew, or every file is looked at again because its row says something else. */
function forget(isAll: boolean): void {
  if (isAll) fs.rmSync(join(home.path, "threadstore/cache"), { recursive: true, force: true });
  const now = new Date();
  for (const path of home.rollouts().slice(0, THREADS / 2)) fs.utimesSync(join(home.path, path), now, now);
}

async function rowsOf(store: ThreadStore): Promise<string[]> {
  const { data } = await store.listThreads({ sources: "all", pageSize: 1_000, sortDirection: "asc" });
  return data.map(({ threadId: id, preview, createdAt }) => `${id} ${createdAt} ${preview}`);
}
