import type { ListThreadSpawnEdgesParams, ThreadId, ThreadSpawnEdge, ThreadStore } from "@threadstore/core";
import { kindOf, nodesBelow, type ThreadNode } from "./thread-tree.js";

/** Sub-agent -> whether the edge to it is open. */
export type EdgeStatuses = ReadonlyMap<ThreadId, ThreadSpawnEdge["status"]>;

/** What the store says of the edges in some trees, and of those to their roots; nothing, when it keeps none. */
export async function edgeStatuses(store: ThreadStore, trees: readonly ThreadNode[]): Promise<EdgeStatuses> {
  const statuses = new Map<ThreadId, ThreadSpawnEdge["status"]>();
  if (!store.capabilities.has("edges")) return statuses;
  for (const query of trees.flatMap(queriesOf)) {
    for (const { childThreadId, status } of await store.listThreadSpawnEdges(query))
      statuses.set(childThreadId, status);
  }
  return statuses;
}

function queriesOf(tree: ThreadNode): ListThreadSpawnEdgesParams[] {
  const { parentThreadId } = tree.row;
  const queries: ListThreadSpawnEdgesParams[] = parentThreadId === undefined ? [] : [{ threadId: parentThreadId }];
  for (const node of nodesBelow(tree)) {
    if (isFirstSpawner(node, tree)) queries.push({ threadId: node.row.threadId, recursive: true });
  }
  return queries;
}

/** A query finds the agents of agents as well, but not those of forks. */
function isFirstSpawner(node: ThreadNode, tree: ThreadNode): boolean {
  const isFirst = node === tree || kindOf(node.row) !== "agent";
  return isFirst && node.children.some(({ row }) => kindOf(row) === "agent");
}
