import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { settlePromises } from "../../test/support/gated-thread-store.js";
import { birthAt, CREATE, created, ID, METADATA, resumedAfter, stored } from "../../test/support/live-threads.js";
import { liveBoth, threadLives } from "../../test/support/random-thread-life.js";
import {
  agentMessage,
  COMPACTED,
  event,
  imageMessage,
  settings,
  tokenCount,
  userMessage,
  userTurnItem,
} from "../../test/support/rollout-items.js";
import { openMemoryThreadStore } from "../memory/memory-thread-store.js";
import { unavailable } from "../store/errors.js";
import type { StoredThread } from "../store/records.js";
import { LiveThread } from "./live-thread.js";

fc.configureGlobal({ seed: 20_261_120, numRuns: 100 });

const FORK_ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f709";
const HELLO = { preview: "hello", firstUserMessage: "hello", title: "hello" };

describe("a new thread", () => {
  it.each(["shutdown", "discard"] as const)("that is unused leaves no trace and no update: %s", async (close) => {
    const { gated, thread } = await created();
    expect(await thread.flush()).toStrictEqual({ durableOrdinal: null });
    await thread[close]();
    await expect(thread.readThread()).rejects.toMatchObject({ code: "thread_not_found", threadId: ID });
    expect(gated.patches).toStrictEqual([]);
  });

  it("is written with its birth when it is persisted", async () => {
    const { clock, gated, thread } = await created();
    const bornAt = clock.now();
    clock.advance(1_000);
    await thread.persist();
    await thread.persist();
    expect(gated.patches).toStrictEqual([birthAt(bornAt)]);
    expect(await thread.readThread()).toMatchObject({ modelProvider: "p", source: "cli", createdAt: bornAt });
  });

  it("that an item came to is there when it is shut down", async () => {
    const { clock, gated, thread } = await created();
    await thread.recordItems([tokenCount(5)]);
    await thread.shutdown();
    expect(await gated.store.readThread({ threadId: ID })).toMatchObject({ tokenUsage: 5, createdAt: clock.now() });
    expect((await thread.loadHistory()).items.map(({ item }) => item.type)).toStrictEqual([
      "session_meta",
      "event_msg",
    ]);
  });

  it("that is there already is refused, and its writer stays", async () => {
    const { gated, thread } = await created();
    await expect(LiveThread.create(gated.store, CREATE)).rejects.toMatchObject({ code: "conflict" });
    expect(await thread.append([COMPACTED])).toMatchObject({ firstOrdinal: 1 });
  });

  it("is the same thread in any spelling of its id", async () => {
    expect((await created({ threadId: ID.toUpperCase() })).thread.threadId).toBe(ID);
    const { clock, gated } = await stored();
    const resumed = await LiveThread.resume(gated.store, { threadId: ID.toUpperCase() }, { clock });
    expect(resumed.threadId).toBe(ID);
    await resumed.append([COMPACTED]);
    expect(gated.patches).toMatchObject([{ modelProvider: "p", source: "cli" }]);
  });
});

describe("append", () => {
  it("tells the store what its items tell", async () => {
    const { clock, gated, thread } = await created();
    await thread.append([userMessage("hello"), { json: JSON.stringify(tokenCount(5)) }]);
    await thread.flush();
    expect(gated.patches).toStrictEqual([{ ...birthAt(clock.now()), ...HELLO, tokenUsage: 5 }]);
    expect(await thread.readThread()).toMatchObject({ preview: "hello", firstUserMessage: "hello", tokenUsage: 5 });
  });

  it("of output advances the time of update and not recency", async () => {
    const { clock, thread } = await created();
    clock.advance(1_000);
    const startedAt = clock.now();
    await thread.append([event("task_started")]);
    clock.advance(1_000);
    await thread.append([agentMessage("done")]);
    await thread.flush();
    expect(await thread.readThread()).toMatchObject({ recencyAt: startedAt, updatedAt: clock.now() });
  });

  it("of nothing asks the store nothing", async () => {
    const { gated, thread } = await created();
    gated.clearRecords();
    expect(await thread.append([])).toBeNull();
    await thread.recordItems([]);
    expect(gated.calls).toStrictEqual([]);
  });

  it.each([
    ["legacy", undefined, "hello"],
    ["paginated", undefined, "completed"],
    ["paginated", "limited", "hello"],
    ["legacy", "extended", "hello"],
  ] as const)("of what a %s thread drops (mode %s) tells nothing", async (historyMode, mode, preview) => {
    const policy = mode === undefined ? {} : { eventPersistenceMode: mode };
    const { gated, thread } = await created({ historyMode, ...policy });
    expect(await thread.append([event("item_started")])).toMatchObject({ firstOrdinal: null, dropped: 1 });
    expect(gated.patches).toStrictEqual([]);
    await thread.append([userMessage("hello"), userTurnItem("completed")]);
    await thread.flush();
    expect(gated.patches).toMatchObject([{ preview, firstUserMessage: preview, title: preview }]);
  });

  it("of images sets the preview and no title", async () => {
    const { clock, gated, thread } = await created();
    await thread.append([imageMessage()]);
    await thread.flush();
    const told = { ...birthAt(clock.now()), preview: "[Image]", firstUserMessage: "[Image]" };
    expect(gated.patches).toStrictEqual([told]);
  });

  it("that is repeated is not told twice", async () => {
    const { gated, thread } = await created();
    for (const isRepeated of [false, true]) {
      const result = await thread.append([tokenCount(5)], { idempotencyKey: "k" });
      expect(result).toStrictEqual({ firstOrdinal: 1, nextOrdinal: 2, dropped: 0, repeated: isRepeated });
    }
    await thread.flush();
    expect(gated.patches).toHaveLength(1);
  });

  it("whose answer was lost is told when it is repeated", async () => {
    const { gated, thread } = await created();
    gated.loseAppendAnswer();
    const append = () => thread.append([userMessage("hello")], { idempotencyKey: "k" });
    await expect(append()).rejects.toMatchObject({ code: "unavailable" });
    expect(await append()).toMatchObject({ repeated: true });
    await thread.flush();
    expect(gated.patches).toMatchObject([HELLO]);
  });

  it("that is refused tells nothing", async () => {
    const { gated, thread } = await created();
    const refused = thread.append([tokenCount(5)], { expectedOrdinal: 9 });
    await expect(refused).rejects.toMatchObject({ code: "conflict" });
    await thread.flush();
    expect(gated.patches).toStrictEqual([]);
  });

  it("is told in the order of the history, whatever the order of the answers", async () => {
    const { gated, thread } = await created();
    let answer = () => {};
    gated.intercept("appendItems", async (proceed) => {
      const result = await proceed();
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return result;
    });
    const first = thread.append([userMessage("hello"), tokenCount(1)]);
    const second = thread.append([userMessage("later"), tokenCount(2)]);
    await settlePromises();
    answer();
    expect(await Promise.all([first, second])).toMatchObject([{ firstOrdinal: 1 }, { firstOrdinal: 3 }]);
    await thread.flush();
    expect(await thread.readThread()).toMatchObject({ preview: "hello", tokenUsage: 2 });
  });
});

describe("updateMetadata", () => {
  it("wins over what items tell later, field by field", async () => {
    const { clock, thread } = await created();
    await thread.append([settings({ model: "m1", cwd: "/1" })]);
    expect(await thread.updateMetadata({ model: "mine", cwd: "/mine", name: "n" })).toMatchObject({ model: "mine" });
    clock.advance(1_000);
    await thread.append([settings({ model: "m2", cwd: "/2", reasoning_effort: "high" }), event("task_started")]);
    await thread.flush();
    const told = { reasoningEffort: "high", recencyAt: clock.now(), updatedAt: clock.now() };
    expect(await thread.readThread()).toMatchObject({ model: "mine", cwd: "/mine", name: "n", ...told });
  });

  it("of times holds until the next item", async () => {
    const { clock, thread } = await created();
    const early = "2020-01-01T00:00:00.000Z";
    const set = await thread.updateMetadata({ updatedAt: early, advanceRecencyAt: early });
    expect(set).toMatchObject({ updatedAt: early, recencyAt: clock.now() });
    clock.advance(1_000);
    await thread.append([event("task_started")]);
    await thread.flush();
    expect(await thread.readThread()).toMatchObject({ recencyAt: clock.now(), updatedAt: clock.now() });
  });

  it("of an unused thread makes it, with its birth and its history mode", async () => {
    const { clock, gated, thread } = await created();
    const disabled = await thread.updateMetadata({ memoryMode: "disabled" });
    expect(disabled).toMatchObject({ memoryMode: "disabled", historyMode: "legacy", modelProvider: "p" });
    expect(gated.patches).toStrictEqual([birthAt(clock.now()), { memoryMode: "disabled" }]);
  });

  it("that fails leaves the field to the items", async () => {
    const { gated, thread } = await created();
    await thread.persist();
    gated.failUpdate("unavailable");
    await expect(thread.updateMetadata({ preview: "mine" })).rejects.toMatchObject({ code: "unavailable" });
    await thread.append([userMessage("hello")]);
    await thread.flush();
    expect(await thread.readThread()).toMatchObject({ preview: "hello" });
  });

  it("wins over an update that was on its way when it came", async () => {
    const { gated, thread } = await created();
    const [first, second] = [gated.holdUpdate(), gated.holdUpdate()];
    await thread.append([settings({ model: "m1" })]);
    const set = thread.updateMetadata({ model: "mine" });
    await settlePromises();
    await thread.append([settings({ model: "m2" })]);
    first.open();
    await second.arrived;
    await settlePromises();
    second.open();
    await set;
    await thread.flush();
    expect(await thread.readThread()).toMatchObject({ model: "mine" });
  });

  it("wins also after the thread is resumed", async () => {
    const { gated, thread } = await created();
    await thread.append([userMessage("hello")]);
    await thread.updateMetadata({ preview: "mine" });
    const resumed = await resumedAfter(gated, thread);
    await resumed.append([COMPACTED]);
    await resumed.flush();
    expect(await resumed.readThread()).toMatchObject({ preview: "mine" });
  });
});

describe("resume", () => {
  it("sends with the first append what the stored history tells and the store does not know", async () => {
    const { clock, gated } = await stored([userMessage("hello")]);
    clock.advance(1_000);
    const resumed = await LiveThread.resume(gated.store, { threadId: ID }, { clock });
    await resumed.flush();
    expect(gated.calls).toStrictEqual(["resumeThread", "readThread", "loadHistory", "flushThread"]);
    await resumed.append([userMessage("later")]);
    await resumed.shutdown();
    const told = { modelProvider: "p", source: "cli", cliVersion: "1", ...HELLO, updatedAt: clock.now() };
    expect(gated.patches).toMatchObject([told]);
    expect((await resumed.loadHistory()).items).toHaveLength(3);
  });

  it("sends nothing of what the store knows already", async () => {
    const { clock, gated, thread } = await created({}, [userMessage("hello"), tokenCount(5)]);
    const resumed = await resumedAfter(gated, thread);
    await resumed.append([COMPACTED]);
    expect(gated.patches).toStrictEqual([{ updatedAt: clock.now() }]);
  });

  it("that nothing is appended to sends nothing", async () => {
    const { gated, thread } = await created({}, [userMessage("hello")]);
    const resumed = await resumedAfter(gated, thread);
    await resumed.shutdown();
    expect(gated.patches).toStrictEqual([]);
  });

  it("takes a history that its caller has loaded", async () => {
    const { clock, gated } = await stored([userMessage("hello")]);
    const { items } = await gated.store.loadHistory({ threadId: ID });
    gated.clearRecords();
    const resumed = await LiveThread.resume(gated.store, { threadId: ID, history: items }, { clock });
    await resumed.append([userMessage("later")]);
    expect(gated.calls).not.toContain("loadHistory");
    expect(gated.patches).toMatchObject([HELLO]);
  });

  it("names the rollout that is to be resumed", async () => {
    const { gated, thread } = await created({}, [userMessage("hello")]);
    await thread.updateMetadata({ rolloutPath: "/elsewhere/rollout.jsonl" });
    const resumed = await resumedAfter(gated, thread, { threadId: ID, rolloutPath: "/elsewhere/rollout.jsonl" });
    await resumed.append([COMPACTED]);
    await resumed.shutdown();
    const other = LiveThread.resume(gated.store, { threadId: ID, rolloutPath: "/other.jsonl" });
    await expect(other).rejects.toMatchObject({ code: "conflict" });
  });

  it("of an archived thread reads and writes it when that was asked for", async () => {
    const { gated, thread } = await created({}, [userMessage("hello")]);
    await thread.shutdown();
    await gated.store.archiveThread({ threadId: ID });
    await expect(LiveThread.resume(gated.store, { threadId: ID })).rejects.toMatchObject({ code: "invalid_request" });
    const resumed = await LiveThread.resume(gated.store, { threadId: ID, includeArchived: true });
    await resumed.append([tokenCount(5)]);
    await resumed.flush();
    expect(await resumed.readThread()).toMatchObject({ tokenUsage: 5 });
  });

  it("asks anew which events are kept, and tells those", async () => {
    const { gated, thread } = await created({ historyMode: "paginated" }, [COMPACTED]);
    const resumed = await resumedAfter(gated, thread, { threadId: ID, eventPersistenceMode: "limited" });
    await resumed.append([userTurnItem("completed"), userMessage("hello")]);
    expect(gated.patches).toMatchObject([HELLO]);
  });

  it("of a thread that is live is refused, and its writer stays", async () => {
    const { gated, thread } = await created({}, [COMPACTED]);
    await expect(LiveThread.resume(gated.store, { threadId: ID })).rejects.toMatchObject({ code: "conflict" });
    expect(await thread.append([COMPACTED])).toMatchObject({ firstOrdinal: 2 });
  });

  it("that cannot read the history leaves no writer behind", async () => {
    const { gated, thread } = await created({}, [COMPACTED]);
    await thread.shutdown();
    gated.intercept("loadHistory", () => Promise.reject(unavailable("the disk is gone")));
    await expect(LiveThread.resume(gated.store, { threadId: ID })).rejects.toMatchObject({ code: "unavailable" });
    expect((await LiveThread.resume(gated.store, { threadId: ID })).threadId).toBe(ID);
  });

  it("what was kept survives a discard, and the resumed thread goes on after it", async () => {
    const { gated, thread } = await created({}, [userMessage("hello")]);
    await thread.discard();
    const resumed = await LiveThread.resume(gated.store, { threadId: ID });
    expect(await resumed.append([COMPACTED])).toMatchObject({ firstOrdinal: 2, nextOrdinal: 3 });
  });
});

describe("a fork", () => {
  it.each(["legacy", "paginated"] as const)("of a %s thread keeps what that keeps", async (historyMode) => {
    const { gated } = await created({ historyMode }, [COMPACTED]);
    const fork = await LiveThread.create(gated.store, { threadId: FORK_ID, metadata: METADATA, fork: { from: ID } });
    await fork.append([userMessage("hello"), userTurnItem("completed")]);
    await fork.flush();
    expect(await fork.readThread()).toMatchObject({ preview: historyMode === "legacy" ? "hello" : "completed" });
  });

  it("is told from the start, with the preview it inherits", async () => {
    const { gated } = await created({}, [userMessage("hello")]);
    const fork = await LiveThread.create(gated.store, { threadId: FORK_ID, metadata: METADATA, fork: { from: ID } });
    await fork.shutdown();
    expect(await fork.readThread()).toMatchObject({ preview: "hello", firstUserMessage: "hello", modelProvider: "p" });
  });
});

describe("over a store that folds items", () => {
  it("asks for what its caller asks and nothing else", async () => {
    const store = openMemoryThreadStore();
    const thread = await LiveThread.create(store, CREATE);
    await thread.append([userMessage("hello")]);
    await thread.flush();
    await thread.shutdown();
    const resumed = await LiveThread.resume(store, { threadId: ID });
    await resumed.append([]);
    await resumed.append([tokenCount(5)]);
    await resumed.discard();
    const once = ["createThread", "flushThread", "shutdownThread", "resumeThread", "discardThread"];
    expect(Object.fromEntries(store.calls())).toStrictEqual({
      ...Object.fromEntries(once.map((operation) => [operation, 1])),
      appendItems: 2,
    });
    expect(await resumed.readThread()).toMatchObject({ preview: "hello", tokenUsage: 5, revision: 0 });
  });

  it("a thread looks in the end as it does over one that does not, whatever is held up or fails", async () => {
    const lives = fc.asyncProperty(threadLives(ID), async (life) => {
      const { folded, patched } = await liveBoth(life);
      expect(toldOf(patched)).toStrictEqual(toldOf(folded));
    });
    await fc.assert(lives);
  });
});

/**
 * What both sorts of store tell. Left out: what no patch says (session, fork, parent, originator), the revision, which
 * counts the patches, the name an event recorded, which only a fold takes, and git, which a patch merges by field.
 */
function toldOf(thread: StoredThread): Partial<StoredThread> {
  const {
    sessionId: _session,
    forkedFromId: _fork,
    parentThreadId: _parent,
    originator: _originator,
    ...told
  } = thread;
  const { revision: _revision, name: _name, gitInfo: _git, historyMode: _mode, ...compared } = told;
  return compared;
}
