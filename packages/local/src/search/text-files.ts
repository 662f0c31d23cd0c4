import type { IndexDatabase, Row } from "../index/index-database.js";
import type { RolloutRow } from "../index/rollout-row.js";
import { fileNameOf, plainPath } from "../rollout/rollout-name.js";
import type { KnownWords } from "./known-words.js";
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

/** A rollout as the index knows its file. */
export type RolloutState = Pick<RolloutRow, "path" | "inode" | "size" | "mtimeMs">;

/** The rollouts of threads that are not in the text index as they are now, the newest first. */
export function rolloutsBehind(index: IndexDatabase): RolloutState[] {
  const rows = index.all(
    `SELECT r.path, r.inode, r.size, r.mtime_ms FROM rollouts r LEFT JOIN text_files t
       ON t.path = r.path AND t.inode = r.inode AND t.size = r.size AND t.mtime_ms = r.mtime_ms
     WHERE t.file IS NULL AND r.thread_id IS NOT NULL ORDER BY r.mtime_ms DESC, r.path DESC`,
  );
  return rows.map(({ path, inode, size, mtime_ms }) => {
    return { path: String(path), inode: Number(inode), size: Number(size), mtimeMs: Number(mtime_ms) };
  });
}

export function textFileOf(index: IndexDatabase, { path }: Pick<RolloutState, "path">): TextFile | undefined {
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
  readonly rollout: RolloutState;
  /** What was known before; undefined when the file is begun anew. */
  readonly before: TextFile | undefined;
  readonly readTo: number;
  readonly fingerprint: string;
  readonly lines: number;
  /** Whether nothing is left to be read of the file as the index knows it. */
  readonly isRead: boolean;
  readonly made: DocumentMaker;
}

/**
 * Saves documents with how far they reach, but for rollouts with which somebody else has gone on. Runs in a transaction. The words
 * come last: other statements have FTS5 write what it gathers.
 */
export function saveTexts(index: IndexDatabase, read: readonly TextProgress[], words: KnownWords): void {
  const saved: { readonly doc: number; readonly words: string }[] = [];
  for (const progress of read) saved.push(...saveDocuments(index, progress));
  for (const word of words.takeNew(index, vocabularyOf(read))) {
    index.run("INSERT OR IGNORE INTO text_words (word) VALUES (?)", word);
  }
  for (const { doc, words: text } of saved) index.run("INSERT INTO texts (rowid, words) VALUES (?, ?)", doc, text);
}

function* vocabularyOf(read: readonly TextProgress[]): Generator<string> {
  for (const { made } of read) yield* made.vocabulary;
}

/** Saves where the documents of a rollout lie, and how far it was read. Their keys and words. */
function saveDocuments(index: IndexDatabase, progress: TextProgress) {
  const { before, made } = progress;
  const file = before ? goOn(index, progress, before) : begin(index, progress);
  if (file === null) return [];
  return made.documents.map(({ start, end, firstLine, words }, at) => {
    const doc = firstDocOf(file) + (before?.docs ?? 0) + at;
    const sql = "INSERT INTO text_docs (doc, start, length, first_line) VALUES (?, ?, ?, ?)";
    index.run(sql, doc, start, end - start, firstLine);
    return { doc, words };
  });
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

/** Saves how far a file was read that is begun; null when somebody else has gone on with it. */
function goOn(index: IndexDatabase, progress: TextProgress, before: TextFile): number | null {
  const sql = `UPDATE text_files SET path = ?, inode = ?, size = ?, mtime_ms = ?, read_to = ?, fingerprint = ?, lines = ?, docs = ?
    WHERE file = ? AND read_to = ? AND docs = ?`;
  const { file, readTo, docs } = before;
  return index.run(sql, ...columnsOf(progress), file, readTo, docs) > 0 ? file : null;
}

/** The key of a file that is begun anew: what was known of it does not count any more. */
function begin(index: IndexDatabase, progress: TextProgress): number {
  const { path } = progress.rollout;
  const sql = `INSERT INTO text_files (name, path, inode, size, mtime_ms, read_to, fingerprint, lines, docs)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING RETURNING file`;
  const row = index.get(sql, nameOf(path), ...columnsOf(progress));
  if (row) return Number(row.file);
  forgetTextFile(index, textFileOf(index, { path }) as TextFile);
  return begin(index, progress);
}

function columnsOf({ rollout, before, made, isRead, readTo, fingerprint, lines }: TextProgress) {
  const { path, inode, size, mtimeMs } = rollout;
  const docs = (before?.docs ?? 0) + made.documents.length;
  // A file that is not read to its end is not up to date, whatever it looks like.
  return [path, inode, isRead ? size : -1, mtimeMs, readTo, fingerprint, lines, docs] as const;
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
