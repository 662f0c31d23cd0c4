import { afterEach, describe, expect, it, vi } from "vitest";
import { parseRolloutName } from "./rollout-name.js";
import { folderOfRollout, newRolloutPath } from "./rollout-path.js";

const ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708";
const SEGMENT = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f709";

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("the path of a new rollout", () => {
  it.each([
    ["UTC", "sessions/2025/12/31/rollout-2025-12-31T23-59-59"],
    ["Pacific/Kiritimati", "sessions/2026/01/01/rollout-2026-01-01T13-59-59"],
    ["America/New_York", "sessions/2025/12/31/rollout-2025-12-31T18-59-59"],
    ["Asia/Kolkata", "sessions/2026/01/01/rollout-2026-01-01T05-29-59"],
  ])("says the local time of %s", (zone, expected) => {
    vi.stubEnv("TZ", zone);
    expect(newRolloutPath(Date.UTC(2025, 11, 31, 23, 59, 59, 999), ID)).toBe(`${expected}-${ID}.jsonl`);
  });

  it.each([
    ["before", Date.UTC(2026, 9, 25, 0, 30), "02-30-00"],
    ["after", Date.UTC(2026, 9, 25, 1, 30), "02-30-00"],
  ])("says the hour that comes twice %s clocks are set back", (_when, nowMs, time) => {
    vi.stubEnv("TZ", "Europe/Berlin");
    expect(newRolloutPath(nowMs, ID)).toBe(`sessions/2026/10/25/rollout-2026-10-25T${time}-${ID}.jsonl`);
  });

  it("of a segment names the thread and the segment", () => {
    vi.stubEnv("TZ", "UTC");
    const path = newRolloutPath(Date.UTC(2026, 0, 2, 3, 4, 5), ID, SEGMENT);
    expect(path).toBe(`sessions/2026/01/02/rollout-2026-01-02T03-04-05-${ID}_${SEGMENT}.jsonl`);
    expect(parseRolloutName(path.slice(path.lastIndexOf("/") + 1))).toStrictEqual({
      threadId: ID,
      rolloutId: SEGMENT,
      isCompressed: false,
    });
  });

  it.each(["UTC", "Pacific/Kiritimati", "America/New_York"])("lies in the folder that its name says (%s)", (zone) => {
    vi.stubEnv("TZ", zone);
    const path = newRolloutPath(Date.UTC(2026, 2, 1, 2), ID);
    const at = path.lastIndexOf("/");
    expect(folderOfRollout(path.slice(at + 1))).toBe(path.slice(0, at));
  });
});

describe("the folder of a rollout", () => {
  it.each([
    [`rollout-2026-01-02T03-04-05-${ID}.jsonl`, "sessions/2026/01/02"],
    [`rollout-2026-01-02T03-04-05-${ID}.jsonl.zst`, "sessions/2026/01/02"],
    [`rollout-2026-01-02-${ID}.jsonl`, null],
    [`copy of rollout-2026-01-02T03-04-05-${ID}.jsonl`, null],
    [`${ID}.jsonl`, null],
  ])("%s is %s", (name, folder) => {
    expect(folderOfRollout(name)).toBe(folder);
  });
});
