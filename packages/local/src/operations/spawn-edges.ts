import type {
  FindThreadSpawnByPathParams,
  ListThreadSpawnEdgesParams,
  ThreadId,
  ThreadSpawnEdge,
} from "@threadstore/core";
import { edgesBelow, findByAgentPath } from "@threadstore/core/driver";
import { agentPathOf, childEdges } from "../index/edges.js";
import type { LocalHome } from "../local-home.js";

export async function upsertThreadSpawnEdge(context: LocalHome, edge: ThreadSpawnEdge): Promise<void> {
  const { childThreadId: threadId, parentThreadId, status } = edge;
  await context.journal.record(() => [{ type: "edge", threadId, edge: { parentThreadId, status } }]);
}

export async function listThreadSpawnEdges(
  context: LocalHome,
  params: ListThreadSpawnEdgesParams,
): Promise<readonly ThreadSpawnEdge[]> {
  return context.index.query((index) => edgesBelow((parent) => childEdges(index, parent), params));
}

export async function findThreadSpawnByPath(
  context: LocalHome,
  params: FindThreadSpawnByPathParams,
): Promise<ThreadId | null> {
  return context.index.query((index) =>
    findByAgentPath(
      (parent) => childEdges(index, parent),
      (child) => agentPathOf(index, child),
      params,
    ),
  );
}
