import type { Instant, ThreadId } from "@threadstore/core";
import type { ThreadRow } from "./thread-row.js";

/** A thread among its sub-agents and forks. */
export interface ThreadNode {
  readonly row: ThreadRow;
  readonly parent: ThreadNode | null;
  /** Oldest first. */
  readonly children: readonly ThreadNode[];
  /** Why a thread that names a parent is a root: the parent is not there any more, or is among its own descendants. */
  readonly rootBecause: "parentMissing" | "circle" | null;
}

/** How a thread came to be: by itself, as a sub-agent of its parent, or as a fork of it. */
export type ThreadKind = "thread" | "agent" | "fork";

/** Makes trees of threads and returns their roots. Every thread is in exactly one tree, also where parents form a circle. */
export function growTrees(rows: Iterable<ThreadRow>): readonly ThreadNode[] {
  const nodes = new Map<ThreadId, GrowingNode>();
  for (const row of rows) nodes.set(row.threadId, { row, parent: null, children: [], rootBecause: null });
  for (const node of nodes.values()) {
    const parentId = parentIdOf(node.row);
    if (parentId === undefined) continue;
    node.parent = nodes.get(parentId) ?? null;
    if (node.parent === null) node.rootBecause = "parentMissing";
  }
  cutCircles(nodes.values());
  for (const node of nodes.values()) node.parent?.children.push(node);
  for (const { children } of nodes.values()) children.sort(byAge);
  return [...nodes.values()].filter(({ parent }) => parent === null);
}

export function kindOf({ parentThreadId, forkedFromId }: ThreadRow): ThreadKind {
  if (parentThreadId !== undefined) return "agent";
  return forkedFromId === undefined ? "thread" : "fork";
}

/** Who spawned a thread is its parent, whatever it was forked from. */
export function parentIdOf({ parentThreadId, forkedFromId }: ThreadRow): ThreadId | undefined {
  return parentThreadId ?? forkedFromId;
}

/** A thread and all below it. No stack of calls limits how deep they may be. */
export function* nodesBelow(root: ThreadNode): Generator<ThreadNode> {
  const waiting = [root];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    yield node;
    for (const child of node.children) waiting.push(child);
  }
}

/** The root of a thread's tree, or the ancestor so many levels above it. `above` counts the levels that are left. */
export function ancestorOf(node: ThreadNode, levelsMax: number): { readonly top: ThreadNode; readonly above: number } {
  let top = node;
  for (let level = 0; level < levelsMax && top.parent; level++) top = top.parent;
  let above = 0;
  for (let { parent } = top; parent; parent = parent.parent) above += 1;
  return { top, above };
}

export interface TreeChoice {
  readonly limit: number;
  /** True: trees whose threads are all archived. False: the others. */
  readonly isArchived: boolean;
}

export interface ChosenTrees {
  /** The tree that changed last comes first. */
  readonly trees: readonly ThreadNode[];
  /** Trees beyond the limit. */
  readonly older: number;
  /** Trees that the other choice of `isArchived` has. */
  readonly others: number;
}

/** The trees that changed last. */
export function newestTrees(roots: readonly ThreadNode[], { limit, isArchived }: TreeChoice): ChosenTrees {
  const all = roots.map(ageOf);
  const wanted = all.filter((tree) => tree.isArchived === isArchived);
  wanted.sort((a, b) => -compare(a.updatedAt, b.updatedAt) || -compare(a.root.row.threadId, b.root.row.threadId));
  const trees = wanted.slice(0, limit).map(({ root }) => root);
  return { trees, older: wanted.length - trees.length, others: all.length - wanted.length };
}

function ageOf(root: ThreadNode): { root: ThreadNode; updatedAt: Instant; isArchived: boolean } {
  let { updatedAt, isArchived } = root.row;
  for (const { row } of nodesBelow(root)) {
    if (row.updatedAt > updatedAt) updatedAt = row.updatedAt;
    isArchived &&= row.isArchived;
  }
  return { root, updatedAt, isArchived };
}

interface GrowingNode extends ThreadNode {
  parent: GrowingNode | null;
  children: GrowingNode[];
  rootBecause: ThreadNode["rootBecause"];
}

/** Edges can be set in a circle, which has no root: its oldest thread becomes one. */
function cutCircles(nodes: Iterable<GrowingNode>): void {
  const settled = new Set<GrowingNode>();
  for (const start of nodes) {
    const path = new Set<GrowingNode>();
    let node: GrowingNode | null = start;
    for (; node && !settled.has(node) && !path.has(node); node = node.parent) path.add(node);
    if (node && path.has(node)) {
      const root = oldestOfCircle(node);
      root.parent = null;
      root.rootBecause = "circle";
    }
    for (const passed of path) settled.add(passed);
  }
}

function oldestOfCircle(start: GrowingNode): GrowingNode {
  let oldest = start;
  for (let node = start.parent; node && node !== start; node = node.parent) {
    if (byAge(node, oldest) < 0) oldest = node;
  }
  return oldest;
}

function byAge(a: ThreadNode, b: ThreadNode): number {
  return compare(a.row.createdAt, b.row.createdAt) || compare(a.row.threadId, b.row.threadId);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
