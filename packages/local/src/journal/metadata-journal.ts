import { dirname } from "node:path";
import type { IdSource, ThreadId } from "@threadstore/core";
import { unavailable } from "@threadstore/core/driver";
import type { AppendFile, FileSystem, OpenFile } from "../file-system/file-system.js";
import { makeFolder, requireHome, syncFolders } from "../file-system/folders.js";
import { appendLines, replaceFile } from "../file-system/whole-writes.js";
import { tryLockFile } from "../locks/locked-file.js";
import { waitForLock } from "../locks/wait-for-lock.js";
import {
  CLOSED_OFF,
  formatJournal,
  formatRecord,
  type JournalHeader,
  readHeader,
  readRecords,
} from "./journal-lines.js";
import { applyRecord, asJournalRecord, type JournalRecord, type ThreadState } from "./thread-state.js";

/** The metadata journal of a home: what rollouts cannot tell. Relative to the home. */
export const METADATA_JOURNAL = "threadstore/journal/metadata.jsonl";

/** How far a reader has read. */
export interface JournalPosition {
  readonly generation: string;
  readonly offset: number;
}

/** What was recorded since a position; `isAnew` when everything is told again, from the beginning. */
export interface JournalReading {
  readonly position: JournalPosition;
  readonly records: readonly JournalRecord[];
  readonly isAnew: boolean;
}

/** A journal that grew by this much and to this many times its size is made anew. */
const COMPACTION_MIN_BYTES = 1024 * 1024;
const COMPACTION_GROWTH = 4;

/** Reads what was recorded since a position; null when there is no journal. @throws `unavailable` it is a newer one's. */
export function readJournal(files: FileSystem, home: string, since: JournalPosition | null): JournalReading | null {
  const path = `${home}/${METADATA_JOURNAL}`;
  const file = files.openToRead(path);
  if (!file) return null;
  try {
    const generation = readHeader(file, path)?.generation ?? "";
    const isAnew = since?.generation !== generation || since.offset > file.status().size;
    const { records, end } = readRecords(file, isAnew ? 0 : since.offset);
    return { position: { generation, offset: end }, records: records.flatMap(knownRecord), isAnew };
  } finally {
    file.close();
  }
}

function knownRecord(record: Parameters<typeof asJournalRecord>[0]): JournalRecord[] {
  const known = asJournalRecord(record);
  return known ? [known] : [];
}

export interface JournalOptions {
  readonly files: FileSystem;
  readonly home: string;
  readonly ids: IdSource;
  /** False: records are not forced to the disk. */
  readonly isDurable: boolean;
}

/** Records metadata of a home's threads; any number of processes may do so at once. */
export class MetadataJournal {
  readonly #options: JournalOptions;
  readonly #path: string;
  /** Folders whose names may not survive a power cut. Whether somebody else has synced ours is not known. */
  #unsyncedFolders: readonly string[];

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#path = `${options.home}/${METADATA_JOURNAL}`;
    this.#unsyncedFolders = [dirname(this.#path)];
  }

  /**
   * Records what `decide` finds while nobody else can record anything, and resolves when it survives a power cut.
   * Nothing is recorded when it throws. Without `isDurable` the record only survives this process until `sync`.
   */
  async record(
    decide: () => readonly JournalRecord[] | Promise<readonly JournalRecord[]>,
    { isDurable = this.#options.isDurable }: { readonly isDurable?: boolean } = {},
  ): Promise<void> {
    const { files } = this.#options;
    requireHome(files, this.#options.home);
    const folders = makeFolder(files, dirname(this.#path));
    const lock = await waitForLock(() => tryLockFile(files, `${this.#path}.lock`, "exclusive"));
    if (!lock) throw unavailable(`another process keeps ${this.#path} locked`);
    let written: Written | undefined;
    try {
      const records = await decide();
      if (records.length > 0) written = this.#write(records);
    } finally {
      lock.close();
    }
    if (written?.isNew) this.#unsyncedFolders = [...new Set([...this.#unsyncedFolders, ...folders])];
    try {
      if (written && isDurable) await this.#sync(written.file);
    } finally {
      written?.file.close();
    }
  }

  /** Resolves when everything that was recorded survives a power cut. */
  async sync(): Promise<void> {
    const file = this.#options.files.openToAppend(this.#path, "existing");
    if (!file) return;
    try {
      await this.#sync(file);
    } finally {
      file.close();
    }
  }

  async #sync(file: AppendFile): Promise<void> {
    await file.sync();
    const folders = this.#unsyncedFolders;
    await syncFolders(this.#options.files, folders);
    this.#unsyncedFolders = this.#unsyncedFolders.filter((folder) => !folders.includes(folder));
  }

  #write(records: readonly JournalRecord[]): Written {
    const file = this.#options.files.openToAppend(this.#path, "existing");
    if (!file) return this.#make(records, { isDurable: false });
    try {
      const header = readHeader(file, this.#path);
      const { size } = file.status();
      if (header && !hasOutgrown(header, size)) {
        appendLines(file, records.map(formatRecord).join(""), CLOSED_OFF);
        return { file, isNew: false };
      }
      const replaced = this.#make([...foldRecords(file), ...records], { isDurable: this.#options.isDurable });
      file.close();
      return replaced;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** Makes the journal anew. One that takes the place of another is on the disk before it does. */
  #make(records: readonly JournalRecord[], { isDurable }: { readonly isDurable: boolean }): Written {
    const { files, ids } = this.#options;
    const content = Buffer.from(formatJournal(ids.newId(), records));
    return { file: replaceFile(files, this.#path, { content, isDurable }), isNew: true };
  }
}

/** The journal after a write, still open. */
interface Written {
  readonly file: AppendFile;
  readonly isNew: boolean;
}

function hasOutgrown(header: JournalHeader, size: number): boolean {
  return size - header.bytes > Math.max(COMPACTION_MIN_BYTES, COMPACTION_GROWTH * header.bytes);
}

/** One record a thread, that tells what all of its records told. */
function foldRecords(file: OpenFile): JournalRecord[] {
  const states = new Map<ThreadId, ThreadState>();
  for (const record of readRecords(file, 0).records.flatMap(knownRecord)) {
    states.set(record.threadId, applyRecord(states.get(record.threadId) ?? {}, record));
  }
  return [...states].map(([threadId, state]) => ({ type: "thread", threadId, state }));
}
