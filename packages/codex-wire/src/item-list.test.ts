import type { ThreadStore } from "@threadstore/core";
import { beforeEach, describe, expect, it } from "vitest";
import { storeWith, THREAD_ID, wholeTurn } from "../test/support/written-threads.js";
import { listApiItems } from "./item-list.js";
import { readApiItems } from "./item-read.js";
import { InvalidParamsError } from "./wire-errors.js";

const threadId = THREAD_ID;
const UNKNOWN = "01900000-0000-7000-8000-000000000009";
const EMPTY = { data: [], nextCursor: null, backwardsCursor: null };

let store: ThreadStore;

beforeEach(async () => {
  store = await storeWith("paginated", [...wholeTurn("t", ["a", "b", "c"]), ...wholeTurn("u", ["d"])]);
});

describe("a page of items that begins at an item", () => {
  it.each([
    ["asc", ["c"]],
    ["desc", ["a"]],
  ] as const)("goes %s from beyond it", async (sortDirection, expected) => {
    const cursor = { type: "item", itemId: "b" } as const;
    const { data } = await listApiItems(store, { threadId, turnId: "t", cursor, sortDirection });
    expect(data.map(({ item }) => item.id)).toEqual(expected);
  });

  it.each([undefined, null, ""])("needs a turn, not %j", async (turnId) => {
    const cursor = { type: "item", itemId: "b" } as const;
    const refused = listApiItems(store, { threadId, cursor, ...(turnId === undefined ? {} : { turnId }) });
    await expect(refused).rejects.toThrow(new InvalidParamsError("turnId is required when cursor is an item anchor"));
    await expect(refused).rejects.toBeInstanceOf(InvalidParamsError);
  });

  it.each([
    ["t", "d"],
    ["t", ""],
    ["gone", "a"],
  ])("needs an item of that turn: in %s, not %j", async (turnId, itemId) => {
    const refused = listApiItems(store, { threadId, turnId, cursor: { type: "item", itemId } });
    await expect(refused).rejects.toBeInstanceOf(InvalidParamsError);
    await expect(refused).rejects.toMatchObject({
      code: "invalid_request",
      message: "cursor.itemId does not identify an item in the requested history scope",
    });
  });
});

it.each(["gone", ""])("a turn that is not there, %j, has no items", async (turnId) => {
  expect(await listApiItems(store, { threadId, turnId })).toEqual(EMPTY);
  expect(await readApiItems(store, { threadId, turnId, itemIds: ["a"] })).toEqual({ data: [] });
});

it("items of an unknown thread are not found", async () => {
  const refusal = { code: "thread_not_found", message: `thread not found: ${UNKNOWN}` };
  await expect(listApiItems(store, { threadId: UNKNOWN })).rejects.toMatchObject(refusal);
  await expect(readApiItems(store, { threadId: UNKNOWN, turnId: "t", itemIds: ["a"] })).rejects.toMatchObject(refusal);
});
