import { expect, it } from "vitest";
import { Xxh64 } from "./xxh64.js";

/** What `zstd --check` wrote behind frames of these bytes. */
const BYTES = Buffer.from(Array.from({ length: 100 }, (_, at) => (at * 131 + at * at * 7) & 255));

it.each([
  ["", 0x51d8e999],
  ["a", 0xa98c6e5b],
  ["abc", 0xad770999],
] as const)("the hash of '%s' ends in %i", (text, lowHalf) => {
  const hash = new Xxh64();
  hash.update(Buffer.from(text));
  expect(hash.lowHalf()).toBe(lowHalf);
});

it("a hash does not depend on how the bytes come", () => {
  const whole = new Xxh64();
  whole.update(BYTES);
  for (const step of [1, 7, 8, 31, 32, 33, 64]) {
    const pieces = new Xxh64();
    for (let at = 0; at < BYTES.length; at += step) pieces.update(BYTES.subarray(at, at + step));
    expect(pieces.lowHalf(), `in steps of ${step}`).toBe(whole.lowHalf());
  }
});
