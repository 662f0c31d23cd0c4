import { describe, expect, it } from "vitest";
import { colorsFor } from "./colors.js";

describe("colours", () => {
  it.each([
    ["on a terminal", { isTTY: true }, {}, true],
    ["on a terminal, NO_COLOR being empty", { isTTY: true }, { NO_COLOR: "" }, true],
    ["not in a pipe", {}, {}, false],
    ["not in a pipe, whatever else is wished", {}, { FORCE_COLOR: "1", CI: "1" }, false],
    ["not with NO_COLOR", { isTTY: true }, { NO_COLOR: "1" }, false],
    ["not on a dumb terminal", { isTTY: true }, { TERM: "dumb" }, false],
  ])("are there %s", (_when, target, environment, isColoured) => {
    expect(colorsFor(target, environment).red("x")).toBe(isColoured ? "\u001b[31mx\u001b[39m" : "x");
  });
});
