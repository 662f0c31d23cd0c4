import { newThreadId, openMemoryThreadStore, type ThreadStore } from "@threadstore/core";
import { describe, expect, it } from "vitest";
import { findTurn } from "./find-turn.js";

async function storeWith(turnIds: readonly string[]): Promise<{ store: ThreadStore; threadId: string }> {
  const store = openMemoryThreadStore();
  const threadId = newThreadId();
  const metadata = { originator: "test", cliVersion: "1.0.0", source: "cli", modelProvider: "p" } as const;
  await store.createThread({ threadId, metadata });
  const items = turnIds.map((turn_id) => ({ type: "event_msg", payload: { type: "task_started", turn_id } }));
  await store.appendItems({ threadId, items });
  return { store, threadId };
}

describe("findTurn", () => {
  it("finds a turn by its id and by the beginning of it", async () => {
    const { store, threadId } = await storeWith(["turn", "turn-1", "other-1"]);
    expect(await findTurn(store, threadId, "turn")).toBe("turn");
    expect(await findTurn(store, threadId, "turn-")).toBe("turn-1");
    expect(await findTurn(store, threadId, "othe")).toBe("other-1");
  });

  it("refuses what fits no turn or several, and beginnings that are too short", async () => {
    const { store, threadId } = await storeWith(["turn-1", "turn-2", "other"]);
    await expect(findTurn(store, threadId, "nope")).rejects.toMatchObject({ code: "invalid_request" });
    await expect(findTurn(store, threadId, "oth")).rejects.toMatchObject({ code: "invalid_request" });
    await expect(findTurn(store, threadId, "turn")).rejects.toMatchObject({
      code: "conflict",
      message: "2 turns begin with turn: turn-2, turn-1",
    });
    await expect(findTurn(store, newThreadId(), "turn")).rejects.toMatchObject({ code: "thread_not_found" });
  });
});
