import { dirname } from "node:path";
import type { ThreadId } from "@threadstore/core";
import { unavailable } from "@threadstore/core/driver";
import type { AppendFile, FileSystem } from "../file-system/file-system.js";
import { removeLeftover } from "../file-system/folders.js";
import type { SafeNames } from "../file-system/safe-names.js";
import { syncFile } from "../file-system/sync-file.js";
import { whileLocked } from "../locks/locked-file.js";
import { encodeBlock } from "./log-record.js";
import type { UnsyncedBytes } from "./unsynced-tail.js";

/** What is not safe of a thread. */
export interface ThreadBytes {
  readonly threadId: ThreadId;
  readonly parts: readonly UnsyncedBytes[];
}

/** The home whose threads are logged. */
export interface LoggedHome {
  readonly files: FileSystem;
  /** Absolute, without a slash at its end. */
  readonly home: string;
  readonly names: SafeNames;
}

/** One file of a commit log, that its process keeps locked: whoever can lock it knows that its process is gone. */
export class LogFile {
  readonly #files: FileSystem;
  readonly #home: string;
  readonly #names: SafeNames;
  readonly #path: string;
  readonly #file: AppendFile;
  /** The files whose bytes it keeps for the disk. */
  readonly #kept = new Map<string, KeptFile>();
  /** The threads of which it holds anything. */
  readonly #held = new Set<ThreadId>();
  #size = 0;
  #isNameSynced = false;

  private constructor({ files, home, names }: LoggedHome, path: string) {
    this.#files = files;
    this.#home = home;
    this.#names = names;
    this.#path = path;
    this.#file = files.openToAppend(path, "new");
  }

  static make(home: LoggedHome, name: string): LogFile {
    const folder = logFolder(home.home);
    home.names.makeFolder(folder);
    const log = new LogFile(home, `${folder}/${name}.log`);
    try {
      if (log.#file.tryLock("exclusive")) return log;
      throw unavailable(`the commit log ${name} is locked by another program`);
    } catch (error) {
      removeLeftover(home.files, log.#path);
      log.abandon();
      throw error;
    }
  }

  get size(): number {
    return this.#size;
  }

  /** Whether bytes of a thread are in it, needed or not. */
  holds(threadId: ThreadId): boolean {
    return this.#held.has(threadId);
  }

  /** The files of a thread are on the disk: its bytes are not needed any more. */
  release(threadId: ThreadId): void {
    for (const [path, kept] of this.#kept) if (kept.threadId === threadId) this.#kept.delete(path);
  }

  /** Writes what is not safe of some threads; it is when `sync` resolves. Nothing of it is left when it throws. */
  write(all: readonly ThreadBytes[]): void {
    const records = all.flatMap(({ threadId, parts }) =>
      parts.map(({ path, offset, bytes }) => ({ threadId, path: path.slice(this.#home.length + 1), offset, bytes })),
    );
    const block = encodeBlock(records);
    try {
      this.#file.append(block);
    } catch (error) {
      this.#file.truncate(this.#size);
      throw error;
    }
    this.#size += block.length;
    for (const { threadId, parts } of all) {
      for (const { path, offset } of parts) {
        this.#kept.set(path, { threadId, from: this.#kept.get(path)?.from ?? offset });
      }
      this.#held.add(threadId);
    }
  }

  async sync(): Promise<void> {
    await this.#file.sync();
    if (!this.#isNameSynced) await this.#names.sync(dirname(this.#path));
    this.#isNameSynced = true;
  }

  /** Syncs the files whose bytes it keeps, and their names; then it is empty. */
  async checkpoint(): Promise<void> {
    const folders = new Set<string>();
    for (const [path, { from }] of [...this.#kept]) {
      const file = this.#files.openToAppend(path, "existing");
      // A file that is gone was removed after its thread was given back.
      if (!file) continue;
      try {
        await syncFile(this.#files, { path, file, from }, (work) => whileLocked(file, work));
      } finally {
        file.close();
      }
      folders.add(dirname(path));
    }
    for (const folder of folders) await this.#names.sync(folder);
    this.#file.truncate(0);
    await this.#file.sync();
    this.#size = 0;
    this.#kept.clear();
    this.#held.clear();
  }

  /** Gives the lock up and removes the file. */
  remove(): void {
    try {
      this.#files.removeFile(this.#path);
    } finally {
      this.#file.close();
    }
  }

  /** Gives the lock up and leaves the file to whoever opens the home next. */
  abandon(): void {
    this.#file.close();
  }
}

/** A file whose bytes are kept. */
interface KeptFile {
  readonly threadId: ThreadId;
  /** Where the first of them stands. */
  readonly from: number;
}

/** Where the commit logs of a home lie. */
export function logFolder(home: string): string {
  return `${home}/threadstore/log`;
}
