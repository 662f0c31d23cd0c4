import { describe, expect, it } from "vitest";
import { applyRecord, asJournalRecord, type JournalRecord, type ThreadState } from "./thread-state.js";

const ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708";
const PARENT = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f709";
const TOUCHED = touchedAt(1);
const FULL: ThreadState = {
  patch: { name: "before", gitInfo: { branch: "main" } },
  revision: 4,
  touched: TOUCHED,
  seen: { gitInfo: null },
  archivedAt: "2026-01-02T00:00:00.000Z",
  born: { facts: {} },
  edge: { parentThreadId: PARENT, status: "open" },
};

describe("what is known of a thread", () => {
  it("is nothing before the first record", () => {
    expect(fold([])).toStrictEqual({});
  });

  it("after patches is all of them merged, the last touch, and how many there were", () => {
    const state = fold([
      patched({ name: "one", model: "m", gitInfo: { branch: "main", commitHash: "c" } }, 1),
      patched({ name: null, gitInfo: { branch: null } }, 2),
    ]);
    expect(state).toStrictEqual({
      revision: 2,
      patch: { name: null, model: "m", gitInfo: { branch: null, commitHash: "c" } },
      seen: {},
      touched: touchedAt(2),
    });
  });

  it("keeps of each field what the real Codex said when it was last patched", () => {
    const state = fold([
      { ...patched({ memoryMode: "disabled" }, 1), seen: { memoryMode: "enabled" } },
      { ...patched({ gitInfo: { branch: "b" } }, 2), seen: { gitInfo: { branch: "a" } } },
      { ...patched({ memoryMode: "enabled" }, 3), seen: { memoryMode: null } },
    ]);
    expect(state.seen).toStrictEqual({ memoryMode: null, gitInfo: { branch: "a" } });
  });

  it.each<readonly [string, JournalRecord, ThreadState]>([
    ["a touch", { type: "touched", threadId: ID, touched: touchedAt(9) }, { ...FULL, touched: touchedAt(9) }],
    ["archiving", archived("2026-02-01"), { ...FULL, revision: 5, archivedAt: "2026-02-01T00:00:00.000Z" }],
    ["unarchiving", { type: "unarchived", threadId: ID, touched: touchedAt(9) }, unarchived()],
    ["an edge", { type: "edge", threadId: ID, edge: null }, { ...FULL, edge: null }],
    ["birth", { type: "born", threadId: ID, born: { facts: {} } }, { born: { facts: {} } }],
    ["deletion", { type: "deleted", threadId: ID }, { edge: null }],
    ["everything in one", { type: "thread", threadId: ID, state: { revision: 9 } }, { revision: 9 }],
    ["a kind of another version", { type: "later", threadId: ID } as unknown as JournalRecord, FULL],
  ])("after %s", (_what, record, expected) => {
    const before = structuredClone(FULL);
    expect(applyRecord(before, record)).toStrictEqual(expected);
    expect(before, "what was known stays as it is").toStrictEqual(FULL);
  });

  it("is the same when all that came before is told in one record", () => {
    const later = [patched({ name: "later", gitInfo: { repositoryUrl: "r" } }, 7), archived("2026-02-01")];
    const folded: JournalRecord = { type: "thread", threadId: ID, state: JSON.parse(JSON.stringify(FULL)) };
    expect(fold([folded, ...later])).toStrictEqual(later.reduce(applyRecord, FULL));
  });
});

describe("a journal record", () => {
  it("is one that names a thread, of whatever kind", () => {
    const later = { type: "later", threadId: ID };
    expect([
      asJournalRecord(later),
      asJournalRecord({ type: "header" }),
      asJournalRecord({ threadId: 7 }),
    ]).toStrictEqual([later, null, null]);
  });
});

function fold(records: readonly JournalRecord[]): ThreadState {
  return records.reduce(applyRecord, {});
}

function patched(patch: Extract<JournalRecord, { type: "patched" }>["patch"], second: number) {
  return { type: "patched", threadId: ID, patch, touched: touchedAt(second) } as const;
}

function touchedAt(second: number) {
  return { updatedAt: `2026-01-01T00:00:0${second}.000Z`, rolloutName: "rollout.jsonl", rolloutBytes: second };
}

function archived(day: string) {
  return { type: "archived", threadId: ID, archivedAt: `${day}T00:00:00.000Z` } as const;
}

function unarchived(): ThreadState {
  const { archivedAt: _archivedAt, ...active } = FULL;
  return { ...active, revision: 5, touched: touchedAt(9) };
}
