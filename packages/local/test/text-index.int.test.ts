import * as fs from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import type { StoredItem, ThreadStore } from "@threadstore/core";
import { foldText, holdsTerm, searchableTexts } from "@threadstore/core/driver";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HomeFiles } from "./support/home-files.js";
import { METADATA, message, threadId, WrittenHome } from "./support/written-home.js";

const THREADS = [1, 2, 3].map(threadId);
const [A, B, C] = THREADS as [string, string, string];
const EVERYTHING = { archived: "both", sources: "all", scopes: ["messages"], scansMissing: true } as const;

let home: WrittenHome;
let files: HomeFiles;
let store: ThreadStore;

beforeEach(() => {
  home = new WrittenHome();
  files = new HomeFiles(home.path);
  store = home.open();
});

afterEach(() => home[Symbol.asyncDispose]());

/** Enough text for many documents, with words of every kind; each message can be told from the others. */
function textOf(thread: string, number: number): string {
  const words = ["alpha", "Straße", "日本語", "🚀", "beta-gamma", `needle${number}end`, "ﬁn"];
  const filler = Array.from({ length: 60 }, (_, at) => words[(number * 7 + at * at) % words.length]).join(" ");
  // A word that is too long to be kept has its document looked at for every term: few have one.
  const long = thread === C && number === 50 ? "word".repeat(30) : "";
  return `message ${number} of ${thread.slice(-2)}: ${filler} ${long}`;
}

async function write(thread: string, from: number, to: number): Promise<void> {
  for (let number = from; number < to; number += 1) {
    await store.appendItems({ threadId: thread, items: [message(textOf(thread, number))] });
  }
}

async function writeThreads(): Promise<void> {
  for (const thread of THREADS) {
    home.clock.advance(1_000);
    await store.createThread({ threadId: thread, metadata: METADATA });
    await write(thread, 0, 120);
    await store.shutdownThread(thread);
  }
}

const TERMS = [
  "message 7 of 02",
  "message 90 of 03",
  "needle117end",
  "eedle3",
  "e 11 of",
  "STRASSE 日本",
  "本",
  "🚀 beta",
  "wordword",
  "gamma",
  "omega",
  "nowhere",
];

/** What a search finds, and what looking at every text finds. */
async function foundAndScanned(searching: ThreadStore = store): Promise<[unknown, unknown]> {
  const found: unknown[] = [];
  const scanned: unknown[] = [];
  for (const searchTerm of TERMS) {
    const { data } = await searching.searchThreads({ searchTerm, ...EVERYTHING, sortKey: "createdAt" });
    found.push([
      searchTerm,
      ...data.map(({ thread, snippet, ranges }) => [thread.threadId, shown(snippet, ranges[0])]),
    ]);
    scanned.push([searchTerm, ...(await scan(searching, searchTerm))]);
  }
  return [found, scanned];
}

function shown(snippet: string, [from, to]: readonly [number, number] = [0, 0]): string {
  return foldText(snippet.slice(from, to)).text;
}

async function scan(searching: ThreadStore, searchTerm: string): Promise<unknown[]> {
  const term = foldText(searchTerm).text;
  const rows: unknown[] = [];
  for (const thread of [...THREADS].reverse()) {
    const items = await searching.loadHistory({ threadId: thread, includeArchived: true }).then(
      (history) => history.items,
      () => [] as StoredItem[],
    );
    const texts = items.flatMap(({ item }) => searchableTexts(item).map(({ text }) => text));
    if (texts.some((text) => holdsTerm(text, term))) rows.push([thread, term]);
  }
  return rows;
}

async function isAsScanned(searching: ThreadStore = store): Promise<void> {
  const [found, scanned] = await foundAndScanned(searching);
  expect(found).toStrictEqual(scanned);
}

describe("a search finds what looking at every text finds", () => {
  it("in a home that was never searched, and in one that was", async () => {
    await writeThreads();
    await isAsScanned();
    await isAsScanned();
    await isAsScanned(home.open());
  });

  it("after appends by this store and by others, whole and torn", async () => {
    await writeThreads();
    await isAsScanned();
    await store.resumeThread({ threadId: A });
    await write(A, 117, 140);
    await isAsScanned();
    const line = { timestamp: "2026-11-20T00:00:00.000Z", ordinal: 999, ...message("by another, nowhere else") };
    const rollout = home.rollouts().find((path) => path.includes(B)) as string;
    files.append(rollout, JSON.stringify(line).slice(0, 90));
    await isAsScanned();
    files.append(rollout, `${JSON.stringify(line).slice(90)}\n`);
    await isAsScanned();
  });

  it("after a rollout was written anew, in place and longer", async () => {
    await writeThreads();
    await isAsScanned();
    const rollout = home.rollouts().find((path) => path.includes(B)) as string;
    files.write(rollout, `${home.read(rollout).replaceAll("gamma", "omega")}\n`);
    await isAsScanned();
  });

  it("after a thread was archived, compressed, reverted, deleted", async () => {
    await writeThreads();
    await isAsScanned();
    await store.archiveThread({ threadId: A });
    await isAsScanned();
    const rollout = home.rollouts().find((path) => path.includes(B)) as string;
    files.compress(rollout);
    await isAsScanned();
    await store.resumeThread({ threadId: C });
    await store.revertThread({ threadId: C, endOrdinalExclusive: 60 });
    await write(C, 200, 240);
    await isAsScanned();
    await store.deleteThread({ threadId: A });
    await isAsScanned();
  });

  it("after the index was deleted, beside a store that has it open, and by two stores at once", async () => {
    await writeThreads();
    await isAsScanned();
    fs.rmSync(join(home.path, "threadstore", "cache"), { recursive: true });
    await Promise.all([isAsScanned(), isAsScanned(home.open())]);
  });
});

describe("the text index", () => {
  it("keeps nothing of a thread that was deleted, and what it had of one that was moved", async () => {
    await writeThreads();
    await isAsScanned();
    const [documents, files] = documentsOf();
    await store.archiveThread({ threadId: A });
    await isAsScanned();
    expect(documentsOf()).toStrictEqual([documents, files]);
    await store.unarchiveThread({ threadId: A });
    for (const thread of THREADS) await store.deleteThread({ threadId: thread });
    expect((await store.searchThreads({ searchTerm: "gamma", ...EVERYTHING })).data).toStrictEqual([]);
    expect(documentsOf()).toStrictEqual([0, 0]);
  });
});

/** How many documents the index holds, of how many rollouts. */
function documentsOf(): [number, number] {
  const path = join(home.path, "threadstore", "cache", "index.sqlite");
  const database = new DatabaseSync(path, { readOnly: true });
  const count = (table: string) => {
    return (database.prepare(`SELECT count(*) AS count FROM ${table}`).get() as { count: number }).count;
  };
  const counts: [number, number] = [count("text_docs"), count("text_files")];
  database.close();
  return counts;
}

describe("a search while the index is being made", () => {
  it("counts what it could not look through, which a later one has", async () => {
    // More than a search indexes before it answers: outputs of tools count, though they are not kept.
    const output = { type: "function_call_output", call_id: "c", output: "x".repeat(5 * 1024 * 1024) };
    for (const thread of THREADS) {
      await store.createThread({ threadId: thread, metadata: METADATA });
      const items = [output, output].map((payload) => ({ type: "response_item", payload }));
      for (const item of items) await store.appendItems({ threadId: thread, items: [item] });
      await store.appendItems({ threadId: thread, items: [message("a needle")] });
      await store.shutdownThread(thread);
    }
    const query = { searchTerm: "needle", sources: "all" } as const;
    const first = await store.searchThreads(query);
    expect(first.missing).toBeGreaterThan(0);
    expect(first.data.length + (first.missing ?? 0)).toBeGreaterThanOrEqual(3);
    const whole = await store.searchThreads({ ...query, scansMissing: true });
    expect([whole.data.length, whole.missing]).toStrictEqual([3, undefined]);
    const later = await store.searchThreads(query);
    expect([later.data.length, later.missing]).toStrictEqual([3, undefined]);
  });
});
