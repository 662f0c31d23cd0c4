import { dirname } from "node:path";
import type { ThreadId } from "@threadstore/core";
import { unavailable } from "@threadstore/core/driver";
import type { AppendFile, FileSystem } from "../file-system/file-system.js";
import { removeLeftover } from "../file-system/folders.js";
import type { SafeNames } from "../file-system/safe-names.js";
import { syncFile } from "../file-system/sync-file.js";
import { whileLocked } from "../locks/locked-file.js";
import type { Flushable } from "./flushable.js";
import { encodeBlock } from "./log-record.js";
import type { UnsyncedBytes } from "./unsynced-tail.js";

/** What is not safe of a thread. */
export interface ThreadBytes {
  readonly thread: Flushable;
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
  /** The files whose bytes it keeps for the disk, and the threads that write them; null: nobody does any more. */
  readonly #kept = new Map<string, Flushable | null>();
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

  /** Whether bytes of a live thread are needed. */
  needs(thread: Flushable): boolean {
    return [...this.#kept.values()].includes(thread);
  }

  /** The files of a thread are on the disk: its bytes are not needed any more. */
  release(thread: Flushable): void {
    for (const [path, writer] of this.#kept) if (writer === thread) this.#kept.delete(path);
  }

  /** A thread is not live any more, and its bytes are needed still. */
  leave(thread: Flushable): void {
    for (const [path, writer] of this.#kept) if (writer === thread) this.#kept.set(path, null);
  }

  /** Writes what is not safe of some threads; it is when `sync` resolves. Nothing of it is left when it throws. */
  write(all: readonly ThreadBytes[]): void {
    const records = all.flatMap(({ thread: { threadId }, parts }) =>
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
    for (const { thread, parts } of all) {
      for (const { path } of parts) this.#kept.set(path, thread);
      this.#held.add(thread.threadId);
    }
  }

  async sync(): Promise<void> {
    await this.#file.sync();
    if (!this.#isNameSynced) await this.#names.sync(dirname(this.#path));
    this.#isNameSynced = true;
  }

  /** Syncs the files whose bytes it keeps, and their names; then it is empty. */
  async checkpoint(): Promise<void> {
    const synced = new Set<Flushable>();
    for (const path of [...this.#kept.keys()]) {
      const thread = this.#kept.get(path);
      // A live thread has its own way to sync: what its writer knows of its files, nobody else does.
      if (thread && !synced.has(thread)) await thread.sync();
      if (thread) synced.add(thread);
      if (thread === null) await this.#syncLeft(path);
    }
    this.#file.truncate(0);
    await this.#file.sync();
    this.#size = 0;
    this.#kept.clear();
    this.#held.clear();
  }

  /** Syncs a file that nobody here writes any more. One that is gone was removed after its thread was given back. */
  async #syncLeft(path: string): Promise<void> {
    const file = this.#files.openToAppend(path, "existing");
    if (!file) return;
    try {
      await syncFile(this.#files, { path, file }, (work) => whileLocked(file, work));
    } finally {
      file.close();
    }
    await this.#names.sync(dirname(path));
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

/** Where the commit logs of a home lie. */
export function logFolder(home: string): string {
  return `${home}/threadstore/log`;
}
