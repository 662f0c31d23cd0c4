import type { ThreadId } from "@threadstore/core";
import { chooseBase, chooseRollout, isArchived } from "../../index/choose-rollout.js";
import type { RolloutRow } from "../../index/rollout-row.js";
import { plainPath } from "../../rollout/rollout-name.js";
import type { ExaminedRollout } from "./examine-rollout.js";
import { aboutFile, findingIn, type HomeFinding } from "./finding.js";

/** A rollout that belongs to a thread. */
export interface ThreadRollout extends ExaminedRollout {
  readonly row: RolloutRow & { readonly threadId: ThreadId };
}

/** What is wrong between the rollouts of a home: bases that are missing or too short, rollouts that are there twice. */
export function examineRelations(rollouts: readonly ThreadRollout[]): HomeFinding[] {
  const byRollout = groupBy(rollouts, ({ row }) => row.rolloutId ?? row.threadId);
  const byThread = groupBy(rollouts, ({ row }) => row.threadId);
  const baseOf = (rollout: ThreadRollout) => findBase(rollout, { byRollout, byThread });
  return [
    ...rollouts.flatMap((rollout) => baseFindings(rollout, baseOf)),
    ...[...groupBy(rollouts, ({ row }) => `${row.threadId} ${row.rolloutId}`).values()].flatMap(doubleFindings),
    ...[...byThread.values()].flatMap(splitFindings),
  ];
}

type Groups = ReadonlyMap<string, readonly ThreadRollout[]>;
type BaseOf = (rollout: ThreadRollout) => ThreadRollout | undefined;

function groupBy(rollouts: readonly ThreadRollout[], keyOf: (rollout: ThreadRollout) => string): Groups {
  const groups = new Map<string, ThreadRollout[]>();
  for (const rollout of rollouts) {
    const key = keyOf(rollout);
    const group = groups.get(key);
    if (group) group.push(rollout);
    else groups.set(key, [rollout]);
  }
  return groups;
}

/** The same choice as the index makes. */
function findBase(
  { row }: ThreadRollout,
  { byRollout, byThread }: { readonly byRollout: Groups; readonly byThread: Groups },
): ThreadRollout | undefined {
  const id = row.scan.base?.rolloutId;
  if (id === undefined) return undefined;
  for (const candidates of [byRollout.get(id), byThread.get(id)]) {
    const chosen =
      candidates &&
      chooseBase(
        candidates.map((candidate) => candidate.row),
        row,
      );
    const base = candidates?.find((candidate) => candidate.row === chosen);
    if (base) return base;
  }
  return undefined;
}

function baseFindings(rollout: ThreadRollout, baseOf: BaseOf): HomeFinding[] {
  const { base } = rollout.row.scan;
  if (!base) return [];
  const found = baseOf(rollout);
  const { rolloutId, endOrdinalExclusive } = base;
  const about = (type: HomeFinding["type"], explanation: string) => [
    findingIn(rollout.file.path, rollout.threadId, aboutFile(type, explanation)),
  ];
  if (!found) return about("missing_base", `its history begins in rollout ${rolloutId}, which is not there`);
  if (isCircular(rollout, baseOf)) {
    return about("circular_base", `its history begins in rollout ${rolloutId}, whose own leads back to it`);
  }
  if (found.nextOrdinal === null || found.nextOrdinal >= endOrdinalExclusive) return [];
  return about(
    "cut_beyond_base",
    `it inherits rollout ${rolloutId} up to ordinal ${endOrdinalExclusive}, which ends at ${found.nextOrdinal}`,
  );
}

function isCircular(rollout: ThreadRollout, baseOf: BaseOf): boolean {
  const seen = new Set<ThreadRollout>();
  for (let at: ThreadRollout | undefined = rollout; at; at = baseOf(at)) {
    if (seen.has(at)) return at === rollout;
    seen.add(at);
  }
  return false;
}

/** The same rollout active and archived, or plain and compressed. */
function doubleFindings(copies: readonly ThreadRollout[]): HomeFinding[] {
  if (copies.length < 2) return [];
  const chosen = chooseRollout(
    copies.map(({ row }) => row),
    undefined,
  );
  return copies
    .filter(({ row }) => row !== chosen)
    .map(({ row, file }) => {
      const isLink = row.inode === chosen?.inode;
      const beside = plainPath(row.path) === plainPath(chosen?.path ?? "") ? "compressed beside" : "there twice: as";
      const explanation = isLink
        ? `it is the same file as ${chosen?.path}: moving it was not finished`
        : `the rollout is ${beside} ${chosen?.path}, which counts`;
      return findingIn(file.path, row.threadId, aboutFile("double_rollout", explanation));
    });
}

/** Segments of one thread in both folders. Copies of one rollout are told above. */
function splitFindings(rollouts: readonly ThreadRollout[]): HomeFinding[] {
  const archived = rollouts.filter(({ row }) => isArchived(row));
  const active = rollouts.filter(({ row }) => !isArchived(row));
  const activeIds = new Set(active.map(({ row }) => row.rolloutId));
  const alone = archived.filter(({ row }) => !activeIds.has(row.rolloutId));
  const [first] = alone;
  if (!first || active.length === 0) return [];
  const explanation = `${alone.length} files of the thread are archived and ${active.length} are active: moving them was not finished`;
  return [findingIn(first.file.path, first.threadId, aboutFile("split_thread", explanation))];
}
