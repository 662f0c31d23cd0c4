import { describe, expect, it } from "vitest";
import { GatedThreadStore, settlePromises } from "../../test/support/gated-thread-store.js";
import { birthAt, created, ID, METADATA } from "../../test/support/live-threads.js";
import { ManualClock } from "../../test/support/manual-clock.js";
import {
  agentMessage,
  COMPACTED,
  event,
  goal,
  recorded,
  sessionMeta,
  settings,
  tokenCount,
  userMessage,
} from "../../test/support/rollout-items.js";
import type { RolloutItem } from "../protocol/rollout-item.js";
import type { ThreadMetadataPatch } from "../store/metadata-patch.js";
import { NOTHING_SEEN, type Observation, observeCreation, observeHistory } from "./thread-metadata-observer.js";
import { ThreadMetadataSync } from "./thread-metadata-sync.js";

const RECORDED_AT = "2026-11-20T11:00:00.000Z";
const NOTHING: Observation = { state: NOTHING_SEEN, patch: {} };
const HELLO = { preview: "hello", firstUserMessage: "hello", title: "hello" };
const HISTORY = [sessionMeta({ id: ID, source: "cli", model_provider: "p" }), userMessage("hello")];
const DERIVED = { source: "cli", modelProvider: "p", ...HELLO };

describe("what is known before the first append", () => {
  it("of a new thread is written with the first append", async () => {
    const { clock, gated, sync, observe } = await syncOf((now) => observeCreation(METADATA, now));
    const birth = birthAt(clock.now());
    await sync.flush();
    clock.advance(1_000);
    observe(tokenCount({ total: 1 }));
    await sync.flush();
    expect(gated.patches).toStrictEqual([{ ...birth, updatedAt: clock.now(), tokenUsage: { total: 1 } }]);
  });

  it("of a new thread is written by a barrier once the thread is there", async () => {
    const { clock, gated, sync } = await syncOf((now) => observeCreation(METADATA, now));
    const now = clock.now();
    clock.advance(1_000);
    sync.allowWriting();
    expect(gated.patches).toStrictEqual([]);
    await sync.flush();
    await sync.flush();
    expect(gated.patches).toStrictEqual([birthAt(now)]);
  });

  it("a history waits for an append before a barrier writes what it tells", async () => {
    const { clock, gated, sync, observe } = await syncOf(() => observeHistory(recorded(HISTORY, RECORDED_AT), ID));
    await sync.flush();
    expect(gated.patches).toStrictEqual([]);
    observe(COMPACTED);
    await sync.flush();
    expect(gated.patches).toStrictEqual([{ ...DERIVED, updatedAt: clock.now() }]);
  });

  it("what a history tells stays pending until it is applied, and brings no time of update itself", async () => {
    const { gated, sync } = await syncOf(() => observeHistory(recorded(HISTORY, RECORDED_AT), ID));
    gated.failUpdate("unavailable");
    sync.allowWriting();
    await expect(sync.flush()).rejects.toMatchObject({ code: "unavailable" });
    await sync.flush();
    expect(gated.patches).toStrictEqual([DERIVED, DERIVED]);
  });

  it("an empty history and no append write nothing", async () => {
    const { gated, sync } = await syncOf(() => observeHistory([], ID));
    sync.allowWriting();
    await sync.flush();
    await sync.settle();
    expect(gated.patches).toStrictEqual([]);
  });
});

describe("what items tell", () => {
  it("a goal sets the preview and overrides none", async () => {
    const { patchesAfter } = await syncOf();
    expect(await patchesAfter(goal("goal"))).toMatchObject([{ preview: "goal" }]);
    const [message] = await patchesAfter(userMessage("hello"));
    expect(message).toStrictEqual({ firstUserMessage: "hello", title: "hello", updatedAt: expect.any(String) });
    const { patchesAfter: patchesOfOther } = await syncOf();
    await patchesOfOther(userMessage("hello"));
    expect(await patchesOfOther(goal("goal"))).toStrictEqual([{ updatedAt: expect.any(String) }]);
  });

  it("later user messages send only the time of update", async () => {
    const { clock, patchesAfter } = await syncOf();
    expect(await patchesAfter(userMessage("hello"))).toStrictEqual([{ ...HELLO, updatedAt: clock.now() }]);
    clock.advance(1_000);
    expect(await patchesAfter(userMessage("later"))).toStrictEqual([{ updatedAt: clock.now() }]);
  });

  it("a turn's start advances recency, and output does not", async () => {
    const { clock, patchesAfter } = await syncOf();
    expect(await patchesAfter(event("task_started"))).toStrictEqual([
      { advanceRecencyAt: clock.now(), updatedAt: clock.now() },
    ]);
    clock.advance(1_000);
    expect(await patchesAfter(agentMessage("done"))).toStrictEqual([{ updatedAt: clock.now() }]);
    expect(await patchesAfter(event("task_complete"))).toStrictEqual([{ updatedAt: clock.now() }]);
  });

  it("items of one append are one patch", async () => {
    const { clock, patchesAfter } = await syncOf();
    expect(await patchesAfter(userMessage("hello"), tokenCount(1), tokenCount(2))).toStrictEqual([
      { ...HELLO, tokenUsage: 2, updatedAt: clock.now() },
    ]);
  });
});

describe("touches", () => {
  it("within 5 seconds wait for a barrier, which writes the last of them", async () => {
    const { clock, gated, sync, observe } = await syncOf();
    const first = clock.now();
    for (const wait of [0, 1_000, 3_999]) {
      clock.advance(wait);
      observe(COMPACTED);
    }
    await settlePromises();
    expect(gated.patches).toStrictEqual([{ updatedAt: first }]);
    await sync.flush();
    expect(gated.patches).toStrictEqual([{ updatedAt: first }, { updatedAt: clock.now() }]);
  });

  it("after 5 seconds is written at once", async () => {
    const { clock, gated, sync, observe } = await syncOf();
    const first = clock.now();
    observe(COMPACTED);
    await sync.settle();
    clock.advance(5_000);
    observe(COMPACTED);
    expect(gated.patches).toStrictEqual([{ updatedAt: first }, { updatedAt: clock.now() }]);
    await sync.settle();
  });

  it("what items tell is written at once, with the touches before it", async () => {
    const { clock, gated, sync, observe } = await syncOf();
    observe(COMPACTED);
    await sync.settle();
    observe(COMPACTED);
    clock.advance(1);
    observe(tokenCount(1));
    await sync.settle();
    expect(gated.patches.slice(1)).toStrictEqual([{ tokenUsage: 1, updatedAt: clock.now() }]);
  });
});

describe("attempts", () => {
  it("a failed one is merged under what came since", async () => {
    const { clock, gated, sync, observe } = await syncOf();
    gated.failUpdate("unavailable");
    observe(settings({ model: "m1", reasoning_effort: "high", approval_policy: "never" }));
    await sync.settle();
    observe(settings({ model: "m2" }));
    await sync.flush();
    const first = { model: "m1", reasoningEffort: "high", serviceTier: null };
    const second = { model: "m2", reasoningEffort: null, serviceTier: null };
    const both = { approvalMode: "never", updatedAt: clock.now() };
    expect(gated.patches).toStrictEqual([
      { ...first, ...both },
      { ...second, ...both },
    ]);
  });

  it("one that fails with nothing newer queued is not repeated by itself", async () => {
    const { gated, sync, observe } = await syncOf();
    gated.failUpdate("unavailable");
    observe(tokenCount(1));
    await settlePromises();
    expect(gated.patches).toHaveLength(1);
    await sync.flush();
    expect(gated.patches).toStrictEqual([gated.patches[0], gated.patches[0]]);
  });

  it("barriers at the same time share one attempt and its failure", async () => {
    const { clock, gated, sync, observe } = await syncOf();
    observe(COMPACTED);
    await sync.settle();
    observe(COMPACTED);
    gated.clearRecords();
    gated.failUpdate("conflict");
    const ends = await Promise.allSettled([sync.flush(), sync.flush()]);
    expect(ends).toMatchObject(Array(2).fill({ status: "rejected", reason: { code: "conflict" } }));
    expect(gated.patches).toStrictEqual([{ updatedAt: clock.now() }]);
    await sync.flush();
  });

  it("settling waits for the one under way and hears nothing of its failure", async () => {
    const { gated, sync, observe } = await syncOf();
    const gate = gated.holdUpdate();
    observe(tokenCount(1));
    const events: string[] = [];
    const settled = sync.settle().then(() => events.push("settled"));
    await settlePromises();
    events.push("failed");
    gate.fail("internal");
    await settled;
    expect(events).toStrictEqual(["failed", "settled"]);
    await sync.flush();
  });
});

describe("what a caller set", () => {
  it("is told no more by items, while the rest is", async () => {
    const { clock, sync, patchesAfter } = await syncOf();
    await sync.set({ model: "mine", preview: "mine", name: "n" }, async () => {});
    expect(await patchesAfter(userMessage("hello"), settings({ model: "m" }))).toStrictEqual([
      { firstUserMessage: "hello", title: "hello", reasoningEffort: null, serviceTier: null, updatedAt: clock.now() },
    ]);
  });

  it("is taken out of what is pending", async () => {
    const { gated, sync } = await syncOf(() => observeHistory(recorded(HISTORY, RECORDED_AT), ID));
    await sync.set({ preview: "mine", title: "mine" }, async () => {});
    sync.allowWriting();
    await sync.flush();
    const { preview: _preview, title: _title, ...rest } = DERIVED;
    expect(gated.patches).toStrictEqual([rest]);
  });

  it("does not come back from an attempt that was under way and failed", async () => {
    const { clock, gated, sync, observe } = await syncOf();
    const gate = gated.holdUpdate();
    observe(settings({ model: "m", reasoning_effort: "high" }));
    await gate.arrived;
    const set = sync.set({ model: "mine" }, async () => {});
    gate.fail("unavailable");
    await set;
    await sync.flush();
    expect(gated.patches.at(-1)).toStrictEqual({
      reasoningEffort: "high",
      serviceTier: null,
      updatedAt: clock.now(),
    });
  });

  it("a field that is spelled out as undefined was not set", async () => {
    const { clock, sync, patchesAfter } = await syncOf();
    await sync.set({ preview: undefined } as unknown as ThreadMetadataPatch, async () => {});
    expect(await patchesAfter(userMessage("hello"))).toStrictEqual([{ ...HELLO, updatedAt: clock.now() }]);
  });
});

describe("barriers of a live thread", () => {
  it("an append returns when the history is stored, while metadata is held up", async () => {
    const { gated, thread } = await created();
    const gate = gated.holdUpdate();
    expect(await thread.append([tokenCount(1)])).toMatchObject({ firstOrdinal: 1 });
    await gate.arrived;
    expect((await thread.loadHistory()).items).toHaveLength(2);
    expect(await thread.readThread()).not.toHaveProperty("tokenUsage");
    gate.open();
    await thread.flush();
    expect(await thread.readThread()).toMatchObject({ tokenUsage: 1 });
  });

  it("appends that come while metadata is written are written together, and a flush waits for no later ones", async () => {
    const { clock, gated, thread } = await created();
    const [first, second, third] = [gated.holdUpdate(), gated.holdUpdate(), gated.holdUpdate()];
    await thread.append([tokenCount(1)]);
    await thread.append([tokenCount(2)]);
    await thread.append([tokenCount(3)]);
    const flushed = thread.flush();
    await settlePromises();
    first.open();
    await second.arrived;
    await thread.append([tokenCount(4)]);
    second.open();
    expect(await flushed).toStrictEqual({ durableOrdinal: 3 });
    await third.arrived;
    const updatedAt = clock.now();
    const later = [3, 4].map((tokenUsage) => ({ tokenUsage, updatedAt }));
    expect(gated.patches).toStrictEqual([{ ...birthAt(updatedAt), tokenUsage: 1 }, ...later]);
    expect(await thread.readThread()).toMatchObject({ tokenUsage: 3 });
    third.open();
    await thread.flush();
    expect(await thread.readThread()).toMatchObject({ tokenUsage: 4 });
  });

  it("a barrier does not mind a failure that what is queued behind makes good", async () => {
    const { clock, gated, thread } = await created();
    const [first, second] = [gated.holdUpdate(), gated.holdUpdate()];
    await thread.append([userMessage("hello"), tokenCount(1)]);
    await thread.append([tokenCount(2)]);
    const flushed = thread.flush();
    await settlePromises();
    first.fail("unavailable");
    await second.arrived;
    second.open();
    await flushed;
    const birth = { ...birthAt(clock.now()), ...HELLO };
    expect(gated.patches).toStrictEqual([1, 2].map((tokenUsage) => ({ ...birth, tokenUsage })));
  });

  it.each(["flush", "persist", "shutdown"] as const)(
    "%s tries again what failed and says how that failed",
    async (barrier) => {
      const { gated, thread } = await created();
      gated.failUpdate("unavailable");
      gated.failUpdate("resource_exhausted");
      await thread.append([tokenCount(1)]);
      await settlePromises();
      await expect(thread[barrier]()).rejects.toMatchObject({ code: "resource_exhausted" });
      expect(gated.calls).not.toContain("shutdownThread");
      await thread[barrier]();
      expect(gated.patches).toStrictEqual(Array(3).fill(gated.patches[0]));
      expect(await thread.readThread()).toMatchObject({ tokenUsage: 1 });
    },
  );

  it("shutdown waits for queued metadata before it closes the writer", async () => {
    const { gated, thread } = await created();
    gated.clearRecords();
    const [first, second] = [gated.holdUpdate(), gated.holdUpdate()];
    await thread.append([tokenCount(1)]);
    await thread.append([tokenCount(2)]);
    const closed = thread.shutdown();
    first.open();
    await second.arrived;
    await settlePromises();
    const before = ["appendItems", "updateThreadMetadata", "appendItems", "updateThreadMetadata"];
    expect(gated.calls).toStrictEqual(before);
    second.open();
    await closed;
    expect(gated.calls).toStrictEqual([...before, "shutdownThread"]);
    await expect(thread.append([COMPACTED])).rejects.toMatchObject({ code: "thread_not_found", threadId: ID });
  });

  it.each(["open", "fail"] as const)("discard waits for the update under way and sends no other: %s", async (end) => {
    const { gated, thread } = await created();
    gated.clearRecords();
    const gate = gated.holdUpdate();
    await thread.append([tokenCount(1)]);
    await thread.append([tokenCount(2)]);
    const discarded = thread.discard();
    await settlePromises();
    const before = ["appendItems", "updateThreadMetadata", "appendItems"];
    expect(gated.calls).toStrictEqual(before);
    gate[end]("unavailable");
    await discarded;
    await settlePromises();
    expect(gated.calls).toStrictEqual([...before, "discardThread"]);
  });
});

/** A sync over a stored thread. */
async function syncOf(first: (now: string) => Observation = () => NOTHING) {
  const clock = new ManualClock();
  const gated = new GatedThreadStore(clock);
  await gated.store.createThread({ threadId: ID, metadata: METADATA });
  await gated.store.persistThread(ID);
  const sync = new ThreadMetadataSync({ store: gated.store, threadId: ID, first: first(clock.now()), clock });
  const observe = (...items: readonly RolloutItem[]) => sync.observe(items);
  const patchesAfter = async (...items: readonly RolloutItem[]) => {
    gated.clearRecords();
    observe(...items);
    await sync.flush();
    return [...gated.patches];
  };
  return { clock, gated, sync, observe, patchesAfter };
}
