import { setThreadName, type ThreadStore } from "@threadstore/core";
import { beforeEach, describe, expect, it } from "vitest";
import { event, storeWith, THREAD_ID, wholeTurn } from "../test/support/written-threads.js";
import { type ApiThreadSearchParams, searchApiThreads } from "./thread-search.js";

const USER_MESSAGE = event("item_completed", {
  turn_id: "t",
  item: { type: "UserMessage", id: "u", content: [{ type: "text", text: "A Needle\n in hay" }] },
});
const TOOL = event("item_completed", {
  turn_id: "t",
  item: { type: "CommandExecution", id: "c", command: ["grep", "pin"], aggregated_output: "" },
});

let store: ThreadStore;

beforeEach(async () => {
  store = await storeWith("paginated", [...wholeTurn("t", ["an answer"]), USER_MESSAGE, TOOL]);
});

describe("a search", () => {
  it("finds what was said, on one line", async () => {
    const page = await searchApiThreads(store, { searchTerm: "\tneedle in " });
    expect(page.data.map(({ thread, snippet }) => [thread.id, snippet])).toEqual([[THREAD_ID, "A Needle in hay"]]);
    expect(page.nextCursor).toBeNull();
  });

  it("does not look at names and tools", async () => {
    await setThreadName(store, { threadId: THREAD_ID, name: "needles" });
    for (const searchTerm of ["needles", "pin"]) {
      const empty = { data: [], nextCursor: null, backwardsCursor: null };
      expect(await searchApiThreads(store, { searchTerm })).toEqual(empty);
    }
  });

  it.each([
    [{}, "Invalid request: missing field `searchTerm`"],
    [{ searchTerm: "" }, "thread/search requires a non-empty searchTerm"],
    [{ searchTerm: " \n" }, "thread/search requires a non-empty searchTerm"],
    [{ searchTerm: "needle", cursor: "" }, "invalid cursor: "],
    [{ searchTerm: "needle", cursor: "garbage" }, "invalid cursor: garbage"],
    [
      { searchTerm: "needle", cursor: `2001-01-01T00:00:00Z|${THREAD_ID}` },
      `invalid cursor: 2001-01-01T00:00:00Z|${THREAD_ID}`,
    ],
  ])("is refused with %j", async (params, message) => {
    const refused = searchApiThreads(store, params as ApiThreadSearchParams);
    await expect(refused).rejects.toMatchObject({ code: "invalid_request", message });
  });

  it("goes back from its first row, and on after its last", async () => {
    const { backwardsCursor, data } = await searchApiThreads(store, { searchTerm: "needle" });
    const params = { searchTerm: "NEEDLE", sortDirection: "asc" } as const;
    const back = await searchApiThreads(store, { ...params, cursor: backwardsCursor });
    expect(back.data).toEqual(data);
    const createdAt = (await store.readThread({ threadId: THREAD_ID })).createdAt;
    const cursor = `${createdAt.slice(0, 19)}Z|${THREAD_ID}`;
    expect((await searchApiThreads(store, { searchTerm: "needle", cursor })).data).toEqual([]);
  });
});
