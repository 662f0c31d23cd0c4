import type { ThreadId } from "@threadstore/core";
import type { FileSystem } from "../file-system/file-system.js";
import {
  type JournalPosition,
  type JournalReading,
  METADATA_JOURNAL,
  readJournal,
} from "../journal/metadata-journal.js";
import { applyRecord, type ThreadState } from "../journal/thread-state.js";
import type { IndexDatabase } from "./index-database.js";

/** What the metadata journal tells of a thread. */
export function journalStateOf(index: IndexDatabase, threadId: ThreadId): ThreadState {
  const row = index.get("SELECT state FROM journal_threads WHERE thread_id = ?", threadId);
  return row ? (JSON.parse(String(row.state)) as ThreadState) : {};
}

/** What was recorded since the index last read the journal; null when nothing was. */
export function readNewRecords(index: IndexDatabase, files: FileSystem, home: string): JournalReading | null {
  const known = index.get("SELECT signature FROM sources WHERE name = ?", METADATA_JOURNAL);
  const since = known ? (JSON.parse(String(known.signature)) as JournalPosition) : null;
  const size = files.status(`${home}/${METADATA_JOURNAL}`)?.size;
  if (size === undefined && since === null) return null;
  const reading = readJournal(files, home, since) ?? NO_JOURNAL;
  return reading.isAnew || reading.records.length > 0 ? reading : null;
}

/** A journal that was deleted tells nothing any more. */
const NO_JOURNAL: JournalReading = {
  position: { generation: "", offset: 0, fingerprint: "" },
  records: [],
  isAnew: true,
};

/** Keeps what was read; returns the threads of which something else is known now. Called within a transaction. */
export function saveNewRecords(index: IndexDatabase, { position, records, isAnew }: JournalReading): ThreadId[] {
  const touched = new Set<ThreadId>();
  if (isAnew) {
    for (const row of index.all("SELECT thread_id FROM journal_threads")) touched.add(String(row.thread_id));
    index.run("DELETE FROM journal_threads");
  }
  for (const record of records) {
    const state = applyRecord(journalStateOf(index, record.threadId), record);
    index.run(
      "INSERT OR REPLACE INTO journal_threads (thread_id, state) VALUES (?, ?)",
      record.threadId,
      JSON.stringify(state),
    );
    touched.add(record.threadId);
  }
  index.run(
    "INSERT OR REPLACE INTO sources (name, signature) VALUES (?, ?)",
    METADATA_JOURNAL,
    JSON.stringify(position),
  );
  return [...touched];
}
