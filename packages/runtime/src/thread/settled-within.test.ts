import { expect, it } from "vitest";
import { never } from "../../../../test/support/gate.js";
import { settledWithin } from "./settled-within.js";

it("a promise that is settled in time is, well or not", async () => {
  expect(await settledWithin(Promise.resolve(1), 60_000)).toBe(true);
  expect(await settledWithin(Promise.reject(new Error("no")), 60_000)).toBe(true);
});

it("a promise that never settles is not", async () => {
  expect(await settledWithin(never(), 1)).toBe(false);
});
