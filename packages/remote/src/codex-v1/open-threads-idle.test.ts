import {
  type CreateThreadParams,
  type MemoryThreadStore,
  openMemoryThreadStore,
  type RolloutItem,
} from "@threadstore/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OpenThreads } from "./open-threads.js";

const ID = "01900000-0000-7000-8000-000000000001";

const PARAMS: CreateThreadParams = {
  threadId: ID,
  historyMode: "legacy",
  metadata: { cwd: "/project", originator: "test", cliVersion: "1", source: "cli", modelProvider: "fake" },
};

const HOUR_MS = 60 * 60 * 1_000;

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
async function isGivenBack(): Promise<boolean> {
  const code = await codeOf(store.resumeThread({ threadId: ID }));
  if (code === "no error") await store.shutdownThread(ID);
  return code !== "conflict";
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "no error",
    (error: { readonly code: string }) => error.code,
  );
}

describe("a thread that nobody asks for", () => {
  it("is given back after 30 seconds, and opened when it is used", async () => {
    await open.create(PARAMS);
    await append();
    await vi.advanceTimersByTimeAsync(29_999);
    expect(await isGivenBack()).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await isGivenBack()).toBe(true);
    await append("agent_message");
    expect(await eventTypes()).toStrictEqual(["user_message", "agent_message"]);
  });

  it("is given back 30 seconds after its last call", async () => {
    await open.create(PARAMS);
    await vi.advanceTimersByTimeAsync(20_000);
    await append();
    await vi.advanceTimersByTimeAsync(29_999);
    expect(await isGivenBack()).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await isGivenBack()).toBe(true);
  });

  it("is given back sooner when it is asked for", async () => {
    open = new OpenThreads({ store, idleMs: 10 });
    await open.create(PARAMS);
    await append();
    await vi.advanceTimersByTimeAsync(10);
    expect(await isGivenBack()).toBe(true);
  });

  it("is not given back while a call runs", async () => {
    await open.create(PARAMS);
    await append();
    let release = () => {};
    const long = open.use(ID, () => new Promise<void>((resolve) => (release = resolve)));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await isGivenBack()).toBe(false);
    release();
    await long;
  });

  it("is made again when nothing was written to it", async () => {
    await open.create(PARAMS);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await codeOf(store.appendItems({ threadId: ID, items: [event("user_message")] }))).toBe("thread_not_found");
    await append();
    expect(await eventTypes()).toStrictEqual(["user_message"]);
  });

  it("is forgotten after an hour when nothing was written to it", async () => {
    await open.create(PARAMS);
    await vi.advanceTimersByTimeAsync(30_000 + HOUR_MS);
    expect(open.size).toBe(0);
    expect(await codeOf(append())).toBe("thread_not_found");
  });

  it("is not counted as open once it was given back", async () => {
    await open.create(PARAMS);
    await append();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(open.size).toBe(0);
  });

  it("is not made again when something was written to it and somebody deleted it", async () => {
    await open.create(PARAMS);
    await append();
    await vi.advanceTimersByTimeAsync(30_000);
    await store.deleteThread({ threadId: ID });
    expect(await codeOf(append())).toBe("thread_not_found");
  });

  it("is opened again with the persistence mode that it was made with", async () => {
    await open.create({ ...PARAMS, eventPersistenceMode: "extended" });
    await append("exec_command_end");
    await vi.advanceTimersByTimeAsync(30_000);
    await append("exec_command_end");
    expect(await eventTypes()).toStrictEqual(["exec_command_end", "exec_command_end"]);
  });
});
