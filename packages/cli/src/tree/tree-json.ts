import { type Instant, instantToMs } from "@threadstore/core";
import { threadsBelow } from "./draw-tree.js";
import type { EdgeStatuses } from "./edge-statuses.js";
import { kindOf, type ThreadKind, type ThreadNode } from "./thread-tree.js";

/** A thread of a tree as JSON: what it has in common with the API's threads is spelled as there. */
export interface TreeJson {
  readonly id: string;
  readonly kind: ThreadKind;
  readonly parentThreadId: string | null;
  readonly forkedFromId: string | null;
  readonly rootBecause: ThreadNode["rootBecause"];
  readonly edgeStatus: "open" | "closed" | null;
  readonly name: string | null;
  readonly preview: string;
  readonly agentNickname: string | null;
  readonly agentRole: string | null;
  readonly agentPath: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly isArchived: boolean;
  readonly children: readonly TreeJson[];
  /** Threads below this one that are too deep to be among its children. */
  readonly threadsLeftOut: number;
}

export interface TreeJsonOptions {
  readonly statuses: EdgeStatuses;
  /** Levels below the root: readers of JSON do not take any depth. */
  readonly levelsMax: number;
}

export function treeJson(node: ThreadNode, { statuses, levelsMax }: TreeJsonOptions): TreeJson {
  const { row, rootBecause } = node;
  const below = { statuses, levelsMax: levelsMax - 1 };
  return {
    id: row.threadId,
    kind: kindOf(row),
    parentThreadId: row.parentThreadId ?? null,
    forkedFromId: row.forkedFromId ?? null,
    rootBecause,
    edgeStatus: statuses.get(row.threadId) ?? null,
    name: row.name ?? null,
    preview: row.preview,
    agentNickname: row.agentNickname ?? null,
    agentRole: row.agentRole ?? null,
    agentPath: row.agentPath ?? null,
    createdAt: toUnixSeconds(row.createdAt),
    updatedAt: toUnixSeconds(row.updatedAt),
    isArchived: row.isArchived,
    children: levelsMax === 0 ? [] : node.children.map((child) => treeJson(child, below)),
    threadsLeftOut: levelsMax === 0 ? threadsBelow(node) : 0,
  };
}

function toUnixSeconds(instant: Instant): number {
  return Math.floor(instantToMs(instant) / 1_000);
}
