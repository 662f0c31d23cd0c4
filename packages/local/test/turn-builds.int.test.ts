import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { HistoryMode, ThreadStore } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { IndexDatabase } from "../src/index/index-database.js";
import { indexLocations } from "../src/index/index-location.js";
import { loadFold } from "../src/turns/stored-fold.js";
import { THREAD_ID } from "./support/core-turn-histories.js";
import { CountingFiles } from "./support/counting-files.js";
import { indexThread } from "./support/index-thread.js";
import { LONG_ROLLOUT, LongLines, writeLongThread } from "./support/long-thread.js";
import { isLong } from "./support/runs.js";
import { makeHome } from "./support/write-home.js";

const SCRIPT = new URL("./support/turn-process.js", import.meta.url);
const STEP_BYTES = 8 * 1024 * 1024;
/** Lines are read in blocks; the last block of a step is read again by the next one. */
const BLOCK_BYTES = 1024 * 1024;
const TURNS = 50;
const TURN_BYTES = 512 * 1024;

let home: ReturnType<typeof makeHome>;
let children: ChildProcess[];

beforeEach(() => {
  home = makeHome();
  children = [];
});

afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  home.remove();
});

describe.each(["paginated", "legacy"] as const)("building the index of a long %s thread", (historyMode) => {
  beforeEach(() => writeLongThread(home.path, { historyMode, turns: TURNS, turnBytes: TURN_BYTES }));

  it("goes on where it was stopped, whichever read failed, and ends as in one go", async () => {
    await index();
    const whole = rows();
    const reads = await readsOfWholeBuild();
    expect(reads).toBeGreaterThan(8);
    for (let read = 1; read <= reads; read += isLong ? 1 : 3) {
      forget();
      const done = await buildThatFailsAt(read);
      const again = new CountingFiles();
      await index(again);
      const left = fs.statSync(join(home.path, LONG_ROLLOUT)).size - done;
      // The look at the file itself is bounded by its first blocks and its tail.
      expect(again.bytes).toBeLessThanOrEqual(left + Math.ceil(left / STEP_BYTES) * BLOCK_BYTES + 2 * BLOCK_BYTES);
      expect(rows()).toEqual(whole);
    }
  });

  it("reads nothing of it again when it is built and the thread has not changed", async () => {
    await index();
    const again = new CountingFiles();
    await index(again);
    expect(again.bytes).toBe(0);
  });

  it("reads only what was appended since", async () => {
    await index();
    const lines = new LongLines({ historyMode, turns: 0, turnBytes: 10 });
    lines.head();
    const more = lines.turn(TURNS);
    fs.appendFileSync(join(home.path, LONG_ROLLOUT), more);
    const again = new CountingFiles();
    await index(again);
    // The look at the file and the hashes of what was read are bounded.
    expect(again.bytes).toBeLessThanOrEqual(2 * more.length + 32 * 1024);
  });

  it("by two processes at once succeeds in both, and each shows every turn", async () => {
    const task = { type: "all", threadId: THREAD_ID };
    const outcomes = await Promise.all([outcomeOf(start(task)), outcomeOf(start(task))]);
    expect(outcomes).toEqual([{ turns: allTurns(historyMode) }, { turns: allTurns(historyMode) }]);
  });

  it("goes on after the process that did it was killed", async () => {
    const child = start({ type: "all", threadId: THREAD_ID });
    await once(child, "message");
    await until(() => rows().length > 0 || child.exitCode !== null);
    child.kill("SIGKILL");
    await once(child, "exit");
    const store = openLocalThreadStore({ home: home.path });
    expect(await turnIds(store, "asc")).toEqual(allTurns(historyMode).map(([turnId]) => turnId));
    await store[Symbol.asyncDispose]();
  });

  it("does not keep pages waiting in another store, and they are right", async () => {
    const built = indexThread(home.path, THREAD_ID);
    const store = openLocalThreadStore({ home: home.path });
    const expected = allTurns(historyMode).map(([turnId]) => turnId);
    const [last, first] = await Promise.all([
      store.listTurns({ threadId: THREAD_ID, pageSize: 3 }),
      store.listTurns({ threadId: THREAD_ID, pageSize: 3, sortDirection: "asc" }),
    ]);
    expect(last.data.map((turn) => turn.turnId)).toEqual(expected.slice(-3).reverse());
    expect(first.data.map((turn) => turn.turnId)).toEqual(expected.slice(0, 3));
    await built;
    expect(await turnIds(store, "desc")).toEqual(expected.reverse());
    await store[Symbol.asyncDispose]();
  });
});

describe("the first page of a long paginated thread", () => {
  beforeEach(() => writeLongThread(home.path, { historyMode: "paginated", turns: TURNS, turnBytes: TURN_BYTES }));

  it("is read from its end, and then the thread is indexed in the background", async () => {
    const child = start({ type: "last", threadId: THREAD_ID });
    const messages: unknown[] = [];
    child.on("message", (message) => messages.push(message));
    await until(() => messages.length >= 2);
    expect(messages[1]).toEqual({ first: [`turn-${TURNS - 1}`] });
    await until(() => rows().length === TURNS && isBuilt());
    child.send({ type: "end" });
    await once(child, "exit");
    const quiet = new CountingFiles();
    await index(quiet);
    expect(quiet.bytes).toBe(0);
  });

  it("does not keep a process alive that leaves while the thread is indexed", async () => {
    const child = start({ type: "leave", threadId: THREAD_ID });
    expect(await once(child, "exit")).toEqual([0, null]);
    await index();
    expect(rows().length).toBe(TURNS);
  });

  it("is read from its end while the index is half built", async () => {
    await index();
    const reads = await readsOfWholeBuild();
    forget();
    const done = await buildThatFailsAt(Math.floor(reads / 2));
    expect(done).toBeGreaterThan(0);
    const counting = new CountingFiles();
    const store = openLocalThreadStore({ home: home.path, files: counting.files });
    const page = await store.listTurns({ threadId: THREAD_ID, pageSize: 2 });
    expect(page.data.map((turn) => turn.turnId)).toEqual([`turn-${TURNS - 1}`, `turn-${TURNS - 2}`]);
    expect(counting.bytes).toBeLessThanOrEqual((TURNS * TURN_BYTES) / 4);
    await store[Symbol.asyncDispose]();
  });
});

function start(task: object): ChildProcess {
  const child = fork(SCRIPT, [home.path, JSON.stringify(task)], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  children.push(child);
  return child;
}

async function outcomeOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.on("message", (message: { readonly outcome?: unknown }) => message.outcome && resolve(message.outcome));
    child.once("exit", (code) => reject(new Error(`the process ended with ${code}`)));
  });
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error("what was waited for did not happen");
    await pause(10);
  }
}

function index(counting?: CountingFiles): Promise<void> {
  return indexThread(home.path, THREAD_ID, counting?.files);
}

/** Reads of a build of a thread that was looked at before. */
async function readsOfWholeBuild(): Promise<number> {
  forget();
  const counting = new CountingFiles();
  await index(counting);
  return counting.reads;
}

/** Returns how many bytes were done. */
async function buildThatFailsAt(read: number): Promise<number> {
  const failing = new CountingFiles();
  failing.failAt(read);
  await expect(index(failing)).rejects.toThrow("could not be indexed");
  return stored((database) => loadFold(database, THREAD_ID)?.progress.parts[0]?.readTo ?? 0);
}

function forget(): void {
  stored((database) => {
    database.run("DELETE FROM turns");
    database.run("DELETE FROM turn_folds");
  });
}

/** The turns as the index has them; none while it is not there. */
function rows(): unknown[] {
  if (!fs.existsSync(join(home.path, "threadstore/cache/index.sqlite"))) return [];
  return stored((database) =>
    database.all(
      "SELECT first_ordinal, turn_id, header, items_from, items_to, hex(items) AS items FROM turns ORDER BY 1, 2",
    ),
  );
}

function isBuilt(): boolean {
  return stored((database) => loadFold(database, THREAD_ID)?.progress.parts[0]?.isRead ?? false);
}

function stored<T>(work: (database: IndexDatabase) => T): T {
  const { files } = new CountingFiles();
  const database = new IndexDatabase(indexLocations(home.path, {}), files);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

function allTurns(historyMode: HistoryMode): [string, string[]][] {
  return Array.from({ length: TURNS }, (_, at) => [
    `turn-${at}`,
    historyMode === "legacy"
      ? [`item-${2 * at + 1}`, `item-${2 * at + 2}`]
      : [`UserMessage-turn-${at}`, `AgentMessage-turn-${at}`],
  ]);
}

async function turnIds(store: ThreadStore, sortDirection: "asc" | "desc"): Promise<string[]> {
  const page = await store.listTurns({ threadId: THREAD_ID, sortDirection, pageSize: 1_000, itemsView: "notLoaded" });
  return page.data.map((turn) => turn.turnId);
}
