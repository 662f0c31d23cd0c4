import type { ThreadId } from "../protocol/thread-id.js";
import type { ThreadFilter } from "../rules/thread-filter.js";
import { conflict } from "../store/errors.js";
import type { FindThreadSpawnByPathParams, ListThreadSpawnEdgesParams } from "../store/params.js";
import type { ThreadSpawnEdge } from "../store/records.js";

/** Gives the edges of one parent, ordered by child id. */
export type ChildEdges = (parent: ThreadId) => readonly ThreadSpawnEdge[];

/**
 * The edges below a thread: its children, or breadth first all its descendants. A status filter cuts what hangs below an
 * edge of another status; a cycle ends where it would come back.
 */
export function edgesBelow(childEdges: ChildEdges, query: ListThreadSpawnEdgesParams): ThreadSpawnEdge[] {
  const found: ThreadSpawnEdge[] = [];
  const seen = new Set([query.threadId]);
  let level: readonly ThreadId[] = [query.threadId];
  while (level.length > 0) {
    const edges = level
      .flatMap(childEdges)
      .filter((edge) => !seen.has(edge.childThreadId) && (!query.status || edge.status === query.status))
      .sort((a, b) => (a.childThreadId < b.childThreadId ? -1 : 1));
    for (const edge of edges) seen.add(edge.childThreadId);
    found.push(...edges);
    level = query.recursive ? edges.map((edge) => edge.childThreadId) : [];
  }
  return found;
}

/** The threads that a list's relation stands for. */
export function relatedThreads(childEdges: ChildEdges, relation: NonNullable<ThreadFilter["relation"]>): ThreadId[] {
  const recursive = "descendantsOf" in relation;
  const threadId = recursive ? relation.descendantsOf : relation.childrenOf;
  return childrenIn(edgesBelow(childEdges, { threadId, recursive }));
}

/** The one thread below another that has an agent path, or null. @throws `conflict` several have it. */
export function findByAgentPath(
  childEdges: ChildEdges,
  agentPathOf: (child: ThreadId) => string | undefined,
  query: FindThreadSpawnByPathParams,
): ThreadId | null {
  const hits = childrenIn(edgesBelow(childEdges, query)).filter((child) => agentPathOf(child) === query.agentPath);
  if (hits.length > 1) throw conflict(`${hits.length} threads below ${query.threadId} have that agent path`);
  return hits[0] ?? null;
}

function childrenIn(edges: readonly ThreadSpawnEdge[]): ThreadId[] {
  return edges.map((edge) => edge.childThreadId);
}
