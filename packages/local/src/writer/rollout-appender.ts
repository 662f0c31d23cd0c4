import type { HistoryMode, ThreadId } from "@threadstore/core";
import { unavailable } from "@threadstore/core/driver";
import type { AppendFile, FileSystem } from "../file-system/file-system.js";
import { removeLeftover } from "../file-system/folders.js";
import { syncFile, writeAgain } from "../file-system/sync-file.js";
import type { WriterLock } from "../locks/thread-locks.js";
import { waitForLock } from "../locks/wait-for-lock.js";
import { type UnsyncedBytes, UnsyncedTail } from "../log/unsynced-tail.js";
import { findRolloutEnd } from "../rollout/rollout-end.js";
import { RolloutGuard } from "./rollout-guard.js";

export interface AppenderOptions {
  readonly files: FileSystem;
  /** Absolute. */
  readonly path: string;
  readonly historyMode: HistoryMode;
  readonly lock: WriterLock;
}

/**
 * The end of one rollout, for its writer: whole appends or none, under the rollout's own lock, at ordinals that follow
 * what is there, whoever wrote it.
 */
export class RolloutAppender {
  readonly path: string;
  readonly #file: AppendFile;
  readonly #guard: RolloutGuard;
  readonly #tail = new UnsyncedTail();
  readonly #threadId: ThreadId;
  readonly #historyMode: HistoryMode;
  readonly #files: FileSystem;
  #size = -1;
  /** Up to where the file was synced. What earlier writers did is not known. */
  #syncedSize = 0;
  /** Whether a sync failed: the system may have forgotten that bytes are not on the disk, and a later sync would not write them. */
  #isDoubtful = false;
  #nextOrdinal = 0;
  #isTorn = false;
  /** A write that was rejected and could not be taken back yet: where the file has to end, and what was written there. */
  #owedCut: { readonly to: number; readonly bytes: Buffer } | undefined;

  private constructor(file: AppendFile, { files, path, historyMode, lock }: AppenderOptions) {
    this.path = path;
    this.#files = files;
    this.#file = file;
    this.#guard = new RolloutGuard(file, lock);
    this.#threadId = lock.threadId;
    this.#historyMode = historyMode;
  }

  /** Opens a rollout that exists; null when it is gone. Waits for the last write of a writer that was taken over. */
  static async open(options: AppenderOptions): Promise<RolloutAppender | null> {
    const file = options.files.openToAppend(options.path, "existing");
    if (!file) return null;
    const appender = new RolloutAppender(file, options);
    try {
      if (options.lock.wasTakenOver) await waitForLock(() => (file.tryLock("exclusive") ? file.unlock() : null));
      appender.#look();
      return appender;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /**
   * Makes a rollout with its first lines; leaves no file when that fails. `isRetry`: a creation of the same file failed
   * before, and may have left something that could not be removed.
   */
  static create(options: AppenderOptions & { readonly isRetry: boolean }, linesAt: LinesAt): RolloutAppender {
    const { files, path, isRetry } = options;
    const file = files.openToAppend(path, isRetry ? "either" : "new");
    const appender = new RolloutAppender(file, options);
    try {
      if (isRetry) file.truncate(0);
      appender.#size = 0;
      appender.append(linesAt);
      return appender;
    } catch (error) {
      file.close();
      // Where it cannot be removed, the next creation starts with an empty file.
      removeLeftover(files, path);
      throw error;
    }
  }

  /** The ordinal of the next record. */
  get nextOrdinal(): number {
    return this.#nextOrdinal;
  }

  /** Bytes of the rollout. */
  get size(): number {
    return this.#size;
  }

  /**
   * Appends lines that are made for the place where they will stand; all of them are there when it returns, none when it
   * throws. @throws `conflict` the thread was taken over; `unavailable` the rollout is gone or locked.
   */
  append(linesAt: LinesAt): void {
    this.#guard.run((isFirst) => {
      // In one turn of the event loop it is looked at once; whether somebody went on in it, before every write.
      if (isFirst || this.#hasGrown()) this.#look();
      const offset = this.#size + (this.#isTorn ? 1 : 0);
      const { lines, nextOrdinal } = linesAt({ ordinal: this.#nextOrdinal, offset });
      if (lines.length > 0) this.#appendWhole(Buffer.from((this.#isTorn ? "\n" : "") + lines, "utf8"), nextOrdinal);
    });
  }

  /** Resolves when everything that was appended survives a power cut. @throws `unavailable` the rollout is gone. */
  async sync(): Promise<void> {
    if (this.#owedCut) this.#guard.run(() => this.#look());
    const unsynced = { path: this.path, file: this.#file, from: this.#syncedSize };
    if (this.#isDoubtful) this.#guard.run(() => this.#requireTheSame(writeAgain(this.#files, unsynced)));
    const size = this.#size;
    let isMadeUpFor = false;
    const again = (write: () => void) => {
      write();
      isMadeUpFor = true;
    };
    const synced = syncFile(this.#files, unsynced, (write) => this.#guard.run(() => again(write)));
    // Looked at while the disk works.
    const { isLinked } = this.#file.status();
    try {
      await synced;
    } catch (error) {
      this.#isDoubtful = !isMadeUpFor;
      this.#tail.forget();
      throw error;
    }
    if (!isLinked) throw this.#removed();
    this.#isDoubtful = false;
    this.#syncedSize = size;
    this.#tail.settle(size);
  }

  /** What does not survive a power cut; null when only `sync` will do. @throws `unavailable` the rollout is gone. */
  unsynced(): UnsyncedBytes | null {
    if (!this.#file.status().isLinked) throw this.#removed();
    return this.#owedCut ? null : this.#tail.take(this.path, this.#size);
  }

  close(): void {
    this.#guard.close();
    this.#file.close();
  }

  #requireTheSame(isTheSame: boolean): void {
    if (!isTheSame) throw this.#removed();
  }

  #hasGrown(): boolean {
    return this.#owedCut !== undefined || this.#file.read(oneByte, this.#size) > 0;
  }

  #removed(): Error {
    return unavailable(`the rollout of thread ${this.#threadId} was removed`);
  }

  /** Sees what became of the file since it was last looked at: it may be gone, or somebody without locks went on in it. */
  #look(): void {
    const { size, isLinked } = this.#file.status();
    if (!isLinked) throw this.#removed();
    if (size === this.#size && !this.#owedCut) return;
    this.#takeBack();
    const end = findRolloutEnd(this.#file, this.#historyMode);
    this.#size = end.size;
    this.#nextOrdinal = end.nextOrdinal;
    this.#isTorn = end.isTorn;
  }

  /** Cuts off what there is of a rejected write; never what somebody else wrote after it. */
  #takeBack(): void {
    if (!this.#owedCut) return;
    const { to, bytes } = this.#owedCut;
    if (endsWithPartOf(this.#file, to, bytes)) this.#file.truncate(to);
    this.#owedCut = undefined;
  }

  #appendWhole(bytes: Buffer, nextOrdinal: number): void {
    try {
      this.#file.append(bytes);
    } catch (error) {
      this.#owedCut = { to: this.#size, bytes };
      try {
        this.#takeBack();
      } catch {
        // The medium refuses for now: it is taken back before anything else is written.
      }
      throw error;
    }
    this.#tail.add(bytes);
    this.#size += bytes.length;
    this.#nextOrdinal = nextOrdinal;
    this.#isTorn = false;
  }
}

const oneByte = Buffer.alloc(1);

/** Whether what follows an offset is the beginning of these bytes, and nothing else. */
function endsWithPartOf(file: AppendFile, offset: number, bytes: Buffer): boolean {
  const count = file.status().size - offset;
  if (count <= 0 || count > bytes.length) return false;
  const written = Buffer.alloc(count);
  file.read(written, offset);
  return written.equals(bytes.subarray(0, count));
}

/** Where a record will stand. */
export interface Place {
  readonly ordinal: number;
  /** Bytes from the beginning of the rollout. */
  readonly offset: number;
}

export type LinesAt = (place: Place) => NewLines;

/** Lines to append, newlines included, and the ordinal that follows them. */
export interface NewLines {
  readonly lines: string;
  readonly nextOrdinal: number;
}
