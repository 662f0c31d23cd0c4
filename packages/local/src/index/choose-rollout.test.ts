import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseBase, chooseRollout, isArchived } from "./choose-rollout.js";
import type { RolloutRow } from "./rollout-row.js";

fc.configureGlobal({ seed: 20_261_120, numRuns: 300 });

const ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708";
const SEGMENT = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f709";
const [EARLY, LATE] = ["2026-11-20T10:00:00.000Z", "2026-11-20T11:00:00.000Z"];
const NAME = `rollout-2026-11-20T10-00-00-${ID}.jsonl`;
const SEGMENT_NAME = `rollout-2026-11-20T11-00-00-${ID}_${SEGMENT}.jsonl`;

interface Shape {
  readonly path?: string;
  readonly nameThreadId?: string | null;
  readonly rolloutId?: string;
  readonly createdAt?: string;
  readonly mtimeMs?: number;
}

/** What two files of one thread differ in, the chosen one first. */
const PAIRS: readonly (readonly [rule: string, chosen: Shape, other: Shape])[] = [
  [
    "an active one before an archived one, however new that is",
    { path: `sessions/${NAME}`, createdAt: EARLY },
    { path: `archived_sessions/${SEGMENT_NAME}`, createdAt: LATE, mtimeMs: 9 },
  ],
  [
    "one whose name fits before one whose name is another thread's or none",
    { path: "sessions/a.jsonl", nameThreadId: ID, createdAt: EARLY },
    { path: "sessions/b.jsonl", nameThreadId: null, createdAt: LATE },
  ],
  [
    "the newest segment before older ones",
    { path: `sessions/${SEGMENT_NAME}`, rolloutId: SEGMENT, createdAt: LATE },
    { path: `sessions/${NAME}`, createdAt: EARLY, mtimeMs: 9 },
  ],
  [
    "one that says when it was made before one that does not",
    { path: "sessions/a.jsonl", createdAt: EARLY },
    { path: "sessions/b.jsonl" },
  ],
  [
    "of equal times the segment",
    { path: `sessions/${SEGMENT_NAME}`, rolloutId: SEGMENT, createdAt: EARLY },
    { path: `sessions/${NAME}`, createdAt: EARLY, mtimeMs: 9 },
  ],
  [
    "a plain one before its compressed copy",
    { path: `sessions/${NAME}`, createdAt: EARLY },
    { path: `sessions/${NAME}.zst`, createdAt: EARLY, mtimeMs: 9 },
  ],
  [
    "of two copies the one that was changed last",
    { path: "sessions/a.jsonl", createdAt: EARLY, mtimeMs: 9 },
    { path: "sessions/b.jsonl", createdAt: EARLY },
  ],
  ["of copies that differ in nothing always the same", { path: "sessions/b.jsonl" }, { path: "sessions/a.jsonl" }],
];

describe("chooseRollout", () => {
  it("of none is none, of one is that one", () => {
    expect(chooseRollout([], undefined)).toBeUndefined();
    const row = aRow({ path: `archived_sessions/${NAME}.zst` });
    expect(chooseRollout([row], undefined)).toBe(row);
  });

  it.each(PAIRS)("chooses %s", (_rule, chosen, other) => {
    const rows = [aRow(chosen), aRow(other)];
    expect(chooseRollout(rows, undefined)).toBe(rows[0]);
    expect(chooseRollout(rows.toReversed(), undefined)).toBe(rows[0]);
  });

  it("chooses the segment that Codex goes on writing, plain or compressed", () => {
    const old = aRow({ path: `sessions/2026/11/20/${NAME}.zst`, createdAt: EARLY });
    const newest = aRow({ path: `sessions/${SEGMENT_NAME}`, rolloutId: SEGMENT, createdAt: LATE });
    expect(chooseRollout([old, newest], { rolloutName: NAME })).toBe(old);
    expect(chooseRollout([old, newest], { rolloutName: SEGMENT_NAME })).toBe(newest);
    expect(chooseRollout([old, newest], { rolloutName: "gone.jsonl" })).toBe(newest);
  });

  it("an archived one that Codex names does not come before an active one", () => {
    const archived = aRow({ path: `archived_sessions/${NAME}` });
    const active = aRow({ path: `sessions/${SEGMENT_NAME}`, rolloutId: SEGMENT });
    expect(chooseRollout([archived, active], { rolloutName: NAME })).toBe(active);
  });

  it("does not depend on the order of the files, and leaves that as it is", () => {
    fc.assert(
      fc.property(rowLists(), fc.constantFrom(undefined, NAME, SEGMENT_NAME), fc.nat(), (rows, rolloutName, turn) => {
        const neighbour = rolloutName === undefined ? {} : { rolloutName };
        const before = [...rows];
        const chosen = chooseRollout(rows, neighbour);
        const at = turn % Math.max(1, rows.length);
        const turned = [...rows.slice(at), ...rows.slice(0, at)].toReversed();
        expect(chooseRollout(turned, neighbour)).toBe(chosen);
        expect(rows).toStrictEqual(before);
      }),
    );
  });

  it("chooses better than everything it could have chosen", () => {
    fc.assert(
      fc.property(rowLists(), (rows) => {
        const chosen = chooseRollout(rows, undefined);
        for (const row of rows) if (chosen) expect(chooseRollout([row, chosen], undefined)).toBe(chosen);
      }),
    );
  });
});

describe("chooseBase", () => {
  it("is never the heir itself, nor its compressed copy", () => {
    const heir = aRow({ path: `sessions/${NAME}`, createdAt: LATE });
    const copy = aRow({ path: `sessions/${NAME}.zst`, createdAt: LATE });
    const base = aRow({ path: "sessions/base.jsonl", createdAt: EARLY });
    expect(chooseBase([heir, copy, base], heir)).toBe(base);
    expect(chooseBase([heir, copy], heir)).toBeUndefined();
    expect(chooseBase([heir, copy, base], copy)).toBe(base);
  });
});

describe("isArchived", () => {
  it("is what lies in the folder of archived rollouts", () => {
    const paths = ["sessions/a.jsonl", "archived_sessions/a.jsonl", "sessions/archived_sessions/a.jsonl"];
    expect(paths.map((path) => isArchived({ path }))).toStrictEqual([false, true, false]);
  });
});

function aRow({ path = `sessions/${NAME}`, createdAt, ...shape }: Shape): RolloutRow {
  return {
    path,
    inode: 1,
    size: 1,
    fingerprint: "",
    threadId: ID,
    nameThreadId: shape.nameThreadId === undefined ? ID : shape.nameThreadId,
    rolloutId: shape.rolloutId ?? ID,
    mtimeMs: shape.mtimeMs ?? 1,
    scan: {
      threadId: ID,
      hasMeta: true,
      historyMode: "paginated",
      facts: { meta: { historyMode: "paginated", source: "cli", ...(createdAt === undefined ? {} : { createdAt }) } },
      hasItems: true,
      readTo: 1,
      isPartial: false,
    },
  };
}

/** Files of one thread; no two at one path. */
function rowLists(): fc.Arbitrary<RolloutRow[]> {
  const folders = fc.constantFrom("sessions", "sessions/2026/11/20", "archived_sessions");
  const names = fc.constantFrom(NAME, `${NAME}.zst`, SEGMENT_NAME, "odd.jsonl");
  const shapes = fc.record({
    path: fc.tuple(folders, names).map((parts) => parts.join("/")),
    createdAt: fc.constantFrom(EARLY, LATE),
    mtimeMs: fc.nat(2),
    nameThreadId: fc.constantFrom(ID, null),
    rolloutId: fc.constantFrom(ID, SEGMENT),
  });
  return fc.uniqueArray(shapes.map(aRow), { selector: (row) => row.path, maxLength: 8 });
}
