import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { isLong } from "../support/runs.js";
import { SEED, SeededRandom } from "../support/seeded-random.js";
import { Tally } from "../support/tally.js";
import { METADATA, message, threadId } from "../support/written-home.js";
import { HungHome, outcomeOf, outcomesOf, readsOf, textsOf, writeThreadsOf } from "./support/hung-home.js";

vi.mock("node:timers/promises", async (importOriginal) => {
  const original = await importOriginal<typeof import("node:timers/promises")>();
  // Locks are waited for by pauses that are counted: without the long switch they are shorter, and as many.
  return { ...original, setTimeout: (ms: number) => original.setTimeout(isLong ? ms : ms / 10) };
});

/** Ten seconds that a lock is waited for, and what a loaded machine adds. */
const BOUND_MS = 25_000;
/** What waits for no lock. */
const QUICK_MS = 5_000;
const CONTINUE_AFTER_MS = 100;
const STOPS = isLong ? 150 : 6;
const ONE = threadId(1);
const TWO = threadId(2);
const THREE = threadId(3);
const FOUR = threadId(4);
const NEW = threadId(9);

const tally = new Tally("hung holders", ["locks held by a stopped process", "calls refused", "calls that went on"]);

/** Keeps calls to account: what each was answered, and that none took longer than it may. */
async function expectOutcomes(
  calls: Readonly<Record<string, Promise<unknown>>>,
  { codes, withinMs }: { readonly codes: Readonly<Record<string, string>> | "done"; readonly withinMs: number },
): Promise<void> {
  const outcomes = await outcomesOf(calls);
  const expected = codes === "done" ? Object.fromEntries(Object.keys(calls).map((name) => [name, "done"])) : codes;
  expect(outcomes.codes).toEqual(expected);
  expect(outcomes.longestMs).toBeLessThan(withinMs);
  for (const code of Object.values(outcomes.codes)) tally.add(code === "done" ? "calls that went on" : "calls refused");
}

describe.concurrent("a process that hangs while it holds", () => {
  it("the coordination lock keeps no reader and no live writer waiting, and others are told in time", async () => {
    await using home = new HungHome();
    const store = home.open();
    await writeThreadsOf(store, [ONE, TWO, THREE, FOUR]);
    await store.resumeThread({ threadId: FOUR });
    const holder = await home.lock("thread-writer-locks/.coordination.lock");
    holder.signal("SIGSTOP");
    tally.add("locks held by a stopped process");
    const refused = expectOutcomes(
      {
        create: store.createThread({ threadId: NEW, metadata: METADATA }),
        resume: home.open().resumeThread({ threadId: ONE }),
        archive: store.archiveThread({ threadId: TWO }),
        delete: store.deleteThread({ threadId: THREE }),
      },
      {
        codes: { create: "unavailable", resume: "unavailable", archive: "unavailable", delete: "unavailable" },
        withinMs: BOUND_MS,
      },
    );
    const append = store.appendItems({ threadId: FOUR, items: [message("two")] });
    const name = store.updateThreadMetadata({ threadId: ONE, patch: { name: "named" } });
    await expectOutcomes({ append, name, ...readsOf(store, ONE) }, { codes: "done", withinMs: QUICK_MS });
    await expectOutcomes({ shutdown: store.shutdownThread(FOUR) }, { codes: "done", withinMs: BOUND_MS });
    await refused;
    holder.signal("SIGCONT");
    holder.send({ type: "let go" });
    await holder.report("over");
    await store.archiveThread({ threadId: TWO });
    await store.resumeThread({ threadId: FOUR });
    expect(await textsOf(store, FOUR)).toEqual(["one", "two"]);
    expect((await store.listThreads({ sources: "all" })).data.length).toBe(3);
  });

  it("a thread's writer lock is a conflict for others at once, and goes on when nobody took the thread", async () => {
    await using home = new HungHome();
    const store = home.open();
    await writeThreadsOf(store, [ONE]);
    const holder = await home.live(ONE);
    holder.signal("SIGSTOP");
    tally.add("locks held by a stopped process");
    const fork = store.createThread({ threadId: NEW, metadata: METADATA, fork: { from: ONE } });
    await expectOutcomes(
      { resume: store.resumeThread({ threadId: ONE }), fork, ...readsOf(store, ONE) },
      {
        codes: { resume: "conflict", fork: "done", list: "done", read: "done", load: "done", turns: "done" },
        withinMs: QUICK_MS,
      },
    );
    await expectOutcomes(
      { archive: store.archiveThread({ threadId: ONE }), name: rename(store, ONE, "named") },
      { codes: { archive: "conflict", name: "done" }, withinMs: QUICK_MS },
    );
    holder.send({ text: "two" });
    holder.signal("SIGCONT");
    expect(await holder.report("acknowledged")).toMatchObject({ text: "two", ordinal: 2 });
    expect(await textsOf(store, ONE)).toEqual(["one", "two"]);
  });

  it("a thread's writer lock is fenced by whoever takes the thread over", async () => {
    await using home = new HungHome();
    const store = home.open();
    await writeThreadsOf(store, [ONE]);
    const holder = await home.live(ONE);
    holder.signal("SIGSTOP");
    tally.add("locks held by a stopped process");
    holder.send({ text: "theirs" });
    await expectOutcomes(
      { resume: store.resumeThread({ threadId: ONE, takeOver: true }) },
      { codes: "done", withinMs: QUICK_MS },
    );
    await store.appendItems({ threadId: ONE, items: [message("mine")] });
    holder.signal("SIGCONT");
    expect(await holder.report("refused")).toMatchObject({ text: "theirs", code: "conflict" });
    await store.appendItems({ threadId: ONE, items: [message("mine too")] });
    expect(await textsOf(store, ONE)).toEqual(["one", "mine", "mine too"]);
    expect(home.lines(home.rollout).map(({ ordinal }) => ordinal)).toEqual([0, 1, 2, 3]);
  });

  it("the lock of the metadata journal refuses changes of metadata whole, and nothing else", async () => {
    await using home = new HungHome();
    const store = home.open();
    await writeThreadsOf(store, [ONE, TWO, THREE, FOUR]);
    await rename(store, ONE, "before");
    await store.resumeThread({ threadId: FOUR });
    const holder = await home.lock("threadstore/journal/metadata.jsonl.lock");
    holder.signal("SIGSTOP");
    tally.add("locks held by a stopped process");
    const born = { ...METADATA, model: "model" };
    const refused = expectOutcomes(
      {
        name: rename(store, ONE, "after"),
        archive: store.archiveThread({ threadId: TWO }),
        birth: store.createThread({ threadId: NEW, metadata: born }),
      },
      { codes: { name: "unavailable", archive: "unavailable", birth: "unavailable" }, withinMs: BOUND_MS },
    );
    const append = store.appendItems({ threadId: FOUR, items: [message("two")] });
    const others = { append, flush: store.flushThread(FOUR), ...readsOf(store, ONE) };
    await expectOutcomes(others, { codes: "done", withinMs: QUICK_MS });
    await refused;
    expect(await store.readThread({ threadId: ONE })).toMatchObject({ name: "before", revision: 1 });
    expect((await store.readThread({ threadId: TWO })).archivedAt).toBeUndefined();
    holder.signal("SIGCONT");
    holder.send({ type: "let go" });
    await holder.report("over");
    await rename(store, ONE, "after");
    await store.archiveThread({ threadId: TWO });
    await store.createThread({ threadId: NEW, metadata: born });
    expect(await store.readThread({ threadId: ONE })).toMatchObject({ name: "after", revision: 2 });
  });

  it("the lock of the metadata journal leaves an archived thread archived that could not be unarchived", async () => {
    await using home = new HungHome();
    const store = home.open();
    await writeThreadsOf(store, [ONE]);
    await store.archiveThread({ threadId: ONE });
    const holder = await home.lock("threadstore/journal/metadata.jsonl.lock");
    holder.signal("SIGSTOP");
    tally.add("locks held by a stopped process");
    const unarchive = store.unarchiveThread({ threadId: ONE });
    await expectOutcomes({ unarchive }, { codes: { unarchive: "unavailable" }, withinMs: BOUND_MS });
    holder.signal("SIGCONT");
    holder.send({ type: "let go" });
    await holder.report("over");
    // Tried again it must be done, and counted once.
    expect(await outcomeOf(store.unarchiveThread({ threadId: ONE }))).toMatchObject({ code: "done" });
    expect(await store.readThread({ threadId: ONE })).toMatchObject({ revision: 2 });
  });

  it("a rollout refuses appends at once, and stores them when it is let go", async () => {
    await using home = new HungHome();
    const store = home.open();
    await writeThreadsOf(store, [ONE]);
    await store.resumeThread({ threadId: ONE });
    const holder = await home.lock(home.rollout);
    holder.signal("SIGSTOP");
    tally.add("locks held by a stopped process");
    const append = () => store.appendItems({ threadId: ONE, items: [message("two")], idempotencyKey: "two" });
    await expectOutcomes({ append: append() }, { codes: { append: "unavailable" }, withinMs: QUICK_MS });
    await expectOutcomes(readsOf(store, ONE), { codes: "done", withinMs: QUICK_MS });
    expect(await textsOf(store, ONE)).toEqual(["one"]);
    holder.signal("SIGCONT");
    holder.send({ type: "let go" });
    await holder.report("over");
    expect(await append()).toMatchObject({ firstOrdinal: 2, repeated: false });
    expect(await textsOf(store, ONE)).toEqual(["one", "two"]);
  });

  it("the names, or a thread's life, refuses what needs them in bounded time, also when several wait", async () => {
    await using home = new HungHome();
    const store = home.open();
    await writeThreadsOf(store, [ONE, TWO, THREE, FOUR]);
    await rename(store, ONE, "before");
    const holder = await home.lock("session_index.jsonl.lock");
    const forker = await home.lock(`thread-writer-locks/${THREE}.lifecycle.lock`, "shared");
    const mover = await home.lock(`thread-writer-locks/${FOUR}.lifecycle.lock`);
    for (const stopped of [holder, forker, mover]) stopped.signal("SIGSTOP");
    tally.add("locks held by a stopped process", 3);
    const calls = {
      one: rename(store, ONE, "after"),
      two: rename(home.open(), TWO, "after"),
      archive: store.archiveThread({ threadId: THREE }),
      fork: store.createThread({ threadId: NEW, metadata: METADATA, fork: { from: FOUR } }),
    };
    const codes = { one: "unavailable", two: "unavailable", archive: "conflict", fork: "conflict" };
    await expectOutcomes(calls, { codes, withinMs: BOUND_MS });
    await expectOutcomes(readsOf(store, ONE), { codes: "done", withinMs: QUICK_MS });
    expect(await store.readThread({ threadId: ONE })).toMatchObject({ name: "before", revision: 1 });
    holder.signal("SIGCONT");
    holder.send({ type: "let go" });
    await holder.report("over");
    expect(await rename(store, ONE, "after")).toMatchObject({ name: "after", revision: 2 });
  });

  it("a thread that it is writing loses nothing it acknowledged when the thread is taken over", async () => {
    const random = new SeededRandom(SEED);
    await using home = new HungHome();
    const store = home.open();
    await writeThreadsOf(store, [ONE]);
    const expected = ["one"];
    for (let stop = 0; stop < STOPS; stop++) {
      const holder = await home.busy(ONE, `stop-${stop}`);
      const wanted = random.between(1, 60);
      await holder.until(() => holder.reports.length > wanted, "enough appends");
      holder.signal("SIGSTOP");
      tally.add("locks held by a stopped process");
      const isContinued = !isLong || stop % 50 > 0;
      const taken = outcomeOf(store.resumeThread({ threadId: ONE, takeOver: true }));
      // Stopped within a write it holds the rollout: whoever takes over waits, at most ten seconds.
      if (isContinued) await Promise.race([taken, pause(CONTINUE_AFTER_MS)]);
      if (isContinued) holder.signal("SIGCONT");
      expect((await taken).code).toBe("done");
      const mine = () =>
        store.appendItems({ threadId: ONE, items: [message(`mine-${stop}`)], idempotencyKey: `${stop}` });
      const first = await outcomeOf(mine());
      holder.signal("SIGCONT");
      await holder.report("over");
      if (first.code === "unavailable") await mine();
      else expect(first.code).toBe("done");
      const told = holder.reports.flatMap((report) => (report.type === "acknowledged" ? [report.text] : []));
      expect((await holder.report("refused")).code).toBe("conflict");
      expected.push(...told, `mine-${stop}`);
      await store.shutdownThread(ONE);
    }
    expect(await textsOf(store, ONE)).toEqual(expected);
  });
});

function rename(store: Parameters<typeof textsOf>[0], id: string, name: string): Promise<unknown> {
  return store.updateThreadMetadata({ threadId: id, patch: { name } });
}
