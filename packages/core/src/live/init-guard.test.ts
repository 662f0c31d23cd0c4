import { describe, expect, it } from "vitest";
import { openMemoryThreadStore } from "../memory/memory-thread-store.js";
import { unavailable } from "../store/errors.js";
import { LiveThreadInitGuard } from "./init-guard.js";
import { LiveThread } from "./live-thread.js";

const ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708";
const METADATA = { originator: "test", cliVersion: "1", source: "cli", modelProvider: "p" } as const;

describe("LiveThreadInitGuard", () => {
  it("a start-up that fails discards its thread, and the failure comes through", async () => {
    const { store, thread } = await liveThread();
    const startUp = async () => {
      await using _guard = new LiveThreadInitGuard(thread);
      throw new Error("no model");
    };
    await expect(startUp()).rejects.toThrow("no model");
    await expect(thread.append([ITEM])).rejects.toMatchObject({ code: "thread_not_found", threadId: ID });
    expect(store.calls().get("discardThread")).toBe(1);
  });

  it("a thread whose start-up is committed lives on", async () => {
    const { store, thread } = await liveThread();
    const startUp = async () => {
      await using guard = new LiveThreadInitGuard(thread);
      guard.commit();
    };
    await startUp();
    expect(await thread.append([ITEM])).toStrictEqual({ firstOrdinal: 1, nextOrdinal: 2, dropped: 0, repeated: false });
    expect(store.calls().get("discardThread")).toBeUndefined();
  });

  it("discarding or committing twice is once", async () => {
    const { store, thread } = await liveThread();
    const guard = new LiveThreadInitGuard(thread);
    await Promise.all([guard[Symbol.asyncDispose](), guard[Symbol.asyncDispose]()]);
    await guard[Symbol.asyncDispose]();
    guard.commit();
    guard.commit();
    await guard[Symbol.asyncDispose]();
    expect(store.calls().get("discardThread")).toBe(1);
  });

  it("what was kept before the start-up failed is kept", async () => {
    const { store, thread } = await liveThread();
    await thread.append([ITEM]);
    await new LiveThreadInitGuard(thread)[Symbol.asyncDispose]();
    const { items } = await store.loadHistory({ threadId: ID });
    expect(items.map(({ item }) => item.type)).toStrictEqual(["session_meta", "compacted"]);
  });

  it("a discard that fails is heard of", async () => {
    const guard = new LiveThreadInitGuard({ discard: () => Promise.reject(unavailable("the disk is gone")) });
    await expect(guard[Symbol.asyncDispose]()).rejects.toMatchObject({ code: "unavailable" });
  });
});

const ITEM = { type: "compacted", payload: { message: "shorter" } };

async function liveThread() {
  const store = openMemoryThreadStore();
  return { store, thread: await LiveThread.create(store, { threadId: ID, metadata: METADATA }) };
}
