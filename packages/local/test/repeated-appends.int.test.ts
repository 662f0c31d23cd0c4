import * as fs from "node:fs";
import { join } from "node:path";
import type { AppendResult, ThreadStore } from "@threadstore/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FailingFileSystem } from "./support/failing-file-system.js";
import { codeOf, METADATA, message, threadId, WrittenHome } from "./support/written-home.js";

const A = threadId(1);
const STORED = { firstOrdinal: 1, nextOrdinal: 2, dropped: 0, repeated: false };

let home: WrittenHome;

beforeEach(() => {
  home = new WrittenHome();
});

afterEach(() => home[Symbol.asyncDispose]());

async function create(store: ThreadStore): Promise<void> {
  await store.createThread({ threadId: A, metadata: METADATA });
}

function append(store: ThreadStore, text: string): Promise<AppendResult> {
  return store.appendItems({ threadId: A, items: [message(text)], idempotencyKey: text });
}

async function textsOf(store: ThreadStore): Promise<unknown[]> {
  const { items } = await store.loadHistory({ threadId: A });
  const messages = items.filter(({ item }) => item.type === "response_item");
  return messages.map(({ item }) => (item.payload as { content: [{ text: string }] }).content[0].text);
}

// A caller that was not told of a result asks again with the same key, often from another process.
describe("an append that is repeated with its key", () => {
  it("by another store, after it was stored, is not stored again", async () => {
    const first = home.open();
    await create(first);
    expect(await append(first, "one")).toEqual(STORED);
    await first.discardThread(A);
    const second = home.open();
    await second.resumeThread({ threadId: A });
    expect(await append(second, "one")).toEqual({ ...STORED, repeated: true });
    expect(await textsOf(second)).toEqual(["one"]);
  });

  it("after a crash had cut it short is made whole, wherever it was cut", async () => {
    const texts = ["one", "two", "three"];
    const items = texts.map(message);
    const first = home.open();
    await create(first);
    await first.appendItems({ threadId: A, items, idempotencyKey: "a" });
    await first.discardThread(A);
    const rollout = join(home.path, home.rollouts()[0] as string);
    const whole = fs.readFileSync(rollout);
    const metaEnd = whole.indexOf("\n") + 1;
    const keys = join(home.path, "threadstore/journal/appends", `${A}.jsonl`);
    const kept = fs.readFileSync(keys);
    for (let cut = metaEnd; cut < whole.length; cut += 7) {
      fs.writeFileSync(rollout, whole.subarray(0, cut));
      fs.writeFileSync(keys, kept);
      const second = home.open();
      await second.resumeThread({ threadId: A });
      const result = await second.appendItems({ threadId: A, items, idempotencyKey: "a" });
      expect(result).toMatchObject({ firstOrdinal: 1, nextOrdinal: 4 });
      expect(await textsOf(second)).toEqual(texts);
      const again = await second.appendItems({ threadId: A, items, idempotencyKey: "a" });
      expect(again).toEqual({ firstOrdinal: 1, nextOrdinal: 4, dropped: 0, repeated: true });
      await second.discardThread(A);
    }
  });

  it("by another store, after the first append of a new thread had failed, is stored", async () => {
    const medium = new FailingFileSystem();
    const first = home.open({ files: medium.files });
    await create(first);
    medium.fail({ operation: "append", path: "rollout-" });
    expect(await codeOf(append(first, "one"))).toBe("unavailable");
    await first.discardThread(A);
    expect(home.rollouts()).toEqual([]);
    const second = home.open();
    await create(second);
    expect(await append(second, "one")).toEqual(STORED);
    expect(await textsOf(second)).toEqual(["one"]);
  });

  it("to a thread whose rollout somebody removed, and which is created again, is stored", async () => {
    const store = home.open();
    await create(store);
    for (const text of ["one", "two"]) await append(store, text);
    await store.shutdownThread(A);
    fs.rmSync(join(home.path, home.rollout));
    home.clock.advance(1_000);
    await create(store);
    expect(await append(store, "one")).toEqual(STORED);
    expect(await textsOf(store)).toEqual(["one"]);
  });

  it("after a crash between its key and its items is stored", async () => {
    await crashBetween();
    const second = home.open();
    await second.resumeThread({ threadId: A });
    expect(await append(second, "two")).toEqual({ ...STORED, firstOrdinal: 2, nextOrdinal: 3 });
    expect(await textsOf(second)).toEqual(["one", "two"]);
  });

  it("after a crash between its key and its items is stored, also when the thread was reverted before", async () => {
    await crashBetween();
    const second = home.open();
    await second.resumeThread({ threadId: A });
    await second.revertThread({ threadId: A, endOrdinalExclusive: 1 });
    // The segment has its own session_meta at ordinal 1.
    expect(await append(second, "two")).toEqual({ ...STORED, firstOrdinal: 2, nextOrdinal: 3 });
    expect(await textsOf(second)).toEqual(["two"]);
  });

  /** Two appends, of which the second one's key is on the disk and its items are not. */
  async function crashBetween(): Promise<void> {
    const store = home.open();
    await create(store);
    await append(store, "one");
    const { size } = fs.statSync(join(home.path, home.rollout));
    await append(store, "two");
    await store.discardThread(A);
    fs.truncateSync(join(home.path, home.rollout), size);
  }
});

describe("a new thread whose first append failed", () => {
  it("leaves nothing behind when it is given up", async () => {
    const medium = new FailingFileSystem();
    const store = home.open({ files: medium.files });
    await create(store);
    medium.fail({ operation: "append", path: "rollout-" });
    expect(await codeOf(append(store, "one"))).toBe("unavailable");
    await store.discardThread(A);
    expect([home.rollouts(), home.list("threadstore/journal")]).toEqual([[], []]);
  });
});
