import type {
  FindThreadSpawnByPathParams,
  ListThreadSpawnEdgesParams,
  ThreadId,
  ThreadSpawnEdge,
} from "@threadstore/core";
import { conflict, edgesBelow } from "@threadstore/core/driver";
import { agentPathOf, childEdges } from "../index/edges.js";
import type { LocalHome } from "../local-home.js";

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
  return context.index.query((index) => {
    const children = edgesBelow((parent) => childEdges(index, parent), params).map((edge) => edge.childThreadId);
    const hits = children.filter((child) => agentPathOf(index, child) === params.agentPath);
    if (hits.length > 1) throw conflict(`${hits.length} threads below ${params.threadId} have that agent path`);
    return hits[0] ?? null;
  });
}
