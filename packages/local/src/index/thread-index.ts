import type { FileSystem } from "../file-system/file-system.js";
import { type CatchUpOptions, type CatchUpResult, catchUp, type KnownFiles } from "./catch-up.js";
import { IndexDatabase } from "./index-database.js";
import type { IndexLocation } from "./index-location.js";

/** The index of a home: opened when first asked, brought up to date on each call, repaired when it breaks. */
export class ThreadIndex {
  readonly #database: IndexDatabase;
  readonly #files: FileSystem;
  readonly #home: string;
  readonly #known: KnownFiles = new Map();
  #knownAt = "";
  #running: Promise<CatchUpResult> | undefined;
  #next: Promise<CatchUpResult> | undefined;

  constructor(files: FileSystem, home: string, locations: readonly IndexLocation[]) {
    this.#files = files;
    this.#home = home;
    this.#database = new IndexDatabase(locations, files);
  }

  /** Where the index lies; null when it is in memory. */
  get path(): string | null {
    return this.#database.path;
  }

  /**
   * Runs a query on the index. Unless `asIs`, it first sees everything that anybody changed in the home before this call.
   */
  async query<T>(work: (index: IndexDatabase) => T, options: { readonly asIs?: boolean } = {}): Promise<T> {
    return this.#database.repairing(async () => {
      if (!options.asIs || this.#isEmpty()) await this.#fresh();
      return work(this.#database);
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
    const run = Promise.resolve().then(() => {
      this.#loadKnown();
      return catchUp(context, this.#known, options);
    });
    this.#running = run;
    try {
      return await run;
    } finally {
      if (this.#running === run) this.#running = undefined;
      this.#knownAt = this.#version();
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
