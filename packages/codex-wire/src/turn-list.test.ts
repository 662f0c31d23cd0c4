import { describe, expect, it } from "vitest";
import { event, storeWith, THREAD_ID, turnEnd, turnStart, wholeTurn } from "../test/support/written-threads.js";
import { readApiThread } from "./thread-read.js";
import { listApiTurns } from "./turn-list.js";

describe.each(["paginated", "legacy"] as const)("a %s thread without turns", (historyMode) => {
  it("has an empty page of turns", async () => {
    const store = await storeWith(historyMode, []);
    expect(await listApiTurns(store, { threadId: THREAD_ID })).toEqual({
      data: [],
      nextCursor: null,
      backwardsCursor: null,
    });
  });

  it("is read with no turns", async () => {
    const store = await storeWith(historyMode, []);
    expect((await readApiThread(store, { threadId: THREAD_ID, includeTurns: true })).turns).toEqual([]);
  });
});

describe("a cursor of turns", () => {
  const other = "01900000-0000-7000-8000-000000000002";
  const fields = { requestedThreadId: THREAD_ID, rolloutOrdinal: 1, includeAnchor: true, scope: { kind: "turns" } };

  it.each([
    "",
    "null",
    "[]",
    JSON.stringify({ turnId: "t", includeAnchor: true }),
    JSON.stringify({ ...fields, requestedThreadId: other }),
    JSON.stringify({ ...fields, rolloutOrdinal: -1 }),
    JSON.stringify({ ...fields, rolloutOrdinal: 1.5 }),
    JSON.stringify({ ...fields, includeAnchor: 1 }),
    JSON.stringify({ ...fields, scope: { kind: "itemsByCreatedAtOrdinal" } }),
  ])("of another thread or list is refused: %s", async (cursor) => {
    const store = await storeWith("paginated", wholeTurn("t", []));
    await expect(listApiTurns(store, { threadId: THREAD_ID, cursor })).rejects.toMatchObject({
      code: "invalid_request",
      message: `invalid cursor: ${cursor}`,
    });
  });

  it("may name any spelling of its thread, and a place where no turn stands", async () => {
    const store = await storeWith("paginated", [...wholeTurn("t", ["a", "b"]), ...wholeTurn("u", [])]);
    const cursor = JSON.stringify({ ...fields, requestedThreadId: THREAD_ID.toUpperCase(), rolloutOrdinal: 3 });
    const { data } = await listApiTurns(store, { threadId: THREAD_ID, cursor });
    expect(data.map(({ id }) => id)).toEqual(["t"]);
  });

  it("whose turn was rolled back says so", async () => {
    const turns = ["t", "u"].flatMap((turnId) => [
      turnStart(turnId),
      event("user_message", { message: turnId }),
      turnEnd(turnId),
    ]);
    const store = await storeWith("legacy", turns);
    const { backwardsCursor: cursor } = await listApiTurns(store, { threadId: THREAD_ID, limit: 1 });
    expect(cursor).toBe('{"turnId":"u","includeAnchor":true}');
    await store.appendItems({ threadId: THREAD_ID, items: [event("thread_rolled_back", { num_turns: 1 })] });
    await expect(listApiTurns(store, { threadId: THREAD_ID, cursor })).rejects.toMatchObject({
      code: "invalid_request",
      message: "invalid cursor: anchor turn is no longer present",
    });
  });
});

it("turns of an unknown thread are refused as the API refuses them", async () => {
  const store = await storeWith("paginated", []);
  const threadId = "01900000-0000-7000-8000-000000000009";
  const refusal = { code: "thread_not_found", threadId, message: `thread not loaded: ${threadId}` };
  await expect(listApiTurns(store, { threadId })).rejects.toMatchObject(refusal);
  await expect(readApiThread(store, { threadId })).rejects.toMatchObject(refusal);
});

it("a read of a thread holds all of its turns, oldest first", async () => {
  const ids = Array.from({ length: 230 }, (_, index) => `turn-${index}`);
  const store = await storeWith(
    "paginated",
    ids.flatMap((turnId) => wholeTurn(turnId, [])),
  );
  const { turns } = await readApiThread(store, { threadId: THREAD_ID, includeTurns: true });
  expect(turns.map(({ id }) => id)).toEqual(ids);
  expect((await readApiThread(store, { threadId: THREAD_ID })).turns).toEqual([]);
});
