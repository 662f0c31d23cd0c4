import { chooseBase } from "./choose-rollout.js";
import type { IndexDatabase } from "./index-database.js";
import { type RolloutRow, rolloutsById, rolloutsOfThread } from "./rollout-row.js";

/** One rollout of a history and where its part of it ends. */
export interface LineagePart {
  readonly rollout: RolloutRow;
  /** Null: it goes to the end of the file. */
  readonly endOrdinalExclusive: number | null;
}

/** The history of a rollout: the rollouts that it inherits from, root first, and itself. */
export interface Lineage {
  readonly parts: readonly LineagePart[];
  /** The rollout that the oldest part inherits from and that is not there. */
  readonly missingBase?: string;
}

/** The longest chain of forks and reverts that is followed; beyond it, or in a circle, the base counts as missing. */
const LINEAGE_MAX_PARTS = 1_000;

export function lineageOf(index: IndexDatabase, rollout: RolloutRow): Lineage {
  const parts: LineagePart[] = [{ rollout, endOrdinalExclusive: null }];
  const seen = new Set([rollout.path]);
  for (let at = rollout; at.scan.base; ) {
    const { rolloutId, endOrdinalExclusive } = at.scan.base;
    const base = findBase(index, at);
    if (!base || seen.has(base.path) || parts.length >= LINEAGE_MAX_PARTS) return { parts, missingBase: rolloutId };
    // A cut inside an inherited part ends that part even earlier than the part's own heir did.
    parts.unshift({ rollout: base, endOrdinalExclusive: Math.min(endOrdinalExclusive, endOf(parts)) });
    seen.add(base.path);
    at = base;
  }
  return { parts };
}

function endOf(parts: readonly LineagePart[]): number {
  return parts[0]?.endOrdinalExclusive ?? Number.POSITIVE_INFINITY;
}

/** The rollout a fork or segment inherits from. */
export function findBase(index: IndexDatabase, rollout: RolloutRow): RolloutRow | undefined {
  const id = rollout.scan.base?.rolloutId;
  if (id === undefined) return undefined;
  const exact = chooseBase(rolloutsById(index, id), rollout);
  return exact ?? chooseBase(rolloutsOfThread(index, id), rollout);
}
