import { expect, it } from "vitest";
import { formatDuration } from "./duration.js";

it.each([
  [0, "0 ms"],
  [999, "999 ms"],
  [1_000, "1.0 s"],
  [9_999, "9.9 s"],
  [59_999, "59 s"],
  [125_000, "2 min 5 s"],
  [3_600_000, "1 h 0 min"],
  [100 * 3_600_000, "100 h 0 min"],
])("%i milliseconds are %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
