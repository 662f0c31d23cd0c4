import { instantToMs, type StoredThread, type ThreadId } from "@threadstore/core";
import type { IndexDatabase } from "../../index/index-database.js";
import { type RolloutRow, rolloutsOfThread } from "../../index/rollout-row.js";

/** Which threads are pruned: those that meet every criterion that is given. */
export interface PruneCriteria {
  /** Not changed for longer than this. */
  readonly olderThanMs?: number;
  /** More bytes on the disk than this, all files of the thread together. */
  readonly largerThanBytes?: number;
  /** Archived ones only. */
  readonly archived?: true;
}

/** A thread that meets the criteria. */
export interface PruneCandidate {
  readonly threadId: ThreadId;
  readonly updatedAt: StoredThread["updatedAt"];
  readonly isArchived: boolean;
  /** All of its files, and their bytes on the disk. */
  readonly files: number;
  readonly bytes: number;
}

/** A thread that meets the criteria and stays all the same, and why. */
export interface KeptThread {
  readonly threadId: ThreadId;
  readonly why: string;
}

export interface PruneSelection {
  /** Forks before what they were forked from. */
  readonly candidates: readonly PruneCandidate[];
  readonly kept: readonly KeptThread[];
}

/** Whether a thread meets the criteria now. */
export function meets(
  criteria: PruneCriteria,
  {
    thread,
    rollouts,
    nowMs,
  }: { readonly thread: StoredThread; readonly rollouts: readonly RolloutRow[]; readonly nowMs: number },
): boolean {
  const { olderThanMs, largerThanBytes, archived } = criteria;
  if (archived && thread.archivedAt === undefined) return false;
  if (olderThanMs !== undefined && nowMs - instantToMs(thread.updatedAt) <= olderThanMs) return false;
  return largerThanBytes === undefined || bytesOf(rollouts) > largerThanBytes;
}

export function bytesOf(rollouts: readonly Pick<RolloutRow, "size">[]): number {
  return rollouts.reduce((sum, { size }) => sum + size, 0);
}

/** Finds the threads that meet the criteria and that no thread needs which stays. */
export function selectThreads(index: IndexDatabase, criteria: PruneCriteria, nowMs: number): PruneSelection {
  const heirs = readHeirs(index);
  const selected = new Map(candidatesIn(index, criteria, nowMs).map((one) => [one.threadId, one]));
  const kept: KeptThread[] = [];
  for (let isSettled = false; !isSettled; ) {
    isSettled = true;
    for (const threadId of [...selected.keys()]) {
      const heir = heirs.get(threadId)?.find((other) => !selected.has(other));
      if (heir === undefined) continue;
      selected.delete(threadId);
      kept.push({ threadId, why: `thread ${heir} needs its items` });
      isSettled = false;
    }
  }
  return { candidates: heirsFirst([...selected.values()], heirs), kept };
}

function candidatesIn(index: IndexDatabase, criteria: PruneCriteria, nowMs: number): PruneCandidate[] {
  const rows = index.all("SELECT thread_id, summary FROM threads JOIN summaries USING (key) ORDER BY updated_at");
  return rows.flatMap((row) => {
    const thread = JSON.parse(String(row.summary)) as StoredThread;
    const { threadId, updatedAt } = thread;
    const rollouts = rolloutsOfThread(index, threadId);
    if (!meets(criteria, { thread, rollouts, nowMs })) return [];
    const isArchived = thread.archivedAt !== undefined;
    return [{ threadId, updatedAt, isArchived, files: rollouts.length, bytes: bytesOf(rollouts) }];
  });
}

type Heirs = ReadonlyMap<ThreadId, readonly ThreadId[]>;

/** For each thread those that inherit items of it, or are attached to it. */
function readHeirs(index: IndexDatabase): Heirs {
  const isHeir =
    "heir.base_rollout_id IS NOT NULL AND heir.thread_id IS NOT NULL AND base.thread_id IS NOT heir.thread_id";
  const joined = (on: string) =>
    `SELECT base.thread_id AS thread_id, heir.thread_id AS heir FROM rollouts heir JOIN rollouts base ON ${on} WHERE ${isHeir}`;
  const rows = index.all(
    `${joined("base.rollout_id = heir.base_rollout_id")} UNION ${joined("base.thread_id = heir.base_rollout_id")}
     UNION SELECT attached_to, thread_id FROM threads WHERE attached_to IS NOT NULL`,
  );
  const heirs = new Map<ThreadId, ThreadId[]>();
  for (const { thread_id, heir } of rows) {
    const known = heirs.get(String(thread_id));
    if (known) known.push(String(heir));
    else heirs.set(String(thread_id), [String(heir)]);
  }
  return heirs;
}

/** A thread that still needs one of those left may stay after all, when it is in use: its base is not gone by then. */
function heirsFirst(candidates: readonly PruneCandidate[], heirs: Heirs): PruneCandidate[] {
  const byId = new Map(candidates.map((candidate) => [candidate.threadId, candidate]));
  const ordered = new Set<PruneCandidate>();
  const visiting = new Set<PruneCandidate>();
  const visit = (candidate: PruneCandidate) => {
    if (visiting.has(candidate)) return;
    visiting.add(candidate);
    for (const heir of heirs.get(candidate.threadId) ?? []) {
      const other = byId.get(heir);
      if (other) visit(other);
    }
    ordered.add(candidate);
  };
  for (const candidate of candidates) visit(candidate);
  return [...ordered];
}
