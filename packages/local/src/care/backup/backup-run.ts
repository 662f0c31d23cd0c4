import { setImmediate } from "node:timers/promises";
import type { FileStatus, FileSystem } from "../../file-system/file-system.js";
import { isSystemError } from "../../map-error.js";
import { STATE_DATABASE } from "../../neighbour/state-database.js";
import { fileNameOf } from "../../rollout/rollout-name.js";
import { syncNames } from "../sync-names.js";
import { copyDatabase } from "./copy-database.js";
import { type Copied, copySettled } from "./copy-settled.js";
import { type BackupSource, findSources } from "./find-sources.js";
import { type BackupEntry, type BackupManifest, type LeftOut, STORED_FOLDER } from "./manifest.js";

/** What a backup did. */
export interface BackupTally {
  /** Files that were copied whole. */
  readonly copied: number;
  /** Files of which only what is new was copied. */
  readonly grown: number;
  /** Files that were in the backup already. */
  readonly unchanged: number;
  /** Files that could not be copied; what the backup had of them before stays. */
  readonly failed: readonly LeftOut[];
}

export interface BackupRunOptions {
  readonly files: FileSystem;
  readonly home: string;
  readonly folder: string;
  /** The manifest of the backup before; null: there is none. */
  readonly before: BackupManifest | null;
}

export interface BackupRunResult {
  readonly entries: readonly BackupEntry[];
  readonly earlier: readonly BackupEntry[];
  readonly leftOut: readonly LeftOut[];
  /** Stored files that nothing names once the new manifest is in place. */
  readonly superseded: readonly string[];
  readonly tally: BackupTally;
}

/** Copies what changed of a home into a backup. What the manifest before names is only added to, so it stays true. */
export class BackupRun {
  readonly #options: BackupRunOptions;
  readonly #byPath: ReadonlyMap<string, BackupEntry>;
  readonly #byName: ReadonlyMap<string, BackupEntry>;
  readonly #usedNames: Set<string>;
  /** Copies that a moved file goes on with: each has one heir. */
  readonly #claimed = new Set<string>();
  readonly #entries: BackupEntry[] = [];
  readonly #replaced: BackupEntry[] = [];
  readonly #failed: LeftOut[] = [];
  readonly #leftOut: LeftOut[] = [];
  readonly #counts = { copied: 0, grown: 0, unchanged: 0 };

  constructor(options: BackupRunOptions) {
    const { files = [], earlier = [] } = options.before ?? {};
    this.#options = options;
    this.#byPath = new Map(files.map((entry) => [entry.path, entry]));
    this.#byName = new Map(files.map((entry) => [fileNameOf(entry.path), entry]));
    this.#usedNames = new Set([...files, ...earlier].map(({ stored }) => stored));
  }

  async copyAll(onProgress: (done: number, total: number) => void): Promise<BackupRunResult> {
    const { files, home } = this.#options;
    await this.#copyDatabase();
    const sources = findSources(files, home, (path, status) => {
      const known = this.#byPath.get(path);
      return known && isUntouched(known, status) ? known : undefined;
    });
    for (const [at, source] of sources.entries()) {
      await this.#copy(source);
      onProgress(at + 1, sources.length);
      await setImmediate();
    }
    this.#leaveOut();
    const { folder } = this.#options;
    await syncNames(
      files,
      folder,
      this.#entries.map(({ stored }) => `${folder}/${stored}`),
    );
    return this.#result();
  }

  async #copy(source: BackupSource): Promise<void> {
    const known = this.#known(source);
    const { files, home, folder } = this.#options;
    if (known && isUntouched(known, source.status) && this.#isStored(known)) {
      this.#counts.unchanged++;
      this.#keep({ ...known, ...placeOf(source) });
      return;
    }
    const stored = this.#freeName(source.path);
    try {
      const copied = await copySettled({
        files,
        source: `${home}/${source.path}`,
        target: `${folder}/${stored}`,
        known: known && { bytes: known.bytes, sha256: known.sha256, stored: `${folder}/${known.stored}` },
        isLines: source.path.endsWith(".jsonl"),
      });
      this.#take(source, { copied, known, stored });
    } catch (error) {
      if (!isSystemError(error) || error.code === "ENOSPC") throw error;
      this.#fail(source.path, `the system says ${error.code}`, known);
    }
  }

  #take(
    source: BackupSource,
    { copied, known, stored }: { readonly copied: Copied; readonly known: BackupEntry | null; readonly stored: string },
  ): void {
    // It went while the others were copied: as if it had gone before.
    if (copied.type === "gone") return;
    if (copied.type === "unstable") {
      this.#fail(source.path, "it was made anew again and again", known);
      return;
    }
    const { content, status } = copied;
    const isSame = known !== null && copied.type === "grown";
    if (known && !isSame) this.#replaced.push(known);
    this.#counts[isSame && content.bytes === known.bytes ? "unchanged" : copied.type]++;
    this.#keep({
      ...placeOf(source),
      stored: isSame ? known.stored : stored,
      sourceBytes: status.size,
      mtimeMs: status.mtimeMs,
      ...content,
    });
  }

  #keep(entry: BackupEntry): void {
    const { isGone: _isGone, ...present } = entry;
    this.#entries.push(present);
    this.#usedNames.add(entry.stored);
  }

  #fail(path: string, why: string, known: BackupEntry | null): void {
    this.#failed.push({ path, why });
    if (known) this.#keep(known);
  }

  /** What the backup has of a file, also of one that was moved since, as archiving does. */
  #known({ path }: BackupSource): BackupEntry | null {
    const same = this.#byPath.get(path);
    if (same) return same;
    const moved = this.#byName.get(fileNameOf(path));
    const isThere = moved && this.#options.files.status(`${this.#options.home}/${moved.path}`) !== null;
    const isFree = moved && !isThere && moved.kind === "rollout" && !this.#claimed.has(moved.stored);
    if (isFree) this.#claimed.add(moved.stored);
    return isFree ? moved : null;
  }

  #isStored({ stored, bytes }: BackupEntry): boolean {
    return (this.#options.files.status(`${this.#options.folder}/${stored}`)?.size ?? -1) >= bytes;
  }

  /** A name in the backup that no manifest uses: what one names is never written over. */
  #freeName(path: string): string {
    const first = `${STORED_FOLDER}/${path}`;
    for (let number = 1; ; number++) {
      const name = number === 1 ? first : `${first}~${number}`;
      if (!this.#usedNames.has(name)) return name;
    }
  }

  /** A database is copied by SQLite itself; it is not ours, and others write it. */
  async #copyDatabase(): Promise<void> {
    const { files, home, folder } = this.#options;
    const source = `${home}/${STATE_DATABASE}`;
    const status = databaseStatus(files, source);
    if (!status) return;
    const known = this.#byPath.get(STATE_DATABASE) ?? null;
    if (known && isUntouched(known, status) && this.#isStored(known)) {
      this.#counts.unchanged++;
      this.#keep(known);
      return;
    }
    const stored = this.#freeName(STATE_DATABASE);
    const content = await copyDatabase(files, source, `${folder}/${stored}`);
    if (!content) {
      this.#fail(STATE_DATABASE, "it is locked, or no database", known);
      return;
    }
    this.#counts.copied++;
    if (known) this.#replaced.push(known);
    const { size: sourceBytes, mtimeMs } = status;
    this.#keep({ path: STATE_DATABASE, kind: "database", stored, sourceBytes, mtimeMs, ...content });
  }

  /** Other files of the real Codex that hold something of threads. */
  #leaveOut(): void {
    for (const { name } of this.#options.files.readDirectory(this.#options.home) ?? []) {
      if (name.endsWith(".sqlite") && name !== STATE_DATABASE) {
        this.#leftOut.push({ path: name, why: "a database of the real Codex that no thread needs to be read" });
      }
      if (name === "history.jsonl")
        this.#leftOut.push({ path: name, why: "prompts of the real Codex's terminal, no threads" });
    }
  }

  /** What is gone from the home stays; what a rollout held before it was made anew does too. */
  #result(): BackupRunResult {
    const { files: oldFiles = [], earlier: oldEarlier = [] } = this.#options.before ?? {};
    const current = new Set(this.#entries.map(({ stored }) => stored));
    const replaced = this.#replaced.filter(({ stored }) => !current.has(stored));
    const gone = oldFiles
      .filter(({ stored }) => !current.has(stored) && !replaced.some((entry) => entry.stored === stored))
      .map((entry): BackupEntry => ({ ...entry, isGone: true }));
    const earlier = [...oldEarlier, ...replaced.filter(({ kind }) => kind === "rollout")];
    const entries = [...this.#entries, ...gone];
    const needed = new Set([...entries, ...earlier].map(({ stored }) => stored));
    const superseded = oldFiles.map(({ stored }) => stored).filter((stored) => !needed.has(stored));
    const tally = { ...this.#counts, failed: this.#failed };
    return { entries, earlier, leftOut: this.#leftOut, superseded, tally };
  }
}

function placeOf({ path, kind, ids }: BackupSource): Pick<BackupEntry, "path" | "kind"> & BackupSource["ids"] {
  const { threadId, rolloutId, baseRolloutId } = ids;
  return {
    path,
    kind,
    ...(threadId ? { threadId } : {}),
    ...(rolloutId ? { rolloutId } : {}),
    ...(baseRolloutId ? { baseRolloutId } : {}),
  };
}

function isUntouched(known: BackupEntry, status: Pick<FileStatus, "size" | "mtimeMs">): boolean {
  const isWhole = known.kind === "database" || known.bytes === known.sourceBytes;
  return isWhole && known.sourceBytes === status.size && known.mtimeMs === status.mtimeMs;
}

/** The size and time of a database with its write-ahead log. */
function databaseStatus(files: FileSystem, path: string): Pick<FileStatus, "size" | "mtimeMs"> | null {
  const main = files.status(path);
  const log = files.status(`${path}-wal`);
  return main && { size: main.size + (log?.size ?? 0), mtimeMs: Math.max(main.mtimeMs, log?.mtimeMs ?? 0) };
}
