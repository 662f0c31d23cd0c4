import type { IndexDatabase, Row } from "../index/index-database.js";
import type { RolloutRow } from "../index/rollout-row.js";
import { fileNameOf, plainPath } from "../rollout/rollout-name.js";
import type { DocumentMaker } from "./text-document.js";

/** How far the messages of a rollout are in the text index. */
export interface TextFile {
  readonly file: number;
  readonly readTo: number;
  readonly fingerprint: string;
  /** How many lines that are not blank were read. */
  readonly lines: number;
  readonly docs: number;
}

/** Numbers of documents within a file, as a power of two. */
const DOC_BITS = 2 ** 24;

export function firstDocOf(file: number): number {
  return file * DOC_BITS;
}

export function fileOfDoc(doc: number): number {
  return Math.floor(doc / DOC_BITS);
}

/** The rollouts of threads that are not in the text index as they are now, the newest first. */
export function rolloutsBehind(index: IndexDatabase): string[] {
  const rows = index.all(
    `SELECT r.path AS path FROM rollouts r LEFT JOIN text_files t
       ON t.path = r.path AND t.inode = r.inode AND t.size = r.size AND t.mtime_ms = r.mtime_ms
     WHERE t.file IS NULL AND r.thread_id IS NOT NULL ORDER BY r.mtime_ms DESC, r.path DESC`,
  );
  return rows.map(({ path }) => String(path));
}

export function textFileOf(index: IndexDatabase, { path }: Pick<RolloutRow, "path">): TextFile | undefined {
  const row = index.get("SELECT file, read_to, fingerprint, lines, docs FROM text_files WHERE name = ?", nameOf(path));
  return row && textFile(row);
}

/** The text files that hold some documents, with their rollouts' threads. */
export function threadsOfFiles(index: IndexDatabase, files: readonly number[]): string[] {
  const rows = index.all(
    `SELECT DISTINCT r.thread_id AS id FROM text_files t JOIN rollouts r ON r.path = t.path
     WHERE t.file IN (SELECT value FROM json_each(?)) AND r.thread_id IS NOT NULL`,
    JSON.stringify(files),
  );
  return rows.map(({ id }) => String(id));
}

/** What was read of a rollout since it was last saved. */
export interface TextProgress {
  readonly rollout: RolloutRow;
  /** What was known before; undefined when the file is begun anew. */
  readonly before: TextFile | undefined;
  readonly readTo: number;
  readonly fingerprint: string;
  readonly lines: number;
  /** Whether nothing is left to be read of the file as the index knows it. */
  readonly isRead: boolean;
  readonly made: DocumentMaker;
}

/** Words that are in the index, so that each is put there once: of one database, and as many as are worth remembering. */
export class KnownWords {
  readonly #words = new Set<string>();
  #generation = -1;

  /** The words that are not known yet; from now on they are. */
  takeNew(index: IndexDatabase, words: Iterable<string>): string[] {
    if (index.generation !== this.#generation || this.#words.size > KNOWN_WORDS_MAX) this.#words.clear();
    this.#generation = index.generation;
    const fresh: string[] = [];
    for (const word of words) {
      if (this.#words.has(word)) continue;
      this.#words.add(word);
      fresh.push(word);
    }
    return fresh;
  }

  /** What was taken was not saved. */
  forget(): void {
    this.#words.clear();
  }
}

const KNOWN_WORDS_MAX = 200_000;

/** Saves documents with how far they reach, unless somebody else has gone on from there. Runs in a transaction. */
export function saveTextProgress(index: IndexDatabase, progress: TextProgress, words: KnownWords): void {
  const { rollout, before, made, isRead } = progress;
  const known = textFileOf(index, rollout);
  if (before ? known?.readTo !== before.readTo || known.docs !== before.docs : false) return;
  if (!before && known) forgetTextFile(index, known);
  const { path, inode, size, mtimeMs } = rollout;
  // A file that is not read to its end is not up to date, whatever it looks like.
  const saved = [
    path,
    inode,
    isRead ? size : -1,
    mtimeMs,
    progress.readTo,
    progress.fingerprint,
    progress.lines,
  ] as const;
  const docs = (before?.docs ?? 0) + made.documents.length;
  const file = before?.file ?? newFile(index, path);
  index.run(
    `UPDATE text_files SET path = ?, inode = ?, size = ?, mtime_ms = ?, read_to = ?, fingerprint = ?, lines = ?, docs = ?
     WHERE file = ?`,
    ...saved,
    docs,
    file,
  );
  for (const [at, { start, end, firstLine, words: text }] of made.documents.entries()) {
    const doc = firstDocOf(file) + (before?.docs ?? 0) + at;
    index.run(
      "INSERT INTO text_docs (doc, start, length, first_line) VALUES (?, ?, ?, ?)",
      doc,
      start,
      end - start,
      firstLine,
    );
    index.run("INSERT INTO texts (rowid, words) VALUES (?, ?)", doc, text);
  }
  for (const word of words.takeNew(index, made.vocabulary)) {
    index.run("INSERT OR IGNORE INTO text_words (word) VALUES (?)", word);
  }
}

/** Whether rollouts are in the text index that are not there any more. */
export function hasGoneFiles(index: IndexDatabase): boolean {
  const sql = "SELECT 1 FROM text_files t LEFT JOIN rollouts r ON r.path = t.path WHERE r.path IS NULL LIMIT 1";
  return index.get(sql) !== undefined;
}

/** Forgets rollouts that are not there any more, so many at most; whether there may be more. Runs in a transaction. */
export function forgetGoneFiles(index: IndexDatabase, filesMax: number): boolean {
  const gone = index.all(
    `SELECT t.file, t.read_to, t.fingerprint, t.lines, t.docs FROM text_files t LEFT JOIN rollouts r ON r.path = t.path
     WHERE r.path IS NULL LIMIT ?`,
    filesMax,
  );
  for (const row of gone) forgetTextFile(index, textFile(row));
  return gone.length === filesMax;
}

function newFile(index: IndexDatabase, path: string): number {
  const row = index.get(
    `INSERT INTO text_files (name, path, inode, size, mtime_ms, read_to, fingerprint, lines, docs)
     VALUES (?, ?, 0, -1, 0, 0, '', 0, 0) RETURNING file`,
    nameOf(path),
    path,
  );
  return Number(row?.file);
}

function forgetTextFile(index: IndexDatabase, { file }: TextFile): void {
  const [first, next] = [firstDocOf(file), firstDocOf(file + 1)];
  index.run("DELETE FROM texts WHERE rowid >= ? AND rowid < ?", first, next);
  index.run("DELETE FROM text_docs WHERE doc >= ? AND doc < ?", first, next);
  index.run("DELETE FROM text_files WHERE file = ?", file);
}

function textFile(row: Row): TextFile {
  return {
    file: Number(row.file),
    readTo: Number(row.read_to),
    fingerprint: String(row.fingerprint),
    lines: Number(row.lines),
    docs: Number(row.docs),
  };
}

/** Moving, archiving and compressing a rollout keeps what it holds. */
function nameOf(path: string): string {
  return fileNameOf(plainPath(path));
}
