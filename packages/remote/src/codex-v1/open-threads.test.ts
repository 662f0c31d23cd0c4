import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { codeOf, ID, PARAMS, ThreadsOfClients } from "../../test/support/threads-of-clients.js";

const OTHER = "01900000-0000-7000-8000-000000000002";

let threads: ThreadsOfClients;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  threads = new ThreadsOfClients();
});

afterEach(async () => {
  vi.useRealTimers();
  await threads.store[Symbol.asyncDispose]();
});

describe("calls on one thread", () => {
  it("wait for one another, those on other threads do not", async () => {
    await threads.open.create(PARAMS);
    await threads.open.create({ ...PARAMS, threadId: OTHER });
    const seen: string[] = [];
    let release = () => {};
    const first = threads.open.use({ threadId: ID }, async () => {
      seen.push("first begins");
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      seen.push("first ends");
    });
    const second = threads.open.use({ threadId: ID }, async () => seen.push("second"));
    await threads.open.use({ threadId: OTHER }, async () => seen.push("other"));
    release();
    await Promise.all([first, second]);
    expect(seen).toStrictEqual(["first begins", "other", "first ends", "second"]);
  });

  it("go on after one that failed", async () => {
    await threads.open.create(PARAMS);
    const failed = threads.open.use({ threadId: ID }, () => Promise.reject(new Error("broken")));
    const after = threads.open.use({ threadId: ID }, async () => "done");
    await expect(failed).rejects.toThrow("broken");
    expect(await after).toBe("done");
  });

  it("tell what the work came to", async () => {
    await threads.open.create(PARAMS);
    expect(await threads.open.use({ threadId: ID }, async () => 7)).toBe(7);
  });
});

describe("create", () => {
  it("of a thread that there is fails with conflict, open or not", async () => {
    await threads.open.create(PARAMS);
    expect(await codeOf(threads.open.create(PARAMS))).toBe("conflict");
    await threads.append();
    await threads.open.shutdown(ID);
    expect(await codeOf(threads.open.create(PARAMS))).toBe("conflict");
    expect(await threads.eventTypes()).toStrictEqual(["user_message"]);
  });

  it("that failed leaves nothing open", async () => {
    await threads.store.createThread(PARAMS);
    expect(await codeOf(threads.open.create(PARAMS))).toBe("conflict");
    expect(threads.open.size).toBe(0);
  });
});

describe("resume", () => {
  it("of an open thread changes nothing", async () => {
    await threads.open.create(PARAMS);
    await threads.append();
    await threads.open.resume({ threadId: ID });
    await threads.open.resume({ threadId: ID });
    expect(threads.store.calls().get("resumeThread")).toBeUndefined();
  });

  it("of a thread that there is not fails with thread_not_found", async () => {
    expect(await codeOf(threads.open.resume({ threadId: ID }))).toBe("thread_not_found");
    expect(threads.open.size).toBe(0);
  });

  it("of a thread that somebody else writes fails with conflict", async () => {
    await threads.store.createThread(PARAMS);
    await threads.store.persistThread(ID);
    expect(await codeOf(threads.open.resume({ threadId: ID }))).toBe("conflict");
  });
});

describe("use", () => {
  it("after shutdown opens the thread again", async () => {
    await threads.open.create(PARAMS);
    await threads.append();
    await threads.open.shutdown(ID);
    expect(threads.open.size).toBe(0);
    await threads.append("agent_message");
    expect(await threads.eventTypes()).toStrictEqual(["user_message", "agent_message"]);
  });

  it("opens archived threads too", async () => {
    await threads.open.create(PARAMS);
    await threads.append();
    await threads.open.whileClosed(ID, () => threads.store.archiveThread({ threadId: ID }));
    await threads.append("agent_message");
    expect(await threads.eventTypes()).toStrictEqual(["user_message", "agent_message"]);
  });

  it("of a thread that there is not fails with thread_not_found, and nothing is open", async () => {
    expect(await codeOf(threads.append())).toBe("thread_not_found");
    expect(threads.open.size).toBe(0);
  });

  it("after shutdown of a thread that nothing was written to fails with thread_not_found", async () => {
    await threads.open.create(PARAMS);
    await threads.open.shutdown(ID);
    expect(await codeOf(threads.append())).toBe("thread_not_found");
  });
});

describe("whileClosed", () => {
  it("does its work on a thread that is not open, which the next use opens", async () => {
    await threads.open.create(PARAMS);
    await threads.append();
    await threads.open.whileClosed(ID, () => threads.store.archiveThread({ threadId: ID }));
    const thread = await threads.open.whileClosed(ID, () => threads.store.unarchiveThread({ threadId: ID }));
    expect(thread.threadId).toBe(ID);
    await threads.append("agent_message");
    expect(await threads.eventTypes()).toStrictEqual(["user_message", "agent_message"]);
  });

  it("throws what the work throws", async () => {
    expect(await codeOf(threads.open.whileClosed(ID, () => threads.store.archiveThread({ threadId: ID })))).toBe(
      "thread_not_found",
    );
  });
});

describe("the end", () => {
  it("a thread that is discarded with nothing in it is gone, and is not made again", async () => {
    await threads.open.create(PARAMS);
    await threads.open.discard(ID);
    await vi.advanceTimersByTimeAsync(0);
    expect(threads.open.size).toBe(0);
    expect(await codeOf(threads.append())).toBe("thread_not_found");
    await threads.open.create(PARAMS);
  });

  it("shutdown and discard of a thread that is not open do nothing", async () => {
    await threads.open.shutdown(ID);
    await threads.open.discard(ID);
    await vi.advanceTimersByTimeAsync(0);
    expect(threads.open.size).toBe(0);
  });

  it("closeAll gives every thread back after its last call", async () => {
    await threads.open.create(PARAMS);
    await threads.open.create({ ...PARAMS, threadId: OTHER });
    await threads.open.use({ threadId: OTHER }, () => threads.store.persistThread(OTHER));
    const last = threads.append();
    await threads.open.closeAll();
    await last;
    expect(await threads.eventTypes()).toStrictEqual(["user_message"]);
    expect([await threads.isGivenBack(), await threads.isGivenBack(OTHER)]).toStrictEqual([true, true]);
    expect(threads.open.size).toBe(0);
  });
});
