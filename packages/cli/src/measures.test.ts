import { expect, it } from "vitest";
import { parseDuration, parseSize } from "./measures.js";

it.each([
  ["90d", 90 * 86_400_000],
  ["12h", 43_200_000],
  ["1.5min", 90_000],
  ["0d", 0],
  ["2W", 14 * 86_400_000],
])("%s is %i ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

it.each([
  ["100MB", 1e8],
  ["1.5GB", 1.5e9],
  ["20 kb", 20_000],
  ["7B", 7],
])("%s is %i bytes", (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

it.each(["", "90", "d", "-1d", "1e9d", "1y", "constructor", "1constructor"])("'%s' is refused", (text) => {
  expect(() => parseDuration(text)).toThrow(/must be a duration/);
  expect(() => parseSize(text)).toThrow(/must be a size/);
});
