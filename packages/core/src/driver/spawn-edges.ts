import type { ThreadId } from "../protocol/thread-id.js";
import type { ListThreadSpawnEdgesParams } from "../store/params.js";
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
