import { describe, expect, it } from "vitest";
import { positionOfTime } from "./time-cursor.js";

const FIRST_ID = "00000000-0000-0000-0000-000000000000";

describe("positionOfTime", () => {
  it.each(["2026-01-15T12:00:40.999Z", "2026-01-15T12:00:40.001Z", "2026-01-15T12:00:41.000Z", "2026-01-15T12:00:41Z"])(
    "descending from %s begins before second 41",
    (cursor) => {
      const value = "2026-01-15T12:00:41.000Z";
      expect(positionOfTime(cursor, "desc")).toStrictEqual({ value, threadId: FIRST_ID, inclusive: false });
    },
  );

  it.each(["2026-01-15T12:00:41.001Z", "2026-01-15T12:00:41.999Z", "2026-01-15T12:00:41.000Z", "2026-01-15T12:00:41Z"])(
    "ascending from %s begins with second 42",
    (cursor) => {
      const value = "2026-01-15T12:00:42.000Z";
      expect(positionOfTime(cursor, "asc")).toStrictEqual({ value, threadId: FIRST_ID, inclusive: true });
    },
  );

  it("a time may have an offset", () => {
    const value = "2026-01-15T12:00:41.000Z";
    const position = { value, threadId: FIRST_ID, inclusive: false };
    expect(positionOfTime("2026-01-15T13:00:40.999+01:00", "desc")).toStrictEqual(position);
  });

  it("seconds go on in the next day, month and year", () => {
    expect(positionOfTime("2025-12-31T23:59:59.001Z", "asc")?.value).toBe("2026-01-01T00:00:00.000Z");
    expect(positionOfTime("2025-12-31T23:59:59.999Z", "desc")?.value).toBe("2026-01-01T00:00:00.000Z");
  });

  it.each(["", "2026", "2026-01-15", "2026-02-30T12:00:00.000Z", "2026-01-15T25:00:00.000Z", "WyJ0MSIs", "yesterday"])(
    "%j is no time",
    (cursor) => {
      expect(positionOfTime(cursor, "desc")).toBeNull();
    },
  );
});
