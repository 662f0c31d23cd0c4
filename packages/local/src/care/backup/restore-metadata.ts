import type { Instant, ThreadId } from "@threadstore/core";
import { readClock } from "@threadstore/core/driver";
import type { FileSystem } from "../../file-system/file-system.js";
import { journalStateOf } from "../../index/journal-threads.js";
import { readHeader, readRecords } from "../../journal/journal-lines.js";
import { applyRecord, asJournalRecord, type JournalRecord, type ThreadState } from "../../journal/thread-state.js";
import type { LocalHome } from "../../local-home.js";
import { readNames, readSessionIndex } from "../../neighbour/session-index.js";
import { recordName } from "../../neighbour/session-index-writer.js";
import type { BackupEntry } from "./manifest.js";

export interface RestoredMetadata {
  /** The backup, and its files. */
  readonly folder: string;
  readonly entries: readonly BackupEntry[];
  readonly threadIds: readonly ThreadId[];
}

/**
 * Records what the backup knows of threads that were restored one by one: metadata where the home knows nothing of the
 * thread, and names where it has none. Nothing that the home says is replaced.
 */
export async function restoreMetadata(
  home: LocalHome,
  { folder, entries, threadIds }: RestoredMetadata,
): Promise<void> {
  const { files } = home;
  const entryOf = (kind: BackupEntry["kind"]) => entries.find((entry) => entry.kind === kind);
  const [journal, names] = [entryOf("journal"), entryOf("names")];
  const states = journal ? readStates(files, `${folder}/${journal.stored}`) : new Map<ThreadId, ThreadState>();
  const known = await home.index.query((index) => new Map(threadIds.map((id) => [id, journalStateOf(index, id)])));
  const records = threadIds.flatMap((threadId): JournalRecord[] => {
    const state = states.get(threadId);
    return state && isForgotten(known.get(threadId) ?? {}) ? [{ type: "thread", threadId, state }] : [];
  });
  if (records.length > 0) await home.journal.record(() => records);
  if (names) await restoreNames(home, { path: `${folder}/${names.stored}`, threadIds });
}

/** Nothing is known of the thread, or only that it was deleted. */
function isForgotten(state: ThreadState): boolean {
  return Object.entries(state).every(([name, value]) => name === "edge" && value === null);
}

function readStates(files: FileSystem, path: string): Map<ThreadId, ThreadState> {
  const states = new Map<ThreadId, ThreadState>();
  const file = files.openToRead(path);
  if (!file) return states;
  try {
    readHeader(file, path);
    for (const record of readRecords(file, 0).records) {
      const known = asJournalRecord(record);
      if (known) states.set(known.threadId, applyRecord(states.get(known.threadId) ?? {}, known));
    }
    return states;
  } finally {
    file.close();
  }
}

async function restoreNames(
  { files, home, isDurable, clock }: LocalHome,
  { path, threadIds }: { readonly path: string; readonly threadIds: readonly ThreadId[] },
): Promise<void> {
  const present = readSessionIndex(files, home);
  const updatedAt: Instant = readClock(clock);
  for (const [threadId, name] of readNames(files, path)) {
    if (!threadIds.includes(threadId) || present.has(threadId) || name.trim() === "") continue;
    await recordName({ files, home, isDurable }, { threadId, name, updatedAt });
  }
}
