import { dirname } from "node:path";
import type { IdSource, ThreadId } from "@threadstore/core";
import { unavailable } from "@threadstore/core/driver";
import type { AppendFile, FileSystem, OpenFile } from "../file-system/file-system.js";
import { requireHome } from "../file-system/folders.js";
import type { SafeNames } from "../file-system/safe-names.js";
import { syncFile } from "../file-system/sync-file.js";
import { appendLines, replaceFile } from "../file-system/whole-writes.js";
import { tryLockFile } from "../locks/locked-file.js";
import { waitForLock } from "../locks/wait-for-lock.js";
import { fingerprintOf } from "../rollout/fingerprint.js";
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
  /** Tells whether the journal still holds what was read: a power cut may take its end and leave zeros. */
  readonly fingerprint: string;
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
    const goesOn = since?.generation === generation && holds(file, since);
    const { records, end } = readRecords(file, goesOn ? since.offset : 0);
    const position = { generation, offset: end, fingerprint: fingerprintOf(file, end) };
    return { position, records: records.flatMap(knownRecord), isAnew: !goesOn };
  } finally {
    file.close();
  }
}

/** Whether a journal still holds what was read of it. */
function holds(file: OpenFile, { offset, fingerprint }: JournalPosition): boolean {
  return offset <= file.status().size && fingerprintOf(file, offset) === fingerprint;
}

function knownRecord(record: Parameters<typeof asJournalRecord>[0]): JournalRecord[] {
  const known = asJournalRecord(record);
  return known ? [known] : [];
}

export interface JournalOptions {
  readonly files: FileSystem;
  readonly home: string;
  readonly ids: IdSource;
  readonly names: SafeNames;
  /** False: records are not forced to the disk. */
  readonly isDurable: boolean;
}

/** Records metadata of a home's threads; any number of processes may do so at once. */
export class MetadataJournal {
  readonly #options: JournalOptions;
  readonly #path: string;
  /** The file whose name survives a power cut. That somebody else made another one does not say so of that. */
  #safeGeneration: string | undefined;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#path = `${options.home}/${METADATA_JOURNAL}`;
  }

  /**
   * Records what `decide` finds while nobody else can record anything, and resolves when it survives a power cut.
   * Nothing is recorded when it throws. Without `isDurable` the record only survives this process until `sync`.
   */
  async record(
    decide: () => readonly JournalRecord[] | Promise<readonly JournalRecord[]>,
    { isDurable = this.#options.isDurable }: { readonly isDurable?: boolean } = {},
  ): Promise<void> {
    requireHome(this.#options.files, this.#options.home);
    this.#options.names.makeFolder(dirname(this.#path));
    const written = await this.#locked(async () => {
      const records = await decide();
      return records.length > 0 ? this.#write(records) : null;
    });
    try {
      if (written && isDurable) await this.#sync(written);
    } finally {
      written?.file.close();
    }
  }

  /** Resolves when everything that was recorded survives a power cut. */
  async sync(): Promise<void> {
    const file = this.#options.files.openToAppend(this.#path, "existing");
    if (!file) return;
    try {
      await this.#sync({ file, generation: readHeader(file, this.#path)?.generation });
    } finally {
      file.close();
    }
  }

  async #sync({ file, generation }: Written): Promise<void> {
    const unsynced = { path: this.#path, file };
    await syncFile(this.#options.files, unsynced, (work) => this.#locked(work));
    if (generation !== undefined && generation === this.#safeGeneration) return;
    await this.#options.names.sync(dirname(this.#path));
    this.#safeGeneration = generation;
  }

  async #locked<T>(work: () => T | Promise<T>): Promise<T> {
    const lock = await waitForLock(() => tryLockFile(this.#options.files, `${this.#path}.lock`, "exclusive"));
    if (!lock) throw unavailable(`another process keeps ${this.#path} locked`);
    try {
      return await work();
    } finally {
      lock.close();
    }
  }

  #write(records: readonly JournalRecord[]): Written {
    const file = this.#options.files.openToAppend(this.#path, "existing");
    if (!file) return this.#make(records, { isDurable: false });
    try {
      const header = readHeader(file, this.#path);
      const { size } = file.status();
      if (header && !hasOutgrown(header, size)) {
        appendLines(file, records.map(formatRecord).join(""), CLOSED_OFF);
        return { file, generation: header.generation };
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
    const generation = ids.newId();
    const content = Buffer.from(formatJournal(generation, records));
    return { file: replaceFile(files, this.#path, { content, isDurable }), generation };
  }
}

/** The journal after a write, still open. */
interface Written {
  readonly file: AppendFile;
  readonly generation: string | undefined;
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
