import { describe, expect, it } from "vitest";
import { type LiveWriter, LiveWriters } from "./live-writers.js";
import type { Lease } from "./thread-store-driver.js";

const ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708";
const OTHER_ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f709";
const NOT_LIVE = { code: "thread_not_found", threadId: ID, message: `thread ${ID} has no live writer here` };
const IS_LIVE = { code: "conflict", message: `thread ${ID} already has a live writer` };

describe("opening", () => {
  it("makes the writer the thread's own", async () => {
    const writers = new LiveWriters<NumberedLease>();
    await open(writers, aWriter(1));
    expect(writers.require(ID)).toStrictEqual(aWriter(1));
    expect(writers.require(ID).lease.threadId).toBe(ID);
  });

  it("a second one is a conflict, and the driver is not asked", async () => {
    const writers = new LiveWriters<NumberedLease>();
    await open(writers, aWriter(1));
    let isAsked = false;
    const second = writers.open(ID, false, async () => {
      isAsked = true;
      return aWriter(2);
    });
    await expect(second).rejects.toMatchObject(IS_LIVE);
    expect([isAsked, writers.require(ID)]).toStrictEqual([false, aWriter(1)]);
  });

  it("one at a time: while a writer is opened another one is a conflict, also one that takes over", async () => {
    const writers = new LiveWriters<NumberedLease>();
    const acquired = deferred<LiveWriter<NumberedLease>>();
    const opening = writers.open(ID, false, () => acquired.promise);
    await expect(open(writers, aWriter(2))).rejects.toMatchObject(IS_LIVE);
    await expect(writers.open(ID, true, async () => aWriter(2))).rejects.toMatchObject(IS_LIVE);
    expect(() => writers.require(ID)).toThrow(expect.objectContaining(NOT_LIVE));
    acquired.resolve(aWriter(1));
    await opening;
    expect(writers.require(ID)).toStrictEqual(aWriter(1));
  });

  it("threads do not stand in one another's way", async () => {
    const writers = new LiveWriters<NumberedLease>();
    const never = writers.open(ID, false, () => new Promise(() => {}));
    void never;
    await writers.open(OTHER_ID, false, async () => aWriter(1));
    expect(writers.require(OTHER_ID)).toStrictEqual(aWriter(1));
  });

  it("that fails leaves the thread free", async () => {
    const writers = new LiveWriters<NumberedLease>();
    const failure = new Error("no");
    await expect(writers.open(ID, false, () => Promise.reject(failure))).rejects.toBe(failure);
    expect(writers.take(ID)).toBeUndefined();
    await open(writers, aWriter(2));
    expect(writers.require(ID)).toStrictEqual(aWriter(2));
  });

  it("taking over puts the new writer in place of the old one", async () => {
    const writers = new LiveWriters<NumberedLease>();
    await open(writers, aWriter(1));
    await writers.open(ID, true, async () => aWriter(2));
    expect(writers.require(ID)).toStrictEqual(aWriter(2));
  });

  it("taking over that fails leaves the old writer in place", async () => {
    const writers = new LiveWriters<NumberedLease>();
    await open(writers, aWriter(1));
    await expect(writers.open(ID, true, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(writers.require(ID)).toStrictEqual(aWriter(1));
  });

  it("taking over that fails does not bring back a writer that was closed meanwhile", async () => {
    const writers = new LiveWriters<NumberedLease>();
    await open(writers, aWriter(1));
    const released = deferred<void>();
    const closing = writers.close(ID, () => released.promise);
    const acquired = deferred<LiveWriter<NumberedLease>>();
    const takingOver = writers.open(ID, true, () => acquired.promise);
    released.resolve();
    await closing;
    acquired.reject(new Error("no"));
    await expect(takingOver).rejects.toThrow("no");
    await open(writers, aWriter(2));
    expect(writers.require(ID)).toStrictEqual(aWriter(2));
  });
});

describe("closing", () => {
  it("releases the lease and frees the thread", async () => {
    const writers = new LiveWriters<NumberedLease>();
    await open(writers, aWriter(1));
    const released: Lease[] = [];
    await writers.close(ID, async (lease) => void released.push(lease));
    expect(released).toStrictEqual([aWriter(1).lease]);
    expect(writers.take(ID)).toBeUndefined();
    expect(() => writers.require(ID)).toThrow(expect.objectContaining(NOT_LIVE));
  });

  it("that fails keeps the writer, so that it can be tried again", async () => {
    const writers = new LiveWriters<NumberedLease>();
    await open(writers, aWriter(1));
    const failure = new Error("disk full");
    await expect(writers.close(ID, () => Promise.reject(failure))).rejects.toBe(failure);
    expect(writers.require(ID)).toStrictEqual(aWriter(1));
    await writers.close(ID, async () => {});
    expect(writers.take(ID)).toBeUndefined();
  });

  it("a thread without a writer is not found", async () => {
    await expect(new LiveWriters<NumberedLease>().close(ID, async () => {})).rejects.toMatchObject(NOT_LIVE);
  });

  it("while it goes on the writer takes nothing more, and the thread is not free yet", async () => {
    const writers = new LiveWriters<NumberedLease>();
    await open(writers, aWriter(1));
    const released = deferred<void>();
    const closing = writers.close(ID, () => released.promise);
    expect(() => writers.require(ID)).toThrow(expect.objectContaining(NOT_LIVE));
    await expect(writers.close(ID, async () => {})).rejects.toMatchObject(NOT_LIVE);
    await expect(open(writers, aWriter(2))).rejects.toMatchObject(IS_LIVE);
    released.resolve();
    await closing;
    await open(writers, aWriter(2));
    expect(writers.require(ID)).toStrictEqual(aWriter(2));
  });

  it("does not forget a writer that took over while it went on", async () => {
    const writers = new LiveWriters<NumberedLease>();
    await open(writers, aWriter(1));
    const released = deferred<void>();
    const closing = writers.close(ID, () => released.promise);
    await writers.open(ID, true, async () => aWriter(2));
    released.resolve();
    await closing;
    expect(writers.require(ID)).toStrictEqual(aWriter(2));
  });
});

describe("taking a lease away", () => {
  it("forgets the writer at once", async () => {
    const writers = new LiveWriters<NumberedLease>();
    await open(writers, aWriter(1));
    expect([writers.take(ID), writers.take(ID)]).toStrictEqual([aWriter(1).lease, undefined]);
    expect(writers.take(ID)).toBeUndefined();
  });

  it("gives the lease that the writer has by now", async () => {
    const writers = new LiveWriters<NumberedLease>();
    await open(writers, aWriter(1));
    writers.require(ID).lease = aWriter(5).lease;
    expect(writers.take(ID)).toStrictEqual(aWriter(5).lease);
  });

  it("of a thread without a writer is undefined", () => {
    expect(new LiveWriters<NumberedLease>().take(ID)).toBeUndefined();
  });
});

/** Leases that are told apart. */
interface NumberedLease extends Lease {
  readonly epoch: number;
}

function open(writers: LiveWriters<NumberedLease>, writer: LiveWriter<NumberedLease>): Promise<void> {
  return writers.open(ID, false, async () => writer);
}

function aWriter(epoch: number): LiveWriter<NumberedLease> {
  return { lease: { threadId: ID, epoch, historyMode: "paginated" }, policy: "paginated" };
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(reason: unknown): void;
}

/** A promise that a test settles when it wants to. */
function deferred<T>(): Deferred<T> {
  let settle: Omit<Deferred<T>, "promise"> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...(settle as Omit<Deferred<T>, "promise">) };
}
