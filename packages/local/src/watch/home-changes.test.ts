import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { DatabaseSync } from "@photostructure/sqlite";
import { formatRolloutLine, type StoreChange, systemClock } from "@threadstore/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FileSystem } from "../file-system/file-system.js";
import { nodeFileSystem } from "../file-system/node-file-system.js";
import { ChangeCount } from "../index/change-count.js";
import { indexLocations } from "../index/index-location.js";
import { ThreadIndex } from "../index/thread-index.js";
import type { WatcherTold } from "./folder-watcher.js";
import { HomeChanges } from "./home-changes.js";
import { readThreadMarks } from "./thread-marks.js";

const ID = "01900000-0000-7000-8000-000000000001";
const PATH = `sessions/2026/01/15/rollout-2026-01-15T12-00-00-${ID}.jsonl`;

let home: string;
let opened: Watched;

/** A home with one thread, watched by a watcher and timers that do what the test says. */
class Watched {
  readonly count = new ChangeCount();
  readonly index: ThreadIndex;
  readonly changes: HomeChanges;
  readonly timers: { readonly ms: number; readonly work: () => void; isCancelled: boolean }[] = [];
  told: WatcherTold | undefined;
  closes = 0;
  /** Looks at rollouts and their folders since they were last counted. */
  looks = 0;

  constructor({ hasEvents = true } = {}) {
    const isCounted = (path: string) => path.startsWith(`${home}/sessions`);
    const files: FileSystem = {
      ...nodeFileSystem,
      status: (path) => {
        if (isCounted(path)) this.looks++;
        return nodeFileSystem.status(path);
      },
      readDirectory: (path) => {
        if (isCounted(path)) this.looks++;
        return nodeFileSystem.readDirectory(path);
      },
    };
    const { count } = this;
    this.index = new ThreadIndex({
      files,
      home,
      clock: systemClock,
      locations: indexLocations(home, {}),
      changes: count,
    });
    const startWatcher = (told: WatcherTold) => {
      if (!hasEvents) throw Object.assign(new Error("no watches left"), { code: "ENOSPC" });
      this.told = told;
      return { close: () => void this.closes++ };
    };
    const after = (ms: number, work: () => void) => {
      const timer = { ms, work, isCancelled: false };
      this.timers.push(timer);
      return () => {
        timer.isCancelled = true;
      };
    };
    this.changes = new HomeChanges({
      home,
      files,
      index: this.index,
      count,
      feedId: "feed",
      startWatcher,
      timers: { after },
    });
  }

  watch(after?: string): AsyncIterator<StoreChange> {
    return this.changes.watch(after === undefined ? {} : { after })[Symbol.asyncIterator]();
  }

  /** How many times the rollouts and their folders are looked at for one page. */
  async looksOfPage(): Promise<number> {
    this.looks = 0;
    await this.index.query(readThreadMarks);
    return this.looks;
  }

  /** Lets time pass until the timer that waits is due; says how long that is. */
  async fire(): Promise<number> {
    while (this.waiting.length === 0) await setImmediate();
    expect(this.waiting.length).toBe(1);
    const [timer] = this.waiting;
    if (timer) timer.isCancelled = true;
    timer?.work();
    return timer?.ms ?? 0;
  }

  get waiting() {
    return this.timers.filter((timer) => !timer.isCancelled);
  }
}

const lineOf = (ordinal: number) =>
  formatRolloutLine({
    timestamp: "2026-01-15T12:00:00.000Z",
    ordinal,
    json: '{"type":"response_item","payload":{"type":"message"}}',
  });

beforeEach(() => {
  home = mkdtempSync(join(realpathSync(tmpdir()), "threadstore-changes-"));
  mkdirSync(dirname(join(home, PATH)), { recursive: true });
  const json = JSON.stringify({ type: "session_meta", payload: { id: ID, history_mode: "paginated" } });
  writeFileSync(
    join(home, PATH),
    formatRolloutLine({ timestamp: "2026-01-15T12:00:00.000Z", ordinal: 0, json }) + lineOf(1),
  );
  opened = new Watched();
});

afterEach(async () => {
  await opened.changes[Symbol.asyncDispose]();
  opened.index.close();
  rmSync(home, { recursive: true });
});

function replace(watched: Watched): void {
  opened.index.close();
  opened = watched;
}

async function expectNothing(step: Promise<unknown>): Promise<void> {
  expect(await Promise.race([step, setImmediate("nothing")])).toBe("nothing");
}

describe("pages of a home that is watched", () => {
  it("look at no rollout and no folder, until something changes", async () => {
    expect(await opened.looksOfPage()).toBeGreaterThan(0);
    const step = opened.watch().next();
    await opened.fire();
    expect([await opened.looksOfPage(), await opened.looksOfPage()]).toEqual([0, 0]);
    appendFileSync(join(home, PATH), lineOf(2));
    expect(await opened.looksOfPage()).toBe(0);
    opened.told?.changed();
    expect(await opened.looksOfPage()).toBeGreaterThan(0);
    expect(await opened.looksOfPage()).toBe(0);
    expect(await opened.fire()).toBe(50);
    expect((await step).value).toMatchObject({ type: "appended", threadId: ID, nextOrdinal: 3 });
  });

  it("look while this store writes and once after it", async () => {
    const step = opened.watch().next();
    await opened.fire();
    await opened.changes.writing(async () => {
      expect(await opened.looksOfPage()).toBeGreaterThan(0);
      expect(await opened.looksOfPage()).toBeGreaterThan(0);
    });
    expect(await opened.looksOfPage()).toBeGreaterThan(0);
    expect(await opened.looksOfPage()).toBe(0);
    await expectNothing(step);
  });

  it("look again when nobody watches any more, or the index is another one", async () => {
    const changes = opened.watch();
    const step = changes.next();
    await opened.fire();
    expect(await opened.looksOfPage()).toBe(0);
    rmSync(join(home, "threadstore"), { recursive: true });
    expect(await opened.looksOfPage()).toBeGreaterThan(0);
    expect(await opened.looksOfPage()).toBe(0);
    await changes.return?.();
    expect(await step).toEqual({ done: true, value: undefined });
    expect([await opened.looksOfPage()].every((looks) => looks > 0)).toBe(true);
    expect([opened.closes, opened.waiting]).toEqual([1, []]);
  });
});

describe("looking for changes", () => {
  it("rests after a look, however much happens", async () => {
    const step = opened.watch().next();
    for (let round = 0; round < 3; round++) opened.told?.changed();
    expect(await opened.fire()).toBe(500);
    expect(await opened.fire()).toBe(500);
    expect(opened.waiting).toEqual([]);
    opened.told?.changed();
    opened.told?.changed();
    expect(opened.waiting.map(({ ms }) => ms)).toEqual([50]);
    await expectNothing(step);
  });

  it.each([
    ["there are no watches", () => replace(new Watched({ hasEvents: false })), () => {}],
    ["the watcher fails", () => {}, () => opened.told?.failed()],
  ])("is done once a second when %s", async (_why, prepare, fail) => {
    prepare();
    const changes = opened.watch();
    const step = changes.next();
    await opened.index.query(readThreadMarks);
    while (opened.waiting.length === 0) await setImmediate();
    fail();
    while (opened.waiting.length === 0) await setImmediate();
    expect(await opened.looksOfPage()).toBeGreaterThan(0);
    appendFileSync(join(home, PATH), lineOf(2));
    expect(await opened.fire()).toBe(1_000);
    expect((await step).value).toMatchObject({ type: "appended", nextOrdinal: 3 });
    expect(await opened.fire()).toBe(1_000);
    await changes.return?.();
    await setImmediate();
    expect(opened.waiting).toEqual([]);
  });

  it("tells the appends of this store once, and what others did besides", async () => {
    const changes = opened.watch();
    const first = changes.next();
    await opened.fire();
    const own = (size: number, nextOrdinal: number) =>
      opened.changes.appended(ID, { path: join(home, PATH), bytes: size, nextOrdinal });
    const size = () => nodeFileSystem.status(join(home, PATH))?.size ?? 0;
    appendFileSync(join(home, PATH), lineOf(2));
    own(size(), 3);
    expect((await first).value).toMatchObject({ type: "appended", nextOrdinal: 3 });
    opened.told?.changed();
    await opened.fire();
    const second = changes.next();
    await opened.fire();
    await expectNothing(second);
    appendFileSync(join(home, PATH), lineOf(3));
    own(size(), 4);
    expect((await second).value).toMatchObject({ type: "appended", nextOrdinal: 4 });
    writeFileSync(join(home, "session_index.jsonl"), `${JSON.stringify({ id: ID, thread_name: "Plan" })}\n`);
    opened.told?.changed();
    await opened.fire();
    expect((await changes.next()).value).toMatchObject({ threadId: ID });
  });

  it("fails those who watch when the home cannot be looked at", async () => {
    mkdirSync(join(home, "threadstore", "cache"), { recursive: true });
    const newer = new DatabaseSync(join(home, "threadstore", "cache", "index.sqlite"));
    newer.exec("PRAGMA user_version = 9999");
    newer.close();
    const changes = opened.watch();
    await expect(changes.next()).rejects.toMatchObject({ code: "unavailable" });
    expect(await changes.next()).toEqual({ done: true, value: undefined });
    expect([opened.closes, opened.waiting]).toEqual([1, []]);
  });
});
