import type { ThreadId, ThreadSpawnEdge } from "@threadstore/core";
import type { IndexDatabase } from "./index-database.js";

/** The edges of one parent, ordered by child id. */
export function childEdges(index: IndexDatabase, parent: ThreadId): ThreadSpawnEdge[] {
  const rows = index.all(
    "SELECT child_thread_id, status FROM edges WHERE parent_thread_id = ? ORDER BY child_thread_id",
    parent,
  );
  return rows.map((row) => ({
    parentThreadId: parent,
    childThreadId: String(row.child_thread_id),
    status: row.status === "closed" ? "closed" : "open",
  }));
}

/** The agent path of a thread, or undefined. */
export function agentPathOf(index: IndexDatabase, threadId: ThreadId): string | undefined {
  const path = index.get("SELECT agent_path FROM threads WHERE thread_id = ?", threadId)?.agent_path;
  return typeof path === "string" ? path : undefined;
}
