import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nodeFileSystem } from "../file-system/node-file-system.js";
import { IndexDatabase } from "./index-database.js";
import { findBase, type Lineage, lineageOf } from "./lineage.js";
import { type RolloutRow, saveRolloutRow } from "./rollout-row.js";

let index: IndexDatabase;

beforeEach(() => {
  index = new IndexDatabase([{ path: null, prepare: () => {} }], nodeFileSystem);
});

afterEach(() => {
  index.close();
});

describe("lineageOf", () => {
  it("of a thread that inherits nothing is its own rollout", () => {
    const row = save({ thread: 1 });
    expect(lineageOf(index, row)).toStrictEqual({ parts: [{ rollout: row, endOrdinalExclusive: null }] });
  });

  it("of forks of forks begins at the root; each part ends where its heir begins", () => {
    save({ thread: 1 });
    save({ thread: 2, base: [1, 10] });
    const leaf = save({ thread: 3, base: [2, 20] });
    expect(shapeOf(lineageOf(index, leaf))).toStrictEqual({
      parts: [
        [1, 10],
        [2, 20],
        [3, null],
      ],
    });
  });

  it("a cut inside what was inherited ends every part before it there", () => {
    save({ thread: 1 });
    save({ thread: 2, base: [1, 10] });
    save({ thread: 3, base: [2, 20] });
    const leaf = save({ thread: 4, base: [3, 5] });
    expect(shapeOf(lineageOf(index, leaf))).toStrictEqual({
      parts: [
        [1, 5],
        [2, 5],
        [3, 5],
        [4, null],
      ],
    });
  });

  it("a reverted thread goes on from its own first rollout, and again from its segments", () => {
    save({ thread: 1 });
    save({ thread: 1, rollout: 11, base: [1, 10] });
    const second = save({ thread: 1, rollout: 12, base: [11, 15] });
    expect(shapeOf(lineageOf(index, second))).toStrictEqual({
      parts: [
        [1, 10],
        [11, 15],
        [12, null],
      ],
    });
  });

  it("a fork of a segment inherits that segment", () => {
    save({ thread: 1 });
    save({ thread: 1, rollout: 11, base: [1, 10] });
    const fork = save({ thread: 2, base: [11, 12] });
    expect(shapeOf(lineageOf(index, fork))).toStrictEqual({
      parts: [
        [1, 10],
        [11, 12],
        [2, null],
      ],
    });
  });

  it("a base that is not there is named, and what is there is given", () => {
    const alone = save({ thread: 2, base: [1, 10] });
    expect(shapeOf(lineageOf(index, alone))).toStrictEqual({ parts: [[2, null]], missingBase: 1 });
    const leaf = save({ thread: 3, base: [2, 20] });
    expect(shapeOf(lineageOf(index, leaf))).toStrictEqual({
      parts: [
        [2, 20],
        [3, null],
      ],
      missingBase: 1,
    });
  });

  it("a rollout that names itself as its base has none", () => {
    const row = save({ thread: 1, base: [1, 10] });
    expect(shapeOf(lineageOf(index, row))).toStrictEqual({ parts: [[1, null]], missingBase: 1 });
  });

  it("a circle ends where it would come back", () => {
    save({ thread: 1, base: [3, 30] });
    save({ thread: 2, base: [1, 10] });
    const row = save({ thread: 3, base: [2, 20] });
    expect(shapeOf(lineageOf(index, row))).toStrictEqual({
      parts: [
        [1, 10],
        [2, 20],
        [3, null],
      ],
      missingBase: 3,
    });
  });

  it("a chain of more than a thousand parts is followed that far", () => {
    for (let thread = 1; thread <= 1_002; thread++)
      save({ thread, ...(thread > 1 ? { base: [thread - 1, thread] } : {}) });
    const lineage = shapeOf(lineageOf(index, save({ thread: 1_003, base: [1_002, 1_003] })));
    expect([lineage.parts.length, lineage.parts[0], lineage.parts.at(-1), lineage.missingBase]).toStrictEqual([
      1_000,
      [4, 5],
      [1_003, null],
      3,
    ]);
  });
});

describe("findBase", () => {
  it("is the rollout of the id, active before archived, plain before compressed", () => {
    const heir = save({ thread: 2, base: [1, 10] });
    save({ thread: 1, path: "archived_sessions/a.jsonl" });
    expect(findBase(index, heir)?.path).toBe("archived_sessions/a.jsonl");
    save({ thread: 1, path: "sessions/a.jsonl.zst" });
    expect(findBase(index, heir)?.path).toBe("sessions/a.jsonl.zst");
    save({ thread: 1, path: "sessions/a.jsonl" });
    expect(findBase(index, heir)?.path).toBe("sessions/a.jsonl");
  });

  it("is the current rollout of the thread of the id when no rollout goes by it", () => {
    save({ thread: 1, rollout: 11, createdAt: "2026-01-01T00:00:00.000Z" });
    save({ thread: 1, rollout: 12, createdAt: "2026-01-02T00:00:00.000Z" });
    expect(findBase(index, save({ thread: 2, base: [1, 10] }))?.rolloutId).toBe(idOf(12));
  });

  it("is found by what a file says, whatever its name is", () => {
    save({ thread: 1, path: "sessions/odd.jsonl" });
    expect(findBase(index, save({ thread: 2, base: [1, 10] }))?.path).toBe("sessions/odd.jsonl");
  });

  it("of a rollout that inherits nothing is none", () => {
    expect(findBase(index, save({ thread: 1 }))).toBeUndefined();
  });
});

interface Shape {
  readonly thread: number;
  readonly rollout?: number;
  readonly base?: readonly [rollout: number, endOrdinalExclusive: number];
  readonly path?: string;
  readonly createdAt?: string;
}

function save({ thread, rollout = thread, base, path = `sessions/${rollout}.jsonl`, createdAt }: Shape): RolloutRow {
  const row: RolloutRow = {
    path,
    inode: 1,
    size: 1,
    mtimeMs: 1,
    fingerprint: "",
    threadId: idOf(thread),
    nameThreadId: idOf(thread),
    rolloutId: idOf(rollout),
    scan: {
      threadId: idOf(thread),
      hasMeta: true,
      historyMode: "paginated",
      ...(base ? { base: { rolloutId: idOf(base[0]), endOrdinalExclusive: base[1] } } : {}),
      facts: createdAt === undefined ? {} : { meta: { historyMode: "paginated", source: "cli", createdAt } },
      hasItems: true,
      readTo: 1,
      isPartial: false,
    },
  };
  saveRolloutRow(index, row);
  return row;
}

/** A lineage by the numbers of its rollouts. */
function shapeOf({ parts, missingBase }: Lineage) {
  return {
    parts: parts.map(({ rollout, endOrdinalExclusive }) => [numberOf(rollout.rolloutId), endOrdinalExclusive]),
    ...(missingBase === undefined ? {} : { missingBase: numberOf(missingBase) }),
  };
}

function idOf(number: number): string {
  return `00000000-0000-7000-8000-${String(number).padStart(12, "0")}`;
}

function numberOf(id: string | null): number {
  return Number(id?.slice(-12));
}
