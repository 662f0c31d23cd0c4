import type { ThreadId } from "@threadstore/core";
import { threadNotFound } from "@threadstore/core/driver";
import type { BackupEntry, BackupManifest } from "./manifest.js";

/** Every file that was in the home when it was backed up. */
export function presentEntries({ files }: BackupManifest): BackupEntry[] {
  return files.filter(({ isGone }) => !isGone);
}

/**
 * The rollouts of some threads and those that they inherit from, and their append keys; threads that were gone when the
 * backup was made included. @throws `thread_not_found` one that is not in the backup.
 */
export function entriesOfThreads({ files }: BackupManifest, threadIds: readonly ThreadId[]): BackupEntry[] {
  const rollouts = files.filter(({ kind }) => kind === "rollout");
  for (const threadId of threadIds) {
    if (rollouts.some((entry) => entry.threadId === threadId)) continue;
    throw threadNotFound(threadId, `thread ${threadId} is not in the backup`);
  }
  const wanted = new Set<BackupEntry>();
  const take = (entries: readonly BackupEntry[]) => {
    for (const entry of entries) {
      if (wanted.has(entry)) continue;
      wanted.add(entry);
      const base = entry.baseRolloutId;
      if (base !== undefined) take(rollouts.filter((other) => other.rolloutId === base || other.threadId === base));
    }
  };
  take(rollouts.filter(({ threadId }) => threadId !== undefined && threadIds.includes(threadId)));
  const keys = files.filter(({ kind, path }) => {
    return kind === "append_keys" && threadIds.some((threadId) => path.endsWith(`/${threadId}.jsonl`));
  });
  return [...keys, ...wanted];
}

/** Rollouts before those that inherit from them, so that no reader ever misses a base. */
export function basesFirst(entries: readonly BackupEntry[]): BackupEntry[] {
  const byRollout = new Map(entries.map((entry) => [entry.rolloutId, entry]));
  const ordered = new Set<BackupEntry>();
  const visiting = new Set<BackupEntry>();
  const visit = (entry: BackupEntry) => {
    if (visiting.has(entry)) return;
    visiting.add(entry);
    const base = entry.baseRolloutId === undefined ? undefined : byRollout.get(entry.baseRolloutId);
    if (base) visit(base);
    ordered.add(entry);
  };
  for (const entry of entries) visit(entry);
  return [...ordered];
}
