import { InvalidArgumentError } from "commander";
import { describe, expect, it } from "vitest";
import { parseSince } from "./since.js";

const NOW_MS = Date.parse("2026-11-20T12:00:00.000Z");

describe("since", () => {
  it.each([
    ["a day", "2026-11-18", "2026-11-18T00:00:00.000Z"],
    ["an instant", "2026-11-18T10:51:48.248Z", "2026-11-18T10:51:48.248Z"],
    ["an instant elsewhere", "2026-11-18T10:51:48+02:00", "2026-11-18T08:51:48.000Z"],
    ["an age in days", "7d", "2026-11-13T12:00:00.000Z"],
    ["an age in hours", "24h", "2026-11-19T12:00:00.000Z"],
    ["an age before all records", "9999999d", "0000-01-01T00:00:00.000Z"],
  ])("takes %s", (_what, text, instant) => {
    expect(parseSince(text, NOW_MS)).toBe(instant);
  });

  it.each(["yesterday", "7", "7 moons", "2026-02-30", "2026-11", "11/20/2026", ""])("refuses %j", (text) => {
    expect(() => parseSince(text, NOW_MS)).toThrow(InvalidArgumentError);
  });
});
