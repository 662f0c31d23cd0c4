import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isThreadStoreError } from "../store/errors.js";
import type { StoreChange } from "../store/records.js";
import { ChangeFeed } from "./change-feed.js";
import type { ChangeSubscription, ThreadChange } from "./change-subscription.js";
import { encodeCursorFields } from "./cursor-text.js";

type Feeds = { readonly feed: ChangeFeed; readonly tell: (...changes: string[]) => void };

/** A feed that is told changes in words: "created A", "appended A 5". */
function aFeed(options: { readonly rememberedThreads?: number } = {}): Feeds {
  const feed = new ChangeFeed({ feedId: "feed", ...options });
  const tell = (...changes: string[]) => {
    for (const words of changes) feed.tell(changeOf(words));
  };
  return { feed, tell };
}

function changeOf(words: string): ThreadChange {
  const [type, threadId = "", nextOrdinal] = words.split(" ");
  const ordinal = nextOrdinal === undefined ? {} : { nextOrdinal: Number(nextOrdinal) };
  return { type: type as ThreadChange["type"], threadId, ...ordinal };
}

const wordsOf = ({ type, threadId, nextOrdinal }: StoreChange) => [type, threadId, nextOrdinal].join(" ").trimEnd();

/** What waits for a reader, in words. */
async function drain(subscription: ChangeSubscription): Promise<string[]> {
  return (await drainChanges(subscription)).map(wordsOf);
}

const WAITS = Symbol("nothing to read");

async function drainChanges(subscription: ChangeSubscription): Promise<StoreChange[]> {
  const changes: StoreChange[] = [];
  for (;;) {
    const step = await takeNow(subscription);
    if (step === null) return changes;
    changes.push(step);
  }
}

/** The next change when one is there; the step that waits for another is left to it. */
const waiting = new WeakMap<ChangeSubscription, Promise<IteratorResult<StoreChange>>>();

async function takeNow(subscription: ChangeSubscription): Promise<StoreChange | null> {
  const step = waiting.get(subscription) ?? subscription.next();
  waiting.set(subscription, step);
  const result = await Promise.race([step, Promise.resolve().then(() => WAITS)]);
  if (typeof result === "symbol") return null;
  waiting.delete(subscription);
  return result.value ?? null;
}

describe("a subscription", () => {
  it("tells what is told after it began, in order", async () => {
    const { feed, tell } = aFeed();
    tell("created A 1");
    const subscription = feed.watch({});
    tell("appended A 2", "updated B");
    expect(await drain(subscription)).toEqual(["appended A 2", "updated B"]);
    tell("deleted A");
    expect(await drain(subscription)).toEqual(["deleted A"]);
  });

  it("serves steps that wait, each with one change", async () => {
    const { feed, tell } = aFeed();
    const subscription = feed.watch({});
    const steps = [subscription.next(), subscription.next()];
    tell("updated A", "updated B");
    expect((await Promise.all(steps)).map((step) => step.value?.threadId)).toEqual(["A", "B"]);
  });

  it.each([
    [["created A 1", "appended A 2", "updated A"], "created A 2"],
    [["updated A", "appended A 2", "updated A"], "appended A 2"],
    [["appended A 7", "archived A", "updated A"], "archived A 7"],
    [["archived A", "unarchived A"], "unarchived A"],
    [["created A 1", "appended A 2", "deleted A"], "deleted A"],
    [["appended A 9", "deleted A", "created A 1"], "created A 1"],
  ])("makes one change of %j", async (told, expected) => {
    const { feed, tell } = aFeed();
    const subscription = feed.watch({});
    tell(...told);
    expect(await drain(subscription)).toEqual([expected]);
  });

  it("keeps the place of the thread that waits longest", async () => {
    const { feed, tell } = aFeed();
    const subscription = feed.watch({});
    tell("updated A", "updated B", "appended A 2");
    expect(await drain(subscription)).toEqual(["appended A 2", "updated B"]);
  });

  it("is told once that it lagged, also when it lags again before it reads", async () => {
    const { feed, tell } = aFeed();
    const subscription = feed.watch({ bufferMax: 2 });
    tell("updated A", "updated B", "updated C", "updated D", "updated E", "updated F", "updated A");
    const changes = await drainChanges(subscription);
    expect(changes.map(wordsOf)).toEqual(["lagged", "updated A"]);
    expect(await drain(feed.watch({ after: changes[0]?.position ?? "" }))).toEqual(["updated A"]);
  });

  it("ends at once, and calls onEnd once", async () => {
    const { feed, tell } = aFeed();
    let ends = 0;
    const subscription = feed.watch({}, { onEnd: () => ends++ });
    const step = subscription.next();
    await subscription.return();
    await subscription.return();
    tell("updated A");
    expect([await step, await subscription.next(), ends]).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
      1,
    ]);
  });

  it("fails with what its feed ends with, once, and then is over", async () => {
    const { feed, tell } = aFeed();
    const subscription = feed.watch({});
    tell("updated A");
    feed.end(new Error("broken"));
    await expect(subscription.next()).rejects.toThrow("broken");
    expect(await subscription.next()).toEqual({ done: true, value: undefined });
  });

  it("ends with its signal, whether or not anybody waits", async () => {
    const { feed } = aFeed();
    const controller = new AbortController();
    let ends = 0;
    const subscription = feed.watch({}, { signal: controller.signal, onEnd: () => ends++ });
    controller.abort(new Error("enough"));
    expect(ends).toBe(1);
    await expect(subscription.next()).rejects.toThrow("enough");
  });
});

describe("a position", () => {
  it("tells what changed since, of each kind the last", async () => {
    const { feed, tell } = aFeed();
    const first = feed.watch({});
    tell("created A 1");
    const [change] = await drainChanges(first);
    await first.return();
    tell("archived B", "appended A 2", "appended A 3", "updated B", "updated C");
    const again = feed.watch({ after: change?.position ?? "" });
    expect(await drain(again)).toEqual(["archived B", "appended A 3", "updated C"]);
  });

  it("has lagged when more changed since than is remembered, or than the reader holds", async () => {
    const { feed, tell } = aFeed({ rememberedThreads: 2 });
    const first = feed.watch({});
    tell("updated A");
    const position = (await drainChanges(first))[0]?.position ?? "";
    tell("updated B", "updated A", "updated B");
    expect(await drain(feed.watch({ after: position }))).toEqual(["updated A", "updated B"]);
    expect(await drain(feed.watch({ after: position, bufferMax: 1 }))).toEqual(["lagged"]);
    tell("updated C");
    expect(await drain(feed.watch({ after: position }))).toEqual(["lagged"]);
    const [lagged] = await drainChanges(feed.watch({ after: position }));
    tell("updated D");
    expect(await drain(feed.watch({ after: lagged?.position ?? "" }))).toEqual(["updated D"]);
  });

  it("of another feed has lagged, as has one from before what was forgotten", async () => {
    const { feed, tell } = aFeed();
    const subscription = feed.watch({});
    tell("updated A", "updated B");
    const [first, last] = await drainChanges(subscription);
    const other = new ChangeFeed({ feedId: "other" });
    expect(await drain(other.watch({ after: first?.position ?? "" }))).toEqual(["lagged"]);
    feed.forget();
    expect(await drain(feed.watch({ after: first?.position ?? "" }))).toEqual(["lagged"]);
    expect(await drain(feed.watch({ after: last?.position ?? "" }))).toEqual([]);
  });

  it.each([
    ["nothing", ""],
    ["a text", "nope"],
    ["another cursor", encodeCursorFields(["t1", "feed", 1])],
    ["one without a number", encodeCursorFields(["w1", "feed", "1"])],
    ["one below zero", encodeCursorFields(["w1", "feed", -1])],
    ["one that was not reached yet", encodeCursorFields(["w1", "feed", 1])],
  ])("that is %s is refused", (_what, after) => {
    const { feed } = aFeed();
    const watch = () => feed.watch({ after });
    expect(watch).toThrow(expect.objectContaining({ code: "invalid_request" }));
    expect(watch).toThrow(/^invalid position/);
    expect(isThreadStoreError(new Error("other"))).toBe(false);
  });
});

/** What a reader knows who takes every change for what it says, and knows nothing of threads it may have missed. */
class Reader {
  subscription: ChangeSubscription;
  readonly bufferMax: number;
  readonly known = new Map<string, string>();
  position: string | undefined;
  #last = 0;

  constructor(feed: ChangeFeed, bufferMax: number) {
    this.bufferMax = bufferMax;
    this.subscription = feed.watch({ bufferMax });
  }

  take(change: StoreChange, truth: ReadonlyMap<string, string>): void {
    const number = Number(JSON.parse(atob(change.position.replaceAll("-", "+").replaceAll("_", "/")))[2]);
    expect(number).toBeGreaterThanOrEqual(this.#last);
    this.#last = number;
    this.position = change.position;
    // Whoever is told reads what is now; whoever lagged lists everything.
    if (change.threadId === undefined) for (const [thread, state] of truth) this.known.set(thread, state);
    else this.known.set(change.threadId, truth.get(change.threadId) ?? "");
  }

  /** Goes away and comes back. */
  async comeBack(feed: ChangeFeed): Promise<void> {
    await this.subscription.return();
    const after = this.position === undefined ? {} : { after: this.position };
    this.subscription = feed.watch({ bufferMax: this.bufferMax, ...after });
  }
}

const types = ["created", "appended", "updated", "archived", "unarchived", "deleted"] as const;
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constantFrom(...types), thread: fc.integer({ min: 0, max: 6 }) }) },
  { weight: 3, arbitrary: fc.record({ read: fc.integer({ min: 0, max: 2 }), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ comeBack: fc.integer({ min: 0, max: 2 }) }) },
);

describe("any order of changes, slow readers and readers that come back", () => {
  it("leaves no reader without the last change of a thread", async () => {
    const steps = fc.array(step, { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 8 }), async (history, rememberedThreads) => {
        const feed = new ChangeFeed({ feedId: "feed", rememberedThreads });
        const readers = [1, 3, 100].map((bufferMax) => new Reader(feed, bufferMax));
        const truth = new Map<string, string>();
        // One that comes back without a position knows nothing of what happened before: each has one.
        feed.tell({ type: "created", threadId: "0" });
        truth.set("0", "at the beginning");
        for (const reader of readers) await readSome(reader, { count: 1, truth });
        for (const [at, one] of history.entries()) {
          if ("type" in one) {
            truth.set(String(one.thread), `${one.type} at ${at}`);
            feed.tell({ type: one.type, threadId: String(one.thread) });
          } else if ("read" in one) await readSome(readers[one.read] as Reader, { count: one.count, truth });
          else await comeBack(readers[one.comeBack] as Reader, { feed, truth });
        }
        for (const reader of readers) {
          await readSome(reader, { count: Number.POSITIVE_INFINITY, truth });
          expect(reader.known).toEqual(truth);
        }
      }),
      { numRuns: 300 },
    );
  });
});

async function readSome(
  reader: Reader,
  { count, truth }: { readonly count: number; readonly truth: ReadonlyMap<string, string> },
): Promise<void> {
  for (let taken = 0; taken < count; taken++) {
    const change = await takeNow(reader.subscription);
    if (change === null) return;
    reader.take(change, truth);
  }
}

/** A step that waited has been served by what came meanwhile: that is taken before. */
async function comeBack(
  reader: Reader,
  { feed, truth }: { readonly feed: ChangeFeed; readonly truth: ReadonlyMap<string, string> },
): Promise<void> {
  const served = await takeNow(reader.subscription);
  if (served !== null) reader.take(served, truth);
  await reader.comeBack(feed);
}
