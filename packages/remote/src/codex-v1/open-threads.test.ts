import {
  type CreateThreadParams,
  type MemoryThreadStore,
  openMemoryThreadStore,
  type RolloutItem,
} from "@threadstore/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OpenThreads } from "./open-threads.js";

const ID = "01900000-0000-7000-8000-000000000001";
const OTHER = "01900000-0000-7000-8000-000000000002";

const PARAMS: CreateThreadParams = {
  threadId: ID,
  historyMode: "legacy",
  metadata: { cwd: "/project", originator: "test", cliVersion: "1", source: "cli", modelProvider: "fake" },
};

function event(type: string): RolloutItem {
  return { type: "event_msg", payload: { type, message: "Hello" } };
}

let store: MemoryThreadStore;
let open: OpenThreads;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  store = openMemoryThreadStore();
  open = new OpenThreads({ store });
});

afterEach(async () => {
  vi.useRealTimers();
  await store[Symbol.asyncDispose]();
});

async function append(...types: readonly string[]): Promise<void> {
  const items = (types.length > 0 ? types : ["user_message"]).map(event);
  await open.use(ID, () => store.appendItems({ threadId: ID, items }));
}

async function eventTypes(): Promise<unknown[]> {
  const { items } = await store.loadHistory({ threadId: ID, includeArchived: true });
  return items.slice(1).map(({ item }) => (item.payload as { readonly type: string }).type);
}

/** Whether another writer of the store could have the thread. */
async function isGivenBack(threadId = ID): Promise<boolean> {
  const code = await codeOf(store.resumeThread({ threadId, includeArchived: true }));
  if (code === "no error") await store.shutdownThread(threadId);
  return code !== "conflict";
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "no error",
    (error: { readonly code: string }) => error.code,
  );
}

describe("calls on one thread", () => {
  it("wait for one another, those on other threads do not", async () => {
    await open.create(PARAMS);
    await open.create({ ...PARAMS, threadId: OTHER });
    const seen: string[] = [];
    let release = () => {};
    const first = open.use(ID, async () => {
      seen.push("first begins");
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      seen.push("first ends");
    });
    const second = open.use(ID, async () => seen.push("second"));
    await open.use(OTHER, async () => seen.push("other"));
    release();
    await Promise.all([first, second]);
    expect(seen).toStrictEqual(["first begins", "other", "first ends", "second"]);
  });

  it("go on after one that failed", async () => {
    await open.create(PARAMS);
    const failed = open.use(ID, () => Promise.reject(new Error("broken")));
    const after = open.use(ID, async () => "done");
    await expect(failed).rejects.toThrow("broken");
    expect(await after).toBe("done");
  });

  it("tell what the work came to", async () => {
    await open.create(PARAMS);
    expect(await open.use(ID, async () => 7)).toBe(7);
  });
});

describe("create", () => {
  it("of a thread that there is fails with conflict, open or not", async () => {
    await open.create(PARAMS);
    expect(await codeOf(open.create(PARAMS))).toBe("conflict");
    await append();
    await open.shutdown(ID);
    expect(await codeOf(open.create(PARAMS))).toBe("conflict");
    expect(await eventTypes()).toStrictEqual(["user_message"]);
  });

  it("that failed leaves nothing open", async () => {
    await store.createThread(PARAMS);
    expect(await codeOf(open.create(PARAMS))).toBe("conflict");
    expect(open.size).toBe(0);
  });
});

describe("resume", () => {
  it("of an open thread changes nothing", async () => {
    await open.create(PARAMS);
    await append();
    await open.resume({ threadId: ID });
    await open.resume({ threadId: ID });
    expect(store.calls().get("resumeThread")).toBeUndefined();
  });

  it("of a thread that there is not fails with thread_not_found", async () => {
    expect(await codeOf(open.resume({ threadId: ID }))).toBe("thread_not_found");
    expect(open.size).toBe(0);
  });

  it("of a thread that somebody else writes fails with conflict", async () => {
    await store.createThread(PARAMS);
    await store.persistThread(ID);
    expect(await codeOf(open.resume({ threadId: ID }))).toBe("conflict");
  });
});

describe("use", () => {
  it("after shutdown opens the thread again", async () => {
    await open.create(PARAMS);
    await append();
    await open.shutdown(ID);
    expect(open.size).toBe(0);
    await append("agent_message");
    expect(await eventTypes()).toStrictEqual(["user_message", "agent_message"]);
  });

  it("opens archived threads too", async () => {
    await open.create(PARAMS);
    await append();
    await open.whileClosed(ID, () => store.archiveThread({ threadId: ID }));
    await append("agent_message");
    expect(await eventTypes()).toStrictEqual(["user_message", "agent_message"]);
  });

  it("of a thread that there is not fails with thread_not_found, and nothing is open", async () => {
    expect(await codeOf(append())).toBe("thread_not_found");
    expect(open.size).toBe(0);
  });

  it("after shutdown of a thread that nothing was written to fails with thread_not_found", async () => {
    await open.create(PARAMS);
    await open.shutdown(ID);
    expect(await codeOf(append())).toBe("thread_not_found");
  });
});

describe("whileClosed", () => {
  it("does its work on a thread that is not open, which the next use opens", async () => {
    await open.create(PARAMS);
    await append();
    await open.whileClosed(ID, () => store.archiveThread({ threadId: ID }));
    const thread = await open.whileClosed(ID, () => store.unarchiveThread({ threadId: ID }));
    expect(thread.threadId).toBe(ID);
    await append("agent_message");
    expect(await eventTypes()).toStrictEqual(["user_message", "agent_message"]);
  });

  it("throws what the work throws", async () => {
    expect(await codeOf(open.whileClosed(ID, () => store.archiveThread({ threadId: ID })))).toBe("thread_not_found");
  });
});

describe("the end", () => {
  it("a thread that is discarded with nothing in it is gone, and is not made again", async () => {
    await open.create(PARAMS);
    await open.discard(ID);
    await vi.advanceTimersByTimeAsync(0);
    expect(open.size).toBe(0);
    expect(await codeOf(append())).toBe("thread_not_found");
    await open.create(PARAMS);
  });

  it("shutdown and discard of a thread that is not open do nothing", async () => {
    await open.shutdown(ID);
    await open.discard(ID);
    await vi.advanceTimersByTimeAsync(0);
    expect(open.size).toBe(0);
  });

  it("closeAll gives every thread back after its last call", async () => {
    await open.create(PARAMS);
    await open.create({ ...PARAMS, threadId: OTHER });
    await open.use(OTHER, () => store.persistThread(OTHER));
    const last = append();
    await open.closeAll();
    await last;
    expect(await eventTypes()).toStrictEqual(["user_message"]);
    expect([await isGivenBack(), await isGivenBack(OTHER)]).toStrictEqual([true, true]);
    expect(open.size).toBe(0);
  });
});
