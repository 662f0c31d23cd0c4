import type { ThreadId } from "@threadstore/core";
import type { RolloutFile } from "../rollout/find-rollouts.js";
import { readWhereItIs, saveChanges } from "./catch-up.js";
import type { IndexContext } from "./index-context.js";
import { lineageOf } from "./lineage.js";
import { type RolloutRow, rolloutsNamed, rolloutsOfThread } from "./rollout-row.js";

/**
 * Brings the index up to date with the rollouts of one thread, those it inherits from, and what lies beside rollouts.
 * Returns the rows that changed; null when only a walk through the home can tell.
 */
export function catchUpThread(context: IndexContext, threadId: ThreadId): readonly RolloutRow[] | null {
  const own = rolloutsOfThread(context.index, threadId);
  // A thread whose file does not hold it any more may be in any other, also in one that was written over.
  if (own.length === 0) return null;
  const known = withBases(context, [...own, ...rolloutsNamed(context.index, threadId)]);
  const changed: { row: RolloutRow; file: RolloutFile }[] = [];
  for (const row of known.values()) {
    const status = context.files.status(`${context.home}/${row.path}`);
    if (status?.kind !== "file") return null;
    const isSame = row.inode === status.inode && row.size === status.size && row.mtimeMs === status.mtimeMs;
    if (!isSame) changed.push({ row, file: { path: row.path, status } });
  }
  const looks = changed.map(({ row, file }) => readWhereItIs(context, file, { isComplete: false, known: row }));
  const rows = looks.flatMap((look) => (look && !("code" in look) ? look : []));
  if (rows.length < looks.length) return null;
  saveChanges(context, { rows, removed: [] });
  return rows.length === 0 || rolloutsOfThread(context.index, threadId).length > 0 ? rows : null;
}

function withBases({ index }: IndexContext, rows: readonly RolloutRow[]): Map<string, RolloutRow> {
  const all = rows.flatMap((row) => lineageOf(index, row).parts.map(({ rollout }) => rollout));
  return new Map(all.map((row) => [row.path, row]));
}
