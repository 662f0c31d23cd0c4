import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { ThreadStore } from "@threadstore/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { codeOf, METADATA, message, threadId, WrittenHome, writeThread } from "./support/written-home.js";

const SCRIPT = new URL("./support/append-process.js", import.meta.url);
const SHARED = threadId(0);

/** What a process is told to do. */
interface Task {
  readonly type: "own" | "turns" | "forever";
  readonly name: string;
  readonly threadId: string;
  /** Appends, of each turn when there are several. */
  readonly appends?: number;
  readonly turns?: number;
}

interface Outcome {
  readonly ordinals: readonly number[];
  readonly conflicts: number;
  readonly code?: string;
}

interface Acknowledged {
  readonly number: number;
  readonly ordinal: number;
}

let home: WrittenHome;
let children: ChildProcess[];

beforeEach(() => {
  home = new WrittenHome();
  children = [];
});

afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  await home[Symbol.asyncDispose]();
});

describe.each([2, 8])("%i processes that write one home", (count) => {
  const names = Array.from({ length: count }, (_, at) => `writer-${at}`);

  it("each to a thread of its own do not disturb one another", async () => {
    const appends = 30;
    const ids = names.map((_, at) => threadId(at + 1));
    const outcomes = await Promise.all(
      names.map((name, at) => outcomeOf(start({ type: "own", name, threadId: ids[at] as string, appends }))),
    );
    const expected = range(1, appends);
    expect(outcomes.map((outcome) => outcome.ordinals)).toEqual(names.map(() => expected));
    const store = home.open();
    for (const [at, id] of ids.entries()) {
      expect(await textsOf(store, id)).toEqual(range(0, appends).map((number) => `${names[at]}-${number}`));
    }
    const listed = await store.listThreads({ sources: "all" });
    expect(listed.data.map((thread) => thread.threadId).sort()).toEqual(ids);
    expect(home.list("thread-writer-locks")).toEqual(["thread-writer-locks/.coordination.lock"]);
  });

  it("to one thread take turns: one at a time, and every item once", async () => {
    const store = home.open();
    await writeThread(store, { threadId: SHARED });
    const [turns, appends] = [4, 5];
    const outcomes = await Promise.all(
      names.map((name) => outcomeOf(start({ type: "turns", name, threadId: SHARED, turns, appends }))),
    );
    const all = range(2, count * turns * appends);
    expect(outcomes.flatMap((outcome) => outcome.ordinals).sort((a, b) => a - b)).toEqual(all);
    for (const { ordinals } of outcomes) expect(turnsOf(ordinals, appends)).toEqual(Array(turns).fill("without a gap"));
    const texts = await textsOf(store, SHARED);
    expect(texts.length).toBe(1 + all.length);
    // Whoever was told an ordinal finds its item there.
    for (const [at, { ordinals }] of outcomes.entries()) {
      expect(ordinals.map((ordinal) => texts[ordinal - 1])).toEqual(
        ordinals.map((_, number) => `${names[at]}-${number}`),
      );
    }
    expect(recordedOrdinals()).toEqual(range(0, 2 + all.length));
  });

  it("to one thread go on when one of them is killed in the middle", async () => {
    const store = home.open();
    await writeThread(store, { threadId: SHARED });
    const victim = start({ type: "forever", name: "victim", threadId: SHARED });
    await acknowledged(victim, 5);
    const [turns, appends] = [2, 5];
    const others = names.map((name) => outcomeOf(start({ type: "turns", name, threadId: SHARED, turns, appends })));
    const acknowledgedLast = await kill(victim);
    const ordinals = (await Promise.all(others)).flatMap((outcome) => outcome.ordinals);
    expect(ordinals.length).toBe(count * turns * appends);
    const recorded = recordedOrdinals();
    expect(recorded).toEqual(range(0, recorded.length));
    const texts = await textsOf(store, SHARED);
    expect(texts[acknowledgedLast.ordinal - 1]).toBe(`victim-${acknowledgedLast.number}`);
    expect(new Set(texts).size).toBe(texts.length);
  });
});

describe("a process that is killed", () => {
  it("loses nothing that it was told is stored, and repeating its last appends stores nothing twice", async () => {
    const store = home.open();
    await writeThread(store, { threadId: SHARED });
    const victim = start({ type: "forever", name: "victim", threadId: SHARED });
    await acknowledged(victim, 20);
    const last = await kill(victim);
    await store.resumeThread({ threadId: SHARED });
    const repeated: boolean[] = [];
    const numbers = range(0, last.number + 3);
    for (const number of numbers) {
      const text = `victim-${number}`;
      const result = await store.appendItems({ threadId: SHARED, items: [message(text)], idempotencyKey: text });
      repeated.push(result.repeated);
    }
    expect(repeated.slice(0, last.number + 1)).toEqual(Array(last.number + 1).fill(true));
    expect(await textsOf(store, SHARED)).toEqual(["one", ...numbers.map((number) => `victim-${number}`)]);
    expect(recordedOrdinals()).toEqual(range(0, numbers.length + 2));
  });

  it("leaves lock files that the next store removes", async () => {
    await writeThread(home.open(), { threadId: SHARED });
    const victim = start({ type: "forever", name: "victim", threadId: SHARED });
    await acknowledged(victim, 1);
    await kill(victim);
    expect(home.list("thread-writer-locks").length).toBe(2);
    const store = home.open();
    await store.createThread({ threadId: threadId(1), metadata: METADATA });
    await store.discardThread(threadId(1));
    expect([home.list("thread-writer-locks"), home.list("threadstore/writers")]).toEqual([
      ["thread-writer-locks/.coordination.lock"],
      [],
    ]);
  });
});

describe("a process whose thread is taken over", () => {
  it("is refused by conflict, and everything it was told is stored stays", async () => {
    const store = home.open();
    await writeThread(store, { threadId: SHARED });
    const before = start({ type: "forever", name: "before", threadId: SHARED });
    const outcome = outcomeOf(before);
    const told = await acknowledged(before, 5);
    expect(await codeOf(store.resumeThread({ threadId: SHARED }))).toBe("conflict");
    await store.resumeThread({ threadId: SHARED, takeOver: true });
    const mine = await store.appendItems({ threadId: SHARED, items: [message("mine")] });
    expect((await outcome).code).toBe("conflict");
    const texts = await textsOf(store, SHARED);
    expect(texts.at(-1)).toBe("mine");
    expect(texts[told.ordinal - 1]).toBe(`before-${told.number}`);
    expect(recordedOrdinals()).toEqual(range(0, (mine.firstOrdinal as number) + 1));
  });
});

function start(task: Task): ChildProcess {
  const child = fork(SCRIPT, [home.path, JSON.stringify(task)], { execArgv: [] });
  children.push(child);
  return child;
}

async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    child.on("message", (told: { readonly outcome?: Outcome }) => {
      if (told.outcome) resolve(told.outcome);
    });
    child.on("error", reject);
    child.on("exit", (code, signal) => reject(new Error(`a writer ended with ${code ?? signal}`)));
  });
}

/** Resolves with an append that a process tells of, at least this one. */
async function acknowledged(child: ChildProcess, number: number): Promise<Acknowledged> {
  return new Promise((resolve) => {
    child.on("message", (told: Acknowledged) => {
      if (told.number >= number) resolve(told);
    });
  });
}

/** Kills a process without a warning; returns the last append that it told of. */
async function kill(child: ChildProcess): Promise<Acknowledged> {
  let last: Acknowledged | undefined;
  child.on("message", (told: Acknowledged) => {
    last = told;
  });
  await once(child, "message");
  const gone = once(child, "close");
  child.kill("SIGKILL");
  await gone;
  return last as unknown as Acknowledged;
}

/** The texts of a thread's items, without its session_meta. */
async function textsOf(store: ThreadStore, id: string): Promise<string[]> {
  const { items } = await store.loadHistory({ threadId: id });
  return items.slice(1).map(({ item }) => (item.payload as { content: [{ text: string }] }).content[0].text);
}

/** The ordinals of the shared thread as they stand in its only rollout. */
function recordedOrdinals(): (number | undefined)[] {
  return home.lines(home.rollout).map((line) => line.ordinal);
}

/** Whether the ordinals of each turn follow one another: somebody else's between them would be a gap. */
function turnsOf(ordinals: readonly number[], appends: number): string[] {
  return range(0, ordinals.length / appends).map((turn) => {
    const own = ordinals.slice(turn * appends, (turn + 1) * appends);
    const first = own[0] as number;
    return own.every((ordinal, at) => ordinal === first + at) ? "without a gap" : `split: ${own}`;
  });
}

function range(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, at) => from + at);
}
