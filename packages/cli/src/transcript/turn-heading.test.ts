import { parseInstant, type StoredTurn } from "@threadstore/core";
import { describe, expect, it } from "vitest";
import { formatSeconds, turnEnding, turnHeading } from "./turn-heading.js";

const TURN: StoredTurn = {
  turnId: "t-1",
  firstOrdinal: 0,
  endOrdinalExclusive: 9,
  items: [],
  itemsView: "notLoaded",
  status: "completed",
};

describe("a turn", () => {
  it("is headed by its number, its id, its beginning and its time, as far as they are known", () => {
    const startedAt = parseInstant("2026-11-20T10:51:48.248Z");
    expect(turnHeading({ ...TURN, ...(startedAt ? { startedAt } : {}), durationMs: 61_000 }, 3)).toBe(
      "turn 3 · t-1 · 2026-11-20T10:51:48Z · 1 min 1 s",
    );
    expect(turnHeading({ ...TURN, turnId: "t\u001b[31m" }, 1)).toBe("turn 1 · t");
    expect(formatSeconds(1_795_171_908)).toBe("2026-11-20T10:51:48Z");
  });

  it("says how it ended, unless it was completed", () => {
    const error = { message: "no quota", additionalDetails: "try later" };
    expect(turnEnding(TURN)).toBe(null);
    expect(turnEnding({ ...TURN, status: "interrupted" })).toBe("interrupted");
    expect(turnEnding({ ...TURN, status: "failed", error })).toBe("failed: no quota\ntry later");
    expect(turnEnding({ ...TURN, status: "inProgress" })).toBe("the end of this turn is not recorded");
  });
});
