import { expect, it } from "vitest";
import { shorten } from "./shorten.js";

it.each([
  ["abc", 3, "abc"],
  ["abcd", 3, "ab…"],
  ["a🚀cd", 3, "a…"],
  ["a🚀cd", 4, "a🚀…"],
])("%s in %i characters is %s", (text, charactersMax, short) => {
  expect(shorten(text, charactersMax)).toBe(short);
});
