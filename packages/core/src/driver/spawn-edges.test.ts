import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ThreadSpawnEdge } from "../store/records.js";
import { edgesBelow, findByAgentPath, relatedThreads } from "./spawn-edges.js";

fc.configureGlobal({ seed: 20_261_120, numRuns: 300 });

describe("edgesBelow", () => {
  const tree = [
    edge("root", "b"),
    edge("root", "a"),
    edge("b", "b1"),
    edge("a", "z"),
    edge("a", "y"),
    edge("y", "deep"),
  ];

  it("lists children by id", () => {
    expect(below(tree, { threadId: "root" })).toStrictEqual([edge("root", "a"), edge("root", "b")]);
    expect(below(tree, { threadId: "root", recursive: false })).toStrictEqual([edge("root", "a"), edge("root", "b")]);
  });

  it("lists descendants a generation at a time, each by id", () => {
    expect(below(tree, { threadId: "root", recursive: true })).toStrictEqual([
      edge("root", "a"),
      edge("root", "b"),
      edge("b", "b1"),
      edge("a", "y"),
      edge("a", "z"),
      edge("y", "deep"),
    ]);
  });

  it("a thread without children, or an unknown one, has none", () => {
    for (const threadId of ["deep", "unknown"]) {
      expect(below(tree, { threadId, recursive: true })).toStrictEqual([]);
    }
  });

  it("a status lists its edges only, and what hangs below another one is cut off", () => {
    const mixed = [
      edge("root", "a", "closed"),
      edge("a", "a1", "open"),
      edge("root", "b", "open"),
      edge("b", "b1", "closed"),
    ];
    expect(below(mixed, { threadId: "root", recursive: true, status: "open" })).toStrictEqual([
      edge("root", "b", "open"),
    ]);
    expect(below(mixed, { threadId: "root", recursive: true, status: "closed" })).toStrictEqual([
      edge("root", "a", "closed"),
    ]);
    expect(below(mixed, { threadId: "b", status: "closed" })).toStrictEqual([edge("b", "b1", "closed")]);
  });

  it("a circle ends where it would come back", () => {
    const circle = [edge("a", "b"), edge("b", "c"), edge("c", "a")];
    expect(below(circle, { threadId: "a", recursive: true })).toStrictEqual([edge("a", "b"), edge("b", "c")]);
    expect(below([edge("a", "a")], { threadId: "a", recursive: true })).toStrictEqual([]);
  });

  it("of any edges lists every thread that can be reached once, by its own edge, parents first", () => {
    fc.assert(
      fc.property(edgeSets(), fc.constantFrom("open", "closed", undefined), (edges, status) => {
        const found = below(edges, { threadId: "0", recursive: true, ...(status ? { status } : {}) });
        const allowed = edges.filter((one) => status === undefined || one.status === status);
        expect(found.filter((one) => !allowed.includes(one))).toStrictEqual([]);
        expect(found.map((one) => one.childThreadId).sort()).toStrictEqual(reachable(allowed).sort());
        for (const [at, { parentThreadId }] of found.entries()) {
          const before = ["0", ...found.slice(0, at).map((one) => one.childThreadId)];
          expect(before).toContain(parentThreadId);
        }
      }),
    );
  });
});

describe("relatedThreads", () => {
  const family = [edge("root", "b"), edge("root", "a", "closed"), edge("a", "deep")];

  it("are the children, or all descendants, whatever their edge's status", () => {
    expect(relatedThreads(childrenAmong(family), { childrenOf: "root" })).toStrictEqual(["a", "b"]);
    expect(relatedThreads(childrenAmong(family), { descendantsOf: "root" })).toStrictEqual(["a", "b", "deep"]);
    expect(relatedThreads(childrenAmong(family), { childrenOf: "deep" })).toStrictEqual([]);
  });
});

describe("findByAgentPath", () => {
  const family = [edge("root", "a"), edge("root", "b"), edge("a", "deep"), edge("a", "twin")];
  const paths = new Map([
    ["a", "/a"],
    ["b", "/b"],
    ["deep", "/a/deep"],
    ["twin", "/b"],
  ]);
  const find = (agentPath: string, recursive: boolean) =>
    findByAgentPath(childrenAmong(family), (child) => paths.get(child), { threadId: "root", recursive, agentPath });

  it("is the thread that has the path, no deeper than asked", () => {
    expect(find("/b", false)).toBe("b");
    expect(find("/a/deep", true)).toBe("deep");
    expect(find("/a/deep", false)).toBeNull();
    expect(find("/c", true)).toBeNull();
  });

  it("is a conflict when several threads have it", () => {
    expect(() => find("/b", true)).toThrow(expect.objectContaining({ code: "conflict" }));
  });
});

function edge(parentThreadId: string, childThreadId: string, status: "open" | "closed" = "open"): ThreadSpawnEdge {
  return { parentThreadId, childThreadId, status };
}

function below(edges: readonly ThreadSpawnEdge[], query: Parameters<typeof edgesBelow>[1]): ThreadSpawnEdge[] {
  return edgesBelow(childrenAmong(edges), query);
}

function childrenAmong(edges: readonly ThreadSpawnEdge[]): (parent: string) => ThreadSpawnEdge[] {
  return (parent) => edges.filter((one) => one.parentThreadId === parent);
}

/** The threads that edges lead to from thread 0, by repeating one step until nothing is new. */
function reachable(edges: readonly ThreadSpawnEdge[]): string[] {
  const reached = new Set(["0"]);
  for (let before = 0; before < reached.size; ) {
    before = reached.size;
    for (const one of edges) if (reached.has(one.parentThreadId)) reached.add(one.childThreadId);
  }
  reached.delete("0");
  return [...reached];
}

/** Edges among a few threads, one parent a child; circles are common. */
function edgeSets(): fc.Arbitrary<ThreadSpawnEdge[]> {
  const ids = fc.nat(9).map(String);
  const edges = fc
    .tuple(ids, ids, fc.constantFrom("open" as const, "closed" as const))
    .map((fields) => edge(...fields));
  return fc.uniqueArray(edges, { selector: (one) => one.childThreadId, maxLength: 10 });
}
