import { findMoved } from "../rollout/find-rollouts.js";
import type { IndexContext } from "./index-context.js";
import { type RolloutRow, readRolloutRow, saveRolloutRow } from "./rollout-row.js";
import { refreshThread } from "./thread-row.js";

/** Looks at every line of a rollout whose middle was passed over, and keeps what it told. */
export function indexCompletely(context: IndexContext, rollout: RolloutRow): void {
  const found = findMoved(context.files, context.home, rollout.path);
  const row = found && readRolloutRow(context.files, context.home, found, { isComplete: true });
  if (!row) return;
  context.index.transaction(() => {
    saveRolloutRow(context.index, row);
    if (row.threadId) refreshThread(context, row.threadId);
  });
}
