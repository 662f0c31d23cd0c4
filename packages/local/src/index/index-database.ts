import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from "@photostructure/sqlite";
import { unavailable } from "@threadstore/core/driver";
import type { FileSystem } from "../file-system/file-system.js";
import type { IndexLocation } from "./index-location.js";
import { SCHEMA_STEPS, SCHEMA_VERSION } from "./schema.js";

/** What a column holds; bytes come as the column was declared to hold them. */
export type Value = string | number | null | Uint8Array;
/** A row as SQLite gives it. */
export type Row = Readonly<Record<string, Value>>;

/** Milliseconds to wait for another process that is writing the index; a catch-up of thousands of files takes less. */
const BUSY_TIMEOUT_MS = 10_000;

/** WAL lets readers go on while another process writes; a checkpoint at 64 MB keeps it out of the first catch-up. */
const PRAGMAS = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA wal_autocheckpoint = 16000;
  PRAGMA temp_store = MEMORY;
`;

/**
 * The index database of a home. It is disposable: when it is missing, damaged or cannot be written it is made anew,
 * there or at the next location, down to one in memory. Only an index of a newer version is left alone.
 */
export class IndexDatabase {
  readonly #locations: readonly IndexLocation[];
  readonly #files: FileSystem;
  readonly #statements = new Map<string, StatementSyncInstance>();
  #database: DatabaseSyncInstance | undefined;
  #location = 0;
  #inode: number | undefined;
  #recoveries = 0;
  /** Grows each time the database was made or opened anew: what was remembered of its content is void then. */
  generation = 0;

  constructor(locations: readonly IndexLocation[], files: FileSystem) {
    this.#locations = locations;
    this.#files = files;
  }

  /** Where the index lies; null when it is in memory. */
  get path(): string | null {
    return this.#locations[this.#location]?.path ?? null;
  }

  all(sql: string, ...values: Value[]): Row[] {
    return this.#statement(sql).all(...values) as unknown as Row[];
  }

  get(sql: string, ...values: Value[]): Row | undefined {
    return this.#statement(sql).get(...values) as unknown as Row | undefined;
  }

  /** Runs a statement; returns how many rows it changed. */
  run(sql: string, ...values: Value[]): number {
    return Number(this.#statement(sql).run(...values).changes);
  }

  /** Runs work in one write transaction, which other processes see whole or not at all. */
  transaction(work: () => void): void {
    const database = this.#open();
    database.exec("BEGIN IMMEDIATE");
    try {
      work();
      database.exec("COMMIT");
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  }

  /** Runs queries that all see the index as it is at one time, whatever others write meanwhile. */
  snapshot<T>(work: () => T): T {
    const database = this.#open();
    database.exec("BEGIN");
    try {
      return work();
    } finally {
      if (database.isTransaction) database.exec("COMMIT");
    }
  }

  /** Changes when another connection wrote to the database. */
  dataVersion(): number {
    return Number(this.get("PRAGMA data_version")?.data_version ?? 0);
  }

  /**
   * Runs work on the index. When the index turns out to be gone, damaged or not writable, it is made anew and the work
   * runs again from its start; the work must therefore not keep anything from a failed run.
   */
  async repairing<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      const recoveries = this.#recoveries;
      try {
        this.#closeWhenGone();
        return await work();
      } catch (error) {
        if (!isIndexFailure(error) || attempt > this.#locations.length) throw error;
        // Work that failed beside this one may have recovered the index already: that one is good.
        if (recoveries === this.#recoveries) this.#recover(error);
      }
    }
  }

  close(): void {
    this.#statements.clear();
    // Statements keep the connection until they are collected; what is in the log is moved to the database now.
    if (this.#database) checkpoint(this.#database);
    this.#database?.close();
    this.#database = undefined;
    this.#inode = undefined;
  }

  #statement(sql: string): StatementSyncInstance {
    const database = this.#open();
    const prepared = this.#statements.get(sql) ?? database.prepare(sql);
    this.#statements.set(sql, prepared);
    return prepared;
  }

  #open(): DatabaseSyncInstance {
    if (this.#database) return this.#database;
    const location = this.#locations[this.#location] as IndexLocation;
    const database = openDatabase(location, this.#files);
    this.#database = database;
    this.#inode = location.path === null ? undefined : this.#files.status(location.path)?.inode;
    this.generation++;
    return database;
  }

  /** Somebody may delete the cache while it is open; what is written to a deleted file is lost to everyone else. */
  #closeWhenGone(): void {
    const path = this.path;
    if (this.#database && path !== null && this.#files.status(path)?.inode !== this.#inode) this.close();
  }

  /** A damaged index is removed and made anew; one that cannot be written makes room for the next location. */
  #recover(error: unknown): void {
    this.#recoveries++;
    this.close();
    const path = this.path;
    if (path !== null && isDamage(error)) {
      for (const suffix of ["", "-wal", "-shm"]) this.#files.removeFile(path + suffix);
    } else if (this.#location < this.#locations.length - 1) this.#location++;
  }
}

/** That an index cannot be opened where it should lie. */
class IndexUnavailable extends Error {}

function openDatabase(location: IndexLocation, files: FileSystem): DatabaseSyncInstance {
  try {
    location.prepare(files);
  } catch (cause) {
    throw new IndexUnavailable(`no index can be made at ${location.path}`, { cause });
  }
  // Opening a database in WAL mode makes its side files: what the file itself says is looked at before.
  if (location.path !== null) refuseNewer(versionInHeader(files, location.path), location.path);
  const database = new DatabaseSync(location.path ?? ":memory:", { timeout: BUSY_TIMEOUT_MS });
  try {
    refuseNewer(versionOf(database), location.path);
    database.exec(PRAGMAS);
    migrate(database, location.path);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function checkpoint(database: DatabaseSyncInstance): void {
  try {
    // Somebody else who is using the index will do it later: closing does not wait for them.
    database.exec("PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)");
  } catch {
    // A damaged or busy index is as good as none: the next one to open it sees to it.
  }
}

/** How SQLite's file format begins, and where it keeps the user version, as four bytes, the highest first. */
const FORMAT = "SQLite format 3\0";
const USER_VERSION_OFFSET = 60;

/** The version that a database file says it has; 0 when it is none. */
function versionInHeader(files: FileSystem, path: string): number {
  const file = files.status(path)?.kind === "file" ? files.openToRead(path) : null;
  const header = Buffer.alloc(USER_VERSION_OFFSET + 4);
  try {
    file?.read(header, 0);
  } finally {
    file?.close();
  }
  return header.toString("latin1", 0, FORMAT.length) === FORMAT ? header.readInt32BE(USER_VERSION_OFFSET) : 0;
}

function versionOf(database: DatabaseSyncInstance): number {
  return Number((database.prepare("PRAGMA user_version").get() as { user_version: number }).user_version);
}

/** An index that a newer threadstore made is not touched: that one may be running beside this one. */
function refuseNewer(found: number, path: string | null): void {
  if (found <= SCHEMA_VERSION) return;
  throw unavailable(
    `the index at ${path} has version ${found}, this threadstore knows versions up to ${SCHEMA_VERSION}: ` +
      "use a newer threadstore, or delete the index",
  );
}

function migrate(database: DatabaseSyncInstance, path: string | null): void {
  if (versionOf(database) === SCHEMA_VERSION) return;
  database.exec("BEGIN IMMEDIATE");
  try {
    // Another process may have brought it up to date while this one waited, or further than this one knows.
    const found = versionOf(database);
    refuseNewer(found, path);
    for (const step of SCHEMA_STEPS.slice(found)) database.exec(step);
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

/** SQLite's codes for a file that is no longer a database, or not this one. */
const DAMAGE = new Set(["SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT", "SQLITE_ERROR", "SQLITE_SCHEMA"]);

function isIndexFailure(error: unknown): boolean {
  return (
    error instanceof IndexUnavailable ||
    isDamagedValue(error) ||
    (error as { code?: unknown }).code === "ERR_SQLITE_ERROR"
  );
}

/** SQLite notices damage of its own pages only: that of a value shows when it is no JSON any more. */
function isDamagedValue(error: unknown): boolean {
  return error instanceof SyntaxError;
}

function isDamage(error: unknown): boolean {
  return isDamagedValue(error) || DAMAGE.has(String((error as { sqliteCodeName?: unknown }).sqliteCodeName));
}
