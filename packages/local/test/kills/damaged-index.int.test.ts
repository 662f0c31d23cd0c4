import * as fs from "node:fs";
import { join } from "node:path";
import type { ThreadStore } from "@threadstore/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { releaseHandles } from "../support/release-handles.js";
import { isLong } from "../support/runs.js";
import { SEED, SeededRandom } from "../support/seeded-random.js";
import { Tally } from "../support/tally.js";
import { METADATA, message, threadId, WrittenHome } from "../support/written-home.js";
import { answersOf, wrongAnswers } from "./support/home-answers.js";
import { bytesOfHome, changedFiles } from "./support/home-bytes.js";

const PAGE_BYTES = 4_096;
const THREADS = 14;
/** Without the long switch every so manieth page of a file is damaged. */
const PAGES_BETWEEN = isLong ? 1 : 23;
const SUFFIXES = ["", "-wal", "-shm"] as const;
const DAMAGES = ["zeroed", "garbage", "truncated"] as const;
/** Threads that are asked for everything; lists show all of them. */
const ASKED = [1, 2, 3, 7, 8].map(threadId);

type Damage = (typeof DAMAGES)[number];

const tally = new Tally("damaged index", [
  "damages",
  "calls",
  "wrong answers",
  "files of the user changed",
  "deletions",
]);

let home: WrittenHome;
let expected: Record<string, string>;
let before: Readonly<Record<string, string>>;
/** The index and its side files as they were while it was in use, and as they are when it is closed. */
let used: ReadonlyMap<string, Buffer>;
let closed: ReadonlyMap<string, Buffer>;

beforeAll(async () => {
  home = new WrittenHome();
  await fillHome(home.open({ durability: "os" }));
  const store = home.open();
  await answersOf(store, ASKED);
  // Time passes until the second look: marks of folders that have just changed do not count.
  expected = await answersOf(store, ASKED);
  expect(Object.values(expected).filter((answer) => !answer.startsWith("{") && !answer.startsWith("["))).toEqual([]);
  used = readIndex();
  await store[Symbol.asyncDispose]();
  closed = readIndex();
  before = bytesOfHome(home.path);
});

afterAll(async () => {
  await home[Symbol.asyncDispose]();
});

describe.each(DAMAGES)("an index of which one page is %s", (damage) => {
  it("answers right, and nothing of the user changes: the trees of a closed index", async () => {
    expect(await tryPages("", { damage, template: closed, isTried: isTree })).toEqual([]);
  });

  it.each(SUFFIXES)("answers right, and nothing of the user changes: index.sqlite%s of one in use", async (suffix) => {
    expect(await tryPages(suffix, { damage, template: used })).toEqual([]);
  });

  // SQLite itself cannot see what happened to the page of a long value.
  it("answers right, and nothing of the user changes: the long values of a closed index", async () => {
    expect(await tryPages("", { damage, template: closed, isTried: (page) => !isTree(page) })).toEqual([]);
  });
});

describe("an index that is deleted while it is open", () => {
  const SETS: readonly (readonly string[])[] = [
    [""],
    ["-wal"],
    ["-shm"],
    ["", "-wal"],
    ["-wal", "-shm"],
    [...SUFFIXES],
  ];

  it.each(SETS.map((suffixes) => ({ suffixes })))("answers right at once: $suffixes", async ({ suffixes }) => {
    writeIndex(closed);
    const stores = [home.open(), home.open()];
    for (const store of stores) await answersOf(store, ASKED.slice(0, 2));
    for (const suffix of suffixes) fs.rmSync(pathOf(suffix), { force: true });
    tally.add("deletions");
    for (const store of [...stores, home.open()]) expect(await wrongOf(store)).toEqual([]);
    for (const store of stores) expect(await wrongOf(store)).toEqual([]);
    for (const store of stores) await store[Symbol.asyncDispose]();
  });

  it("with its folder answers right at once, and so does one that is deleted before every call", async () => {
    const store = home.open();
    await answersOf(store, ASKED.slice(0, 2));
    for (const threadIdAsked of ASKED) {
      fs.rmSync(join(home.path, "threadstore/cache"), { recursive: true });
      tally.add("deletions");
      const answer = JSON.stringify(await store.readThread({ threadId: threadIdAsked, includeArchived: true }));
      expect(answer).toBe(expected[`thread ${threadIdAsked}`]);
    }
    expect(await wrongOf(store)).toEqual([]);
  });
});

interface Trial {
  readonly damage: Damage;
  readonly template: ReadonlyMap<string, Buffer>;
  readonly isTried?: (page: Buffer) => boolean;
}

/** Damages pages of one file in turn; says what was answered wrong, and what changed. */
async function tryPages(suffix: string, { damage, template, isTried = () => true }: Trial): Promise<string[]> {
  const whole = template.get(suffix) ?? Buffer.alloc(0);
  const random = new SeededRandom(SEED);
  const wrong: string[] = [];
  const all = Array.from({ length: Math.ceil(whole.length / PAGE_BYTES) }, (_, page) => page);
  const pages = all.filter((page) => isTried(whole.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES)));
  for (const page of pages.filter((_, at) => at % PAGES_BETWEEN === 0)) {
    writeIndex(new Map([...template, [suffix, damaged(whole, { page, damage, random })]]));
    const store = home.open();
    for (const one of await wrongOf(store)) wrong.push(`page ${page} of ${all.length}: ${one}`);
    await store[Symbol.asyncDispose]();
    await releaseHandles();
    tally.add("damages");
  }
  const changed = changedFiles(before, bytesOfHome(home.path));
  tally.add("files of the user changed", changed.length);
  return [...wrong, ...changed.map((path) => `changed: ${path}`)];
}

/** Whether a page belongs to a tree; those of long values begin with the number of the page that goes on. */
function isTree(page: Buffer): boolean {
  return page[0] !== 0;
}

async function wrongOf(store: ThreadStore): Promise<string[]> {
  const wrong = wrongAnswers(await answersOf(store, ASKED), expected);
  tally.add("calls", Object.keys(expected).length);
  tally.add("wrong answers", wrong.length);
  return wrong;
}

function damaged(
  whole: Buffer,
  { page, damage, random }: { page: number; damage: Damage; random: SeededRandom },
): Buffer {
  const at = page * PAGE_BYTES;
  if (damage === "truncated") return Buffer.from(whole.subarray(0, at));
  const bytes = Buffer.from(whole);
  const end = Math.min(at + PAGE_BYTES, bytes.length);
  if (damage === "zeroed") bytes.fill(0, at, end);
  else for (let offset = at; offset < end; offset++) bytes[offset] = random.between(0, 255);
  return bytes;
}

function pathOf(suffix: string): string {
  return join(home.path, `threadstore/cache/index.sqlite${suffix}`);
}

function readIndex(): ReadonlyMap<string, Buffer> {
  const present = SUFFIXES.filter((suffix) => fs.existsSync(pathOf(suffix)));
  return new Map(present.map((suffix) => [suffix, fs.readFileSync(pathOf(suffix))]));
}

function writeIndex(files: ReadonlyMap<string, Buffer>): void {
  fs.mkdirSync(join(home.path, "threadstore/cache"), { recursive: true });
  for (const suffix of SUFFIXES) fs.rmSync(pathOf(suffix), { force: true });
  for (const [suffix, bytes] of files) fs.writeFileSync(pathOf(suffix), bytes);
}

/** Threads of both modes, with long previews and many items, so that rows take pages of their own. */
async function fillHome(store: ThreadStore): Promise<void> {
  for (let number = 1; number <= THREADS; number++) {
    const id = threadId(number);
    home.clock.advance(60_000);
    const historyMode = number % 3 === 0 ? "legacy" : "paginated";
    await store.createThread({ threadId: id, metadata: METADATA, historyMode, ...spawnOf(number) });
    await store.appendItems({
      threadId: id,
      items: Array.from({ length: 30 }, (_, at) => turnItems(number, at)).flat(),
    });
    await store.shutdownThread(id);
    if (number % 4 === 0) await store.archiveThread({ threadId: id });
    else if (number % 5 === 0) await store.updateThreadMetadata({ threadId: id, patch: { name: "the name" } });
  }
}

function spawnOf(number: number) {
  return number % 4 === 3 ? { spawn: { parentThreadId: threadId(1) } } : {};
}

function turnItems(number: number, at: number) {
  const text = `${"naïve 🙂 漢字 ".repeat(at === 0 ? 200 : 2)}${number}.${at}`;
  const item = { type: "UserMessage", id: `item-${number}-${at}`, content: [{ type: "text", text }] };
  return [
    { type: "event_msg", payload: { type: "task_started", turn_id: `turn-${number}-${at}` } },
    { type: "event_msg", payload: { type: "user_message", message: text } },
    { type: "event_msg", payload: { type: "item_completed", turn_id: `turn-${number}-${at}`, item } },
    message(text),
    { type: "event_msg", payload: { type: "task_complete", turn_id: `turn-${number}-${at}` } },
  ];
}
