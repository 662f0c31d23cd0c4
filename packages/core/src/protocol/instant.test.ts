import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instantFromMs, instantToMs, parseInstant } from "./instant.js";

fc.configureGlobal({ seed: 20_261_120, numRuns: 500 });

const MS_MAX = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

describe("parseInstant", () => {
  it.each([
    ["2026-11-20T10:51:48.248Z", "2026-11-20T10:51:48.248Z"],
    ["2026-11-20T10:51:48Z", "2026-11-20T10:51:48.000Z"],
    ["2026-11-20T10:51:48.2Z", "2026-11-20T10:51:48.200Z"],
    ["2026-11-20T10:51:48.248999Z", "2026-11-20T10:51:48.248Z"],
    ["2026-11-20T10:51:48.123456789Z", "2026-11-20T10:51:48.123Z"],
    ["2026-11-20T12:51:48.248+02:00", "2026-11-20T10:51:48.248Z"],
    ["2026-11-20T02:51:48.248-08:00", "2026-11-20T10:51:48.248Z"],
    ["2026-11-20T16:21:48+0530", "2026-11-20T10:51:48.000Z"],
    ["2026-11-20T23:30:00-01:30", "2026-11-21T01:00:00.000Z"],
    ["2026-11-20T10:51:48.248-00:00", "2026-11-20T10:51:48.248Z"],
    ["2026-11-20t10:51:48z", "2026-11-20T10:51:48.000Z"],
    ["2026-11-20 10:51:48+00:00", "2026-11-20T10:51:48.000Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
  ])("reads RFC 3339: %s", (text, instant) => {
    expect(parseInstant(text)).toBe(instant);
  });

  it.each(["2026-11-20t10:51:48.248Z", "2026-11-20 10:51:48.248Z", "2026-11-20T10:51:48.248z"])(
    "every spelling of a moment is the same instant: %s",
    (text) => {
      expect(parseInstant(text)).toBe("2026-11-20T10:51:48.248Z");
    },
  );

  it("reads the time of a file name as UTC", () => {
    expect(parseInstant("2026-11-20T10-51-48")).toBe("2026-11-20T10:51:48.000Z");
  });

  it.each([
    "",
    "yesterday",
    "2026-11-20",
    "2026-11-20T10:51:48",
    "2026-11-20T10:51Z",
    "2026-11-20T10:51:48.Z",
    "2026-13-20T10:51:48Z",
    "2026-11-20T25:51:48Z",
    "2026-11-20T10:51:48+99:99",
    "2026-11-20T10-51-48Z",
    "2026-11-20T99-51-48",
    "1795171908248",
    " 2026-11-20T10:51:48Z",
    "2026-11-20T10:51:48Z\n",
    "+002026-11-20T10:51:48Z",
  ])("is null for %j", (text) => {
    expect(parseInstant(text)).toBeNull();
  });

  it.each(["20 November 2026 10:51 Z", "1 Jan 2026 (日本語日本語日) 0 Z"])(
    "is null for %j, which is as long as an instant and which Date.parse takes",
    (text) => {
      expect(parseInstant(text)).toBeNull();
    },
  );

  it.each(["2026-02-30T00:00:00Z", "2026-02-30T00:00:00.000Z"])(
    "a day that the month does not have is null: %s",
    (text) => {
      expect(parseInstant(text)).toBeNull();
    },
  );

  it("what an offset says is taken off", () => {
    const offsets = fc.tuple(fc.constantFrom("+", "-"), fc.nat(14), fc.nat(59));
    const moments = fc.integer({ min: Date.UTC(1971, 0), max: Date.UTC(9998, 0) });
    fc.assert(
      fc.property(moments, offsets, (ms, [sign, hours, minutes]) => {
        const offsetMs = (sign === "+" ? 1 : -1) * (hours * 60 + minutes) * 60_000;
        const local = new Date(ms + offsetMs).toISOString().slice(0, -1);
        const offset = `${sign}${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
        expect(parseInstant(local + offset)).toBe(new Date(ms).toISOString());
      }),
    );
  });
});

describe("instantFromMs", () => {
  it("is read back, and sorts as text as it does as a number", () => {
    const moments = fc.integer({ min: 0, max: MS_MAX });
    fc.assert(
      fc.property(moments, moments, (a, b) => {
        expect([a, b].map(instantFromMs).map(instantToMs)).toStrictEqual([a, b]);
        expect([a, b].map(instantFromMs).map(parseInstant)).toStrictEqual([a, b].map(instantFromMs));
        expect(instantFromMs(a) < instantFromMs(b)).toBe(a < b);
      }),
    );
  });

  it("drops the fraction of a millisecond", () => {
    expect(instantFromMs(1_795_171_908_248.9)).toBe("2026-11-20T10:51:48.248Z");
  });

  it("later than the year 9999 is its last moment", () => {
    expect([MS_MAX + 1, Number.POSITIVE_INFINITY].map(instantFromMs)).toStrictEqual(
      Array(2).fill("9999-12-31T23:59:59.999Z"),
    );
  });

  it("a moment before 1970 is the same instant whether it was counted or read", () => {
    const moon = "1969-07-20T20:17:40.000Z";
    expect(instantFromMs(Date.parse(moon))).toBe(moon);
    expect(parseInstant("1969-07-20T20:17:40Z")).toBe(parseInstant(moon));
  });
});
