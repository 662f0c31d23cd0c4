import type { Clock, ThreadId } from "@threadstore/core";
import type { FileSystem } from "../file-system/file-system.js";
import { type CatchUpOptions, type CatchUpResult, catchUp, type KnownFiles } from "./catch-up.js";
import { catchUpFolders, type FolderChanges } from "./catch-up-folders.js";
import { catchUpThread } from "./catch-up-thread.js";
import type { ChangeCount } from "./change-count.js";
import { type FolderMarks, loadFolderMarks, newestFolders } from "./folder-marks.js";
import { IndexDatabase } from "./index-database.js";
import type { IndexLocation } from "./index-location.js";
import { rolloutsOfThread } from "./rollout-row.js";
import { queryReadable } from "./unreadable-paths.js";

export interface IndexQuery {
  /** Answer from the index as it is. */
  readonly asIs?: boolean;
  /** The only thread that the query is about. */
  readonly threadId?: ThreadId;
  /** Also about what other threads have to do with it: an answer from a part of the home would be wrong. */
  readonly needsAll?: boolean;
  /** The thread is not expected to be there. */
  readonly isNew?: boolean;
  /** Goes on from an earlier query about it: only the folders that new rollouts are made in are looked at. */
  readonly isContinued?: boolean;
}

export interface ThreadIndexOptions {
  readonly files: FileSystem;
  readonly home: string;
  /** That new rollouts are named by. */
  readonly clock: Clock;
  /** Where the index may lie, the preferred place first. */
  readonly locations: readonly IndexLocation[];
  /** What may have changed, for somebody watches. Default: nobody does. */
  readonly changes?: ChangeCount;
}

/** The newest folders are others after midnight. */
const MARKS_MAX_AGE_MS = 60 * 60 * 1_000;

/** The index of a home: opened when first asked, brought up to date on each call, repaired when it breaks. */
export class ThreadIndex {
  readonly #database: IndexDatabase;
  readonly #files: FileSystem;
  readonly #home: string;
  readonly #clock: Clock;
  readonly #changes: ChangeCount | undefined;
  readonly #known: KnownFiles = new Map();
  #knownAt = "";
  /** The count of changes before the last walk, and the database that holds what it saw. */
  #walked: { readonly count: number | null; readonly generation: number } | undefined;
  #marks: { readonly version: string; readonly all: FolderMarks; readonly newest: FolderMarks } | undefined;
  #running: Promise<CatchUpResult> | undefined;
  #next: Promise<CatchUpResult> | undefined;

  constructor({ files, home, clock, locations, changes }: ThreadIndexOptions) {
    this.#files = files;
    this.#home = home;
    this.#clock = clock;
    this.#changes = changes;
    this.#database = new IndexDatabase(locations, files);
  }

  /** Where the index lies; null when it is in memory. */
  get path(): string | null {
    return this.#database.path;
  }

  /**
   * Runs a query on the index. Unless `asIs`, it first sees everything that anybody changed in the home before this call;
   * with `threadId`, everything that this thread is made of. While the home is watched, what was told of it is enough.
   */
  async query<T>(work: (index: IndexDatabase) => T, options: IndexQuery = {}): Promise<T> {
    return this.#database.repairing(async () => {
      if (this.#isFresh(options)) return work(this.#database);
      const { unreadable } = await this.#fresh();
      return queryReadable(this.#database, { unreadable, scope: options }, work);
    });
  }

  /** Brings the index up to date and says what changed. */
  async catchUp(options: CatchUpOptions = {}): Promise<CatchUpResult> {
    return this.#database.repairing(() =>
      options.isComplete || options.onProgress ? this.#run(options) : this.#fresh(),
    );
  }

  close(): void {
    this.#database.close();
  }

  #isFresh(query: IndexQuery): boolean {
    const { asIs = false, needsAll = false } = query;
    if (asIs) return !this.#isEmpty();
    if (this.#isWalked()) return true;
    return !needsAll && this.#freshThread(query);
  }

  /** Whether nothing that is watched changed since the last walk, and the database is still the one that knows of it. */
  #isWalked(): boolean {
    const count = this.#changes?.complete ?? null;
    if (count === null || count !== this.#walked?.count) return false;
    this.#database.dataVersion();
    return this.#walked.generation === this.#database.generation;
  }

  /** Looks at the files of one thread, and at those that came or went; false when that does not do. */
  #freshThread({ threadId, isContinued = false, isNew = false }: IndexQuery): boolean {
    if (threadId === undefined || this.#running !== undefined) return false;
    const context = { files: this.#files, home: this.#home, index: this.#database };
    const { all, newest } = this.#folderMarks();
    const changes = catchUpFolders(context, { all, looked: isContinued ? newest : all });
    if (changes === null) return false;
    this.#learn(changes);
    const rows = catchUpThread(context, threadId);
    if (rows !== null) this.#learn({ rows, removed: [] });
    return rows !== null || (isNew && rolloutsOfThread(this.#database, threadId).length === 0);
  }

  /** What this process saved itself need not be read from the database. */
  #learn({ rows, removed }: FolderChanges): void {
    if (rows.length + removed.length > 0) this.#marks = undefined;
    if (this.#knownAt !== this.#version()) return;
    for (const path of removed) this.#known.delete(path);
    for (const { path, inode, size, mtimeMs } of rows) this.#known.set(path, { inode, size, mtimeMs });
  }

  #folderMarks() {
    const nowMs = this.#clock.nowMs();
    const version = `${this.#version()} ${Math.floor(nowMs / MARKS_MAX_AGE_MS)}`;
    if (this.#marks?.version !== version) {
      const all = loadFolderMarks(this.#database);
      this.#marks = { version, all, newest: newestFolders(all, nowMs) };
    }
    return this.#marks;
  }

  /** An index that was just made knows nothing: `asIs` would answer that there are no threads. */
  #isEmpty(): boolean {
    return this.#database.get("SELECT 1 FROM sources LIMIT 1") === undefined;
  }

  /**
   * Calls that come while a catch-up runs share the next one: the running one may already have passed over what they
   * must see.
   */
  #fresh(): Promise<CatchUpResult> {
    if (this.#running === undefined) return this.#run({});
    this.#next ??= this.#running.then(
      () => this.#startNext(),
      () => this.#startNext(),
    );
    return this.#next;
  }

  #startNext(): Promise<CatchUpResult> {
    this.#next = undefined;
    return this.#run({});
  }

  async #run(options: CatchUpOptions): Promise<CatchUpResult> {
    const context = { files: this.#files, home: this.#home, index: this.#database };
    let count: number | null = null;
    const run = Promise.resolve().then(() => {
      count = this.#changes?.complete ?? null;
      this.#loadKnown();
      return catchUp(context, this.#known, options);
    });
    this.#running = run;
    try {
      const result = await run;
      this.#walked = { count: result.unreadable.length > 0 ? null : count, generation: this.#database.generation };
      return result;
    } finally {
      if (this.#running === run) this.#running = undefined;
      this.#knownAt = this.#version();
      this.#marks = undefined;
    }
  }

  #version(): string {
    // Asking for the data version opens the database, which may begin a new generation.
    const dataVersion = this.#database.dataVersion();
    return `${this.#database.generation}:${dataVersion}`;
  }

  /** What other processes wrote since the last look is read from the database, not from the files again. */
  #loadKnown(): void {
    if (this.#knownAt === this.#version()) return;
    this.#known.clear();
    for (const row of this.#database.all("SELECT path, inode, size, mtime_ms FROM rollouts")) {
      const identity = { inode: Number(row.inode), size: Number(row.size), mtimeMs: Number(row.mtime_ms) };
      this.#known.set(String(row.path), identity);
    }
  }
}
