import { parseThreadId, type ThreadId } from "@threadstore/core";
import { conflict, unavailable, unsupported } from "@threadstore/core/driver";
import type { AppendFile, FileSystem, LockKind } from "../file-system/file-system.js";
import { hasFlock } from "../file-system/flock.js";
import { removeLeftover, requireHome } from "../file-system/folders.js";
import { tryLockFile } from "./locked-file.js";
import { waitForLock } from "./wait-for-lock.js";

/** The folder of locks that the real Codex and threadstore share. */
const LOCK_FOLDER = "thread-writer-locks";

/** Marks of the writers that are threadstore's: those can be taken over, because they look at their mark before they write. */
const MARK_FOLDER = "threadstore/writers";

export interface AcquireOptions {
  /** Take the thread from its writer, when that is one of threadstore. */
  readonly takeOver?: boolean;
}

/**
 * The locks of a home's threads, by the protocol of the real Codex: flock(2) on one file a thread for its writer, on
 * another for what archives, deletes or forks it, and on one of the whole folder around making and removing those files.
 * Nothing here waits in the operating system, so the event loop goes on.
 *
 * @see docs/locks.md
 */
export class ThreadLocks {
  readonly #files: FileSystem;
  readonly #home: string;
  #isTidy = false;

  constructor(files: FileSystem, home: string) {
    this.#files = files;
    this.#home = home;
  }

  /** Takes the right to write a thread. @throws `conflict` somebody else has it; `unsupported` on systems without flock. */
  async acquireWriter(threadId: ThreadId, { takeOver = false }: AcquireOptions = {}): Promise<WriterLock> {
    return this.#coordinated(() => {
      if (!this.#isTidy) this.#removeStale();
      this.#isTidy = true;
      return this.#lockWriter(threadId, takeOver);
    });
  }

  /**
   * Locks the life of a thread: shared while a fork makes its reference to it, exclusive while its files are moved or
   * removed. Always taken before a writer's lock. @throws `conflict` it stayed locked.
   */
  async acquireLifecycle(threadId: ThreadId, kind: LockKind): Promise<{ release(): void }> {
    this.#prepare();
    const path = `${this.#home}/${LOCK_FOLDER}/${threadId}.lifecycle.lock`;
    const file = await waitForLock(() => tryLockFile(this.#files, path, kind));
    if (!file) throw conflict(`thread ${threadId} is being archived, deleted or forked by another process`);
    return { release: () => file.close() };
  }

  /** Gives a writer's right back and removes its files, unless somebody took it over. */
  async release(held: readonly LockPart[]): Promise<void> {
    const close = () => {
      for (const { file } of held) file.close();
    };
    try {
      if (this.#files.status(this.#home) === null) return close();
      await this.#coordinated(() => {
        for (const { file, path } of held) if (file.status().isLinked) this.#files.removeFile(path);
        close();
      });
    } catch {
      // Files that stay behind do no harm: it is the lock on them that counts, and closing gives that up.
      close();
    }
  }

  #lockWriter(threadId: ThreadId, takeOver: boolean): WriterLock {
    const markPath = `${this.#home}/${MARK_FOLDER}/${threadId}.lock`;
    const lockPath = `${this.#home}/${LOCK_FOLDER}/${threadId}.lock`;
    const busy = () => conflict(`thread ${threadId} already has a live writer`);
    const free = tryLockFile(this.#files, markPath, "exclusive");
    if (!free && !takeOver) throw busy();
    // The writer before keeps its locks on files without a name; it finds that out before its next write. Its mark goes last:
    // without it nobody can take the thread over.
    if (!free) for (const path of [lockPath, markPath]) this.#files.removeFile(path);
    const mark = free ?? tryLockFile(this.#files, markPath, "exclusive");
    try {
      const lock = mark && tryLockFile(this.#files, lockPath, "exclusive");
      if (!mark || !lock) throw busy();
      const held = [
        { file: lock, path: lockPath },
        { file: mark, path: markPath },
      ];
      return new WriterLock(this, held, { threadId, mark, wasTakenOver: free === null });
    } catch (error) {
      mark?.close();
      removeLeftover(this.#files, markPath);
      throw error;
    }
  }

  /** Runs work while no other process makes or removes lock files. */
  async #coordinated<T>(work: () => T): Promise<T> {
    this.#prepare();
    const path = `${this.#home}/${LOCK_FOLDER}/.coordination.lock`;
    const file = await waitForLock(() => tryLockFile(this.#files, path, "exclusive"));
    if (!file) throw unavailable(`another process keeps ${path} locked`);
    try {
      return work();
    } finally {
      file.close();
    }
  }

  #prepare(): void {
    if (!hasFlock) throw unsupported("write_locks");
    requireHome(this.#files, this.#home);
    for (const folder of [LOCK_FOLDER, MARK_FOLDER]) this.#files.makeDirectory(`${this.#home}/${folder}`);
  }

  /** Removes the files of writers that ended without closing: those that can be locked. */
  #removeStale(): void {
    for (const folder of [LOCK_FOLDER, MARK_FOLDER]) {
      for (const { name } of this.#files.readDirectory(`${this.#home}/${folder}`) ?? []) {
        if (!name.endsWith(".lock") || parseThreadId(name.slice(0, -".lock".length)) === null) continue;
        const path = `${this.#home}/${folder}/${name}`;
        const file = tryLockFile(this.#files, path, "exclusive");
        try {
          if (file) this.#files.removeFile(path);
        } finally {
          file?.close();
        }
      }
    }
  }
}

/** A locked file and where it lies. */
export interface LockPart {
  readonly file: AppendFile;
  readonly path: string;
}

/** The right to write one thread. */
export class WriterLock {
  readonly threadId: ThreadId;
  /** Whether another writer had the thread until now: it may be in the middle of its last write. */
  readonly wasTakenOver: boolean;
  readonly #locks: ThreadLocks;
  readonly #held: readonly LockPart[];
  readonly #mark: AppendFile;
  #isReleased = false;

  constructor(
    locks: ThreadLocks,
    held: readonly LockPart[],
    { threadId, mark, wasTakenOver }: Pick<WriterLock, "threadId" | "wasTakenOver"> & { readonly mark: AppendFile },
  ) {
    this.#locks = locks;
    this.#held = held;
    this.#mark = mark;
    this.threadId = threadId;
    this.wasTakenOver = wasTakenOver;
  }

  /** False once another writer took the thread over. Asked before every write: whoever takes over removes the mark. */
  isHeld(): boolean {
    return !this.#isReleased && this.#mark.status().isLinked;
  }

  /** Gives the right back; again does nothing. */
  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    await this.#locks.release(this.#held);
  }
}
