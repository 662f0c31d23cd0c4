import type { NeighbourThread } from "../neighbour/state-database.js";
import { fileNameOf, plainPath } from "../rollout/rollout-name.js";
import type { RolloutRow } from "./rollout-row.js";

/**
 * The rollout that a thread's history ends in. An active one wins over an archived one, the segment that the real Codex
 * goes on writing over others, else the newest segment; of two copies the one whose name fits and that is not compressed.
 */
export function chooseRollout(
  rollouts: readonly RolloutRow[],
  neighbour: NeighbourThread | undefined,
): RolloutRow | undefined {
  return [...rollouts].sort((a, b) => compareByRank(rankOf(a, neighbour), rankOf(b, neighbour)))[0];
}

type Rank = readonly (number | string)[];

/** The parts of a rank are compared in turn; the greater one comes first. */
function rankOf(row: RolloutRow, neighbour: NeighbourThread | undefined): Rank {
  const fileName = fileNameOf(plainPath(row.path));
  return [
    isArchived(row) ? 0 : 1,
    fileName === neighbour?.rolloutName ? 1 : 0,
    row.nameThreadId === row.threadId ? 1 : 0,
    row.scan.facts.meta?.createdAt ?? "",
    row.rolloutId === row.threadId ? 0 : 1,
    isCompressed(row) ? 0 : 1,
    row.mtimeMs,
    row.path,
  ];
}

function compareByRank(a: Rank, b: Rank): number {
  for (const [at, part] of a.entries()) {
    const other = b[at] as number | string;
    if (part !== other) return part > other ? -1 : 1;
  }
  return 0;
}

/** The rollout that holds an inherited prefix: that of the id itself, else the current one of the thread of that id. */
export function chooseBase(candidates: readonly RolloutRow[], inheriting: RolloutRow): RolloutRow | undefined {
  const others = candidates.filter(
    (row) => row.path !== inheriting.path && plainPath(row.path) !== plainPath(inheriting.path),
  );
  return chooseRollout(others, undefined);
}

/** A rollout outside the home is archived when it lies below any folder of that name, as the real Codex has it. */
export function isArchived({ path }: Pick<RolloutRow, "path">): boolean {
  return path.startsWith("archived_sessions/") || (path.startsWith("../") && path.includes("/archived_sessions/"));
}

function isCompressed(row: RolloutRow): boolean {
  return row.path.endsWith(".zst");
}
