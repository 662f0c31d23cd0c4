import { describe, expect, it } from "vitest";
import { colorsFor } from "../output/colors.js";
import { type DrawTreeOptions, drawTree } from "./draw-tree.js";
import type { ThreadRow } from "./thread-row.js";
import { growTrees } from "./thread-tree.js";

const NOW_MS = Date.UTC(2026, 0, 4);

const PLAIN: DrawTreeOptions = {
  colors: colorsFor({}),
  statuses: new Map(),
  nowMs: NOW_MS,
  width: 80,
  levelsMax: 9,
};

function row(threadId: string, facts: Partial<ThreadRow> = {}): ThreadRow {
  const at = "2026-01-01T00:00:00.000Z";
  return { threadId, preview: threadId, createdAt: at, updatedAt: at, isArchived: false, sourceKind: "cli", ...facts };
}

function draw(rows: readonly ThreadRow[], options: Partial<DrawTreeOptions> = {}): string[] {
  return growTrees(rows).flatMap((root) => [...drawTree(root, { ...PLAIN, ...options })]);
}

describe("drawTree", () => {
  it("draws a line for each thread, with branches to what hangs below it", () => {
    const rows = [
      row("a", { name: "Root" }),
      row("b", { forkedFromId: "a" }),
      row("c", { parentThreadId: "b", agentNickname: "Ada", agentRole: "scout", agentPath: "/team/ada" }),
      row("d", { parentThreadId: "a", sourceKind: "subAgentReview", isArchived: true }),
    ];
    const statuses = new Map([["c", "closed"]] as const);
    expect(draw(rows, { statuses, markedId: "b" })).toEqual([
      "a 3d   Root",
      "├─ ▶ b 3d   [fork] b",
      "│  └─ c 3d   [agent Ada (scout) /team/ada closed] c",
      "└─ d 3d   [agent review] [archived] d",
    ]);
  });

  it("says why a thread that names a parent is a root", () => {
    const rows = [
      row("a", { forkedFromId: "gone" }),
      row("b", { parentThreadId: "c" }),
      row("c", { parentThreadId: "b" }),
    ];
    expect(draw(rows)).toEqual([
      "a 3d   [fork of gone, which is gone] a",
      "b 3d   [agent of c, which is below] b",
      "└─ c 3d   [agent] c",
    ]);
  });

  it("keeps to one line of the width, without what a terminal would obey", () => {
    const name = `\u001b[31mred\u001b[0m\nnext\u202e ${"x".repeat(99)}`;
    const agentNickname = `\u001b]0;title\u0007Eve\u0007 ${"y".repeat(99)}`;
    const [root, child] = draw([row("a", { name }), row("b", { parentThreadId: "a", agentNickname })], { width: 60 });
    expect(root).toBe(`a 3d   red next  ${"x".repeat(42)}…`);
    expect(child).toBe(`└─ b 3d   [agent Eve  ${"y".repeat(54)}…] b`);
    expect(root?.length).toBe(60);
  });

  it("tells of deeper threads only how many they are", () => {
    const rows = ["b", "c", "d", "e"].map((id, n) => row(id, { forkedFromId: "abcd"[n] as string }));
    expect(draw([row("a"), ...rows], { levelsMax: 2 })).toEqual([
      "a 3d   a",
      "└─ b 3d   [fork] b",
      "   └─ c 3d   [fork] c",
      "      └─ 2 more below",
    ]);
  });
});
