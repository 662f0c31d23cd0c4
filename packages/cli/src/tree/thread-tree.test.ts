import { describe, expect, it } from "vitest";
import type { ThreadRow } from "./thread-row.js";
import { ancestorOf, growTrees, newestTrees, nodesBelow, type ThreadNode } from "./thread-tree.js";

/** A thread whose id is a letter; letters that come later are threads that were made later. */
function row(threadId: string, facts: Partial<ThreadRow> = {}): ThreadRow {
  const createdAt = `2026-01-01T00:00:00.${String(threadId.charCodeAt(0)).padStart(3, "0")}Z`;
  const rest = { preview: "", updatedAt: createdAt, isArchived: false, sourceKind: "cli" } as const;
  return { threadId, createdAt, ...rest, ...facts };
}

/** Ids in the shape of their trees, as in `a(b c(d))`. */
function shapeOf({ row: { threadId }, children }: ThreadNode): string {
  return children.length === 0 ? threadId : `${threadId}(${children.map(shapeOf).join(" ")})`;
}

const agent = (threadId: string, parentThreadId: string) => row(threadId, { parentThreadId });
const fork = (threadId: string, forkedFromId: string) => row(threadId, { forkedFromId });

describe("growTrees", () => {
  it("hangs sub-agents and forks below their parents, oldest first, whatever order they come in", () => {
    const rows = [fork("e", "a"), agent("d", "c"), row("z"), agent("c", "a"), fork("b", "a"), row("a")];
    expect(growTrees(rows).map(shapeOf)).toEqual(["z", "a(b c(d) e)"]);
  });

  it("takes who spawned a thread for its parent, whatever it was forked from", () => {
    const both = row("c", { parentThreadId: "a", forkedFromId: "b" });
    expect(growTrees([row("a"), row("b"), both]).map(shapeOf)).toEqual(["a(c)", "b"]);
  });

  it("makes a thread a root whose parent is gone, and says why", () => {
    const roots = growTrees([row("a"), fork("b", "x"), agent("c", "b")]);
    expect(roots.map((root) => [shapeOf(root), root.rootBecause])).toEqual([
      ["a", null],
      ["b(c)", "parentMissing"],
    ]);
  });

  it("cuts a circle at its oldest thread, and keeps what hangs from it", () => {
    const rows = [agent("d", "c"), agent("c", "b"), agent("b", "d"), agent("e", "c"), agent("s", "s")];
    const roots = growTrees(rows);
    expect(roots.map((root) => [shapeOf(root), root.rootBecause])).toEqual([
      ["b(c(d e))", "circle"],
      ["s", "circle"],
    ]);
  });

  it("takes chains of any length", () => {
    const ids = Array.from({ length: 50_000 }, (_, n) => `n${n}`);
    const [root, ...others] = growTrees(ids.map((id, n) => (n === 0 ? row(id) : fork(id, `n${n - 1}`))));
    expect(others).toEqual([]);
    expect([...nodesBelow(root as ThreadNode)].length).toBe(50_000);
    const last = [...nodesBelow(root as ThreadNode)].at(-1) as ThreadNode;
    const { top, above } = ancestorOf(last, 3);
    expect([last.row.threadId, top.row.threadId, above]).toEqual(["n49999", "n49996", 49_996]);
  });
});

describe("newestTrees", () => {
  const archived = { isArchived: true };
  const late = { updatedAt: "2026-02-01T00:00:00.000Z" };
  const roots = growTrees([
    row("a"),
    row("b", { forkedFromId: "a", ...late }),
    row("c"),
    row("d", archived),
    row("e", archived),
    fork("f", "e"),
  ]);
  const choose = (limit: number, isArchived: boolean) => {
    const { trees, ...counts } = newestTrees(roots, { limit, isArchived });
    return { trees: trees.map(shapeOf), ...counts };
  };

  it("puts the tree first of which a thread changed last, and counts the others", () => {
    expect(choose(9, false)).toEqual({ trees: ["a(b)", "e(f)", "c"], older: 0, others: 1 });
    expect(choose(2, false)).toEqual({ trees: ["a(b)", "e(f)"], older: 1, others: 1 });
  });

  it("takes for archived the trees without any active thread", () => {
    expect(choose(9, true)).toEqual({ trees: ["d"], older: 0, others: 3 });
  });
});
