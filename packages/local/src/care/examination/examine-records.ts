import { isThreadStoreError, parseThreadId, type ThreadId } from "@threadstore/core";
import type { FileSystem, OpenFile } from "../../file-system/file-system.js";
import { readHeader, readRecords } from "../../journal/journal-lines.js";
import { METADATA_JOURNAL } from "../../journal/metadata-journal.js";
import { parseNameEntry, SESSION_INDEX } from "../../neighbour/session-index.js";
import { isBlank, textOfLine } from "../../rollout/line-item.js";
import { readLines } from "../../rollout/line-reader.js";
import { aboutFile, type FileFinding, type FindingPlace, findingIn, type HomeFinding, Places } from "./finding.js";

/** The home, and which threads are in it or in its trash. */
export interface KnownThreads {
  readonly files: FileSystem;
  readonly home: string;
  /** Whether a thread has a rollout, be it in the trash. */
  readonly isThere: (threadId: ThreadId) => boolean;
}

/** Where the idempotency keys of threads lie, a file for each. Relative to the home. */
export const APPEND_KEYS_FOLDER = "threadstore/journal/appends";

/** What is wrong with what is recorded beside rollouts: the metadata journal, append keys, names. */
export function examineRecords(known: KnownThreads): HomeFinding[] {
  const { files, home } = known;
  const keys = (files.readDirectory(`${home}/${APPEND_KEYS_FOLDER}`) ?? [])
    .filter(({ name }) => name.endsWith(".jsonl"))
    .map(({ name }) => `${APPEND_KEYS_FOLDER}/${name}`);
  return [
    ...[METADATA_JOURNAL, ...keys].flatMap((path) => examineJournal(known, path)),
    ...keys.flatMap((path) => examineOwner(known, path)),
    ...examineNames(known),
  ];
}

function examineJournal({ files, home }: KnownThreads, path: string): HomeFinding[] {
  const file = files.openToRead(`${home}/${path}`);
  if (!file) return [];
  try {
    return [...journalFindings(file, path)].map((finding) => findingIn(path, ownerOf(path), finding));
  } finally {
    file.close();
  }
}

function* journalFindings(file: OpenFile, path: string): Generator<FileFinding> {
  try {
    if (!readHeader(file, path)) yield aboutFile("journal_damaged", "its header cannot be read");
  } catch (error) {
    if (!isThreadStoreError(error, "unavailable")) throw error;
    return yield aboutFile("journal_newer", "it was written by a newer threadstore");
  }
  const { end, rejected } = readRecords(file, 0);
  if (rejected > 0) {
    yield { ...aboutFile("journal_damaged", `the checksums of ${rejected} records do not fit`), count: rejected };
  }
  if (end < file.status().size) {
    const explanation = "the last record is not closed";
    yield { type: "journal_torn", count: 1, places: [{ offset: end }], explanation };
  }
}

function ownerOf(path: string): ThreadId | null {
  return parseThreadId(path.slice(path.lastIndexOf("/") + 1, -".jsonl".length));
}

/** Keys of a thread that is not there. One that is just being made has its writer's lock. */
function examineOwner({ files, home, isThere }: KnownThreads, path: string): HomeFinding[] {
  const threadId = ownerOf(path);
  if (threadId === null || isThere(threadId)) return [];
  if (files.status(`${home}/thread-writer-locks/${threadId}.lock`)) return [];
  const explanation = "the file keeps the append keys of a thread that has no rollout in this home";
  return [findingIn(path, threadId, aboutFile("unfinished_delete", explanation))];
}

function examineNames({ files, home, isThere }: KnownThreads): HomeFinding[] {
  const file = files.openToRead(`${home}/${SESSION_INDEX}`);
  if (!file) return [];
  const damaged = new Places();
  const named = new Map<ThreadId, { readonly place: FindingPlace; readonly isNamed: boolean }>();
  try {
    let number = 0;
    readLines(file, { start: 0, end: file.status().size }, (line) => {
      const place = { line: ++number, offset: line.offset };
      const text = isBlank(line) ? "" : textOfLine(line);
      const entry = text === null ? null : parseNameEntry(text);
      if (entry) named.set(entry.threadId, { place, isNamed: entry.name.trim() !== "" });
      else if (text !== "") damaged.add(place);
      return true;
    });
  } finally {
    file.close();
  }
  const findings = damaged.toFindings("damaged_names", (count) => `${count} lines tell no name`);
  const stale = [...named].filter(([threadId, { isNamed }]) => isNamed && !isThere(threadId));
  return [
    ...findings.map((finding) => findingIn(SESSION_INDEX, null, finding)),
    ...stale.map(([threadId, { place }]) => {
      const explanation = "it names a thread that has no rollout in this home";
      return findingIn(SESSION_INDEX, threadId, { type: "stale_names", count: 1, places: [place], explanation });
    }),
  ];
}
