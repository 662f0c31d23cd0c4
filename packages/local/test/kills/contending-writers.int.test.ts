import type { ThreadStore } from "@threadstore/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Child } from "../support/child.js";
import { isLong } from "../support/runs.js";
import { SEED, SeededRandom } from "../support/seeded-random.js";
import { Tally } from "../support/tally.js";
import { threadId, WrittenHome, writeThread } from "../support/written-home.js";
import { heldLocks } from "./support/held-locks.js";

const CONTENDER = new URL("./support/contender.js", import.meta.url);
const VISITS = isLong ? 50 : 6;
const TURNS = isLong ? 4 : 1;

type ContenderReport =
  | { readonly type: "acknowledged"; readonly threadId: string; readonly text: string; readonly ordinal: number }
  | { readonly type: "refused"; readonly threadId: string; readonly text: string; readonly code: string }
  | { readonly type: "opened"; readonly threadId: string; readonly isTakingOver: boolean }
  | { readonly type: "missed"; readonly threadId: string }
  | { readonly type: "ready" | "over" }
  | { readonly type: "failed"; readonly error: string };

const tally = new Tally("contending writers", [
  "processes",
  "killed",
  "acknowledgements",
  "lost",
  "duplicated",
  "reordered",
  "stored though refused",
  "fenced",
  "unavailable",
  "visits without the thread",
]);

let home: WrittenHome;
let children: Child<ContenderReport>[];

beforeEach(() => {
  home = new WrittenHome();
  children = [];
});

afterEach(async () => {
  for (const child of children) await child[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

const CASES = [
  { processes: 2, threads: 1 },
  { processes: 2, threads: 6 },
  { processes: 8, threads: 1 },
  { processes: 8, threads: 12 },
];

describe.each(CASES)("$processes processes that write $threads threads", ({ processes, threads }) => {
  const ids = Array.from({ length: threads }, (_, at) => threadId(at + 1));
  const turns = Array.from({ length: TURNS }, (_, turn) => turn);

  it.each(turns)("store what they acknowledge once and in order, also when some are killed (turn %i)", async (turn) => {
    const random = new SeededRandom(SEED + processes * 100 + threads * 10 + turn);
    const store = home.open();
    for (const id of ids) {
      await writeThread(store, { threadId: id, historyMode: random.isChance(0.3) ? "legacy" : "paginated" });
    }
    const killed = new Set([0, 3, 5].filter((at) => at < processes));
    for (let at = 0; at < processes; at++) start({ isKilled: killed.has(at), random });
    await Promise.all(children.map((child) => child.report("ready")));
    for (const [at, child] of children.entries()) child.send({ visits: visitsOf(`w${at}`, ids, random) });
    await Promise.all(children.map((child) => child.ended()));
    expect(children.flatMap(({ reports }) => reports.filter(({ type }) => type === "failed"))).toEqual([]);
    expect(heldLocks(home.path)).toEqual([]);
    for (const id of ids) await expectEverything(store, id);
    await expectGoingOn(store, ids);
  });
});

/** Starts a process; one that is to be killed is, after some of its reports. */
function start({ isKilled, random }: { readonly isKilled: boolean; readonly random: SeededRandom }): void {
  const killAfter = isKilled ? random.between(2, VISITS * 3) : Number.POSITIVE_INFINITY;
  const child = new Child<ContenderReport>(CONTENDER, [home.path], () => {
    if (child.reports.length >= killAfter) child.signal("SIGKILL");
  });
  children.push(child);
  tally.add("processes");
  if (isKilled) tally.add("killed");
}

function visitsOf(name: string, ids: readonly string[], random: SeededRandom): object[] {
  let number = 0;
  return Array.from({ length: VISITS }, () => ({
    threadId: random.pick(ids),
    isTakingOver: random.isChance(0.3),
    isBurst: random.isChance(0.3),
    texts: Array.from({ length: random.between(1, 8) }, () => `${name}-${String(number++).padStart(5, "0")}`),
  }));
}

/** Compares a thread with everything that was said of it. */
async function expectEverything(store: ThreadStore, id: string): Promise<void> {
  const { items } = await store.loadHistory({ threadId: id });
  const texts = items.map(({ item }) => (item.payload as { content?: [{ text: string }] }).content?.[0].text ?? "");
  const duplicated = texts.filter((text, at) => texts.indexOf(text) !== at);
  const told = children.map(({ reports }) => reports.filter((report) => "text" in report && report.threadId === id));
  const acknowledged = told.flat().filter((report) => report.type === "acknowledged");
  const lost = acknowledged.filter(({ text, ordinal }) => texts[ordinal] !== text);
  const names = new Set(acknowledged.map(({ text }) => text));
  const fenced = told.flat().filter((report) => report.type === "refused" && report.code === "conflict");
  const stray = fenced.filter((report) => "text" in report && texts.includes(report.text) && !names.has(report.text));
  const reordered = disordered(texts);
  tally.add("acknowledgements", acknowledged.length);
  tally.add("lost", lost.length);
  tally.add("duplicated", duplicated.length);
  tally.add("reordered", reordered.length);
  tally.add("stored though refused", stray.length);
  tally.add("fenced", fenced.length);
  tally.add("unavailable", told.flat().filter((report) => "code" in report && report.code === "unavailable").length);
  const missed = children.flatMap(({ reports }) => reports.filter((r) => r.type === "missed" && r.threadId === id));
  tally.add("visits without the thread", missed.length);
  expect({ duplicated, lost, stray, reordered }).toEqual({ duplicated: [], lost: [], stray: [], reordered: [] });
  expect(items.map(({ ordinal }) => ordinal)).toEqual(items.map((_, at) => at));
}

/** Messages that stand before an earlier one of the same writer. */
function disordered(texts: readonly string[]): string[] {
  const last = new Map<string, string>();
  return texts.slice(2).filter((text) => {
    const [writer = ""] = text.split("-");
    const isAfter = (last.get(writer) ?? "") < text;
    last.set(writer, text);
    return !isAfter;
  });
}

/** Every thread can be written at once: nobody who ended keeps it. */
async function expectGoingOn(store: ThreadStore, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await store.resumeThread({ threadId: id });
    const { nextOrdinal } = await store.appendItems({
      threadId: id,
      items: [{ type: "response_item", payload: { type: "message", role: "user", content: [] } }],
    });
    expect(nextOrdinal).toBe((await store.loadHistory({ threadId: id })).items.length);
    await store.shutdownThread(id);
  }
}
