import type { ThreadId } from "@threadstore/core";
import type { IndexDatabase } from "./index-database.js";
import type { RolloutRow } from "./rollout-row.js";

/** A thread that inherits items of this one, or that is attached to it. */
export function heirOf(
  index: IndexDatabase,
  { threadId, rollouts }: { readonly threadId: ThreadId; readonly rollouts: readonly RolloutRow[] },
): ThreadId | undefined {
  const ids = JSON.stringify([threadId, ...rollouts.flatMap(({ rolloutId }) => rolloutId ?? [])]);
  const row = index.get(
    `SELECT thread_id FROM rollouts
       WHERE base_rollout_id IN (SELECT value FROM json_each(?1)) AND thread_id IS NOT NULL AND thread_id != ?2
     UNION SELECT thread_id FROM threads WHERE attached_to = ?2 LIMIT 1`,
    ids,
    threadId,
  );
  return row && String(row.thread_id);
}
