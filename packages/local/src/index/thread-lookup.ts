import type { StoredThread, ThreadId } from "@threadstore/core";
import { threadArchived, threadNotFound } from "@threadstore/core/driver";
import type { IndexDatabase } from "./index-database.js";
import { type RolloutRow, rolloutAt } from "./rollout-row.js";

/** A thread and the rollout its history ends in. */
export interface IndexedThread {
  readonly thread: StoredThread;
  readonly rollout: RolloutRow;
}

/** A thread by its id, or by the id in the name of its file. @throws `thread_not_found`; `invalid_request` archived. */
export function findThread(
  index: IndexDatabase,
  { threadId, includeArchived }: { readonly threadId: ThreadId; readonly includeArchived?: boolean },
): IndexedThread {
  const row =
    index.get("SELECT summary, path FROM threads JOIN summaries USING (key) WHERE thread_id = ?", threadId) ??
    index.get(
      `SELECT summary, threads.path AS path FROM rollouts JOIN threads USING (thread_id) JOIN summaries USING (key)
       WHERE name_thread_id = ? AND name_thread_id IS NOT thread_id ORDER BY thread_id LIMIT 1`,
      threadId,
    );
  const rollout = row && rolloutAt(index, String(row.path));
  if (!row || !rollout) throw threadNotFound(threadId);
  const thread = JSON.parse(String(row.summary)) as StoredThread;
  if (thread.archivedAt !== undefined && !includeArchived) throw threadArchived(threadId);
  return { thread, rollout };
}
