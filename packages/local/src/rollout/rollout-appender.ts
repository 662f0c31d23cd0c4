import type { HistoryMode } from "@threadstore/core";
import { conflict, unavailable } from "@threadstore/core/driver";
import type { AppendFile, FileSystem } from "../file-system/file-system.js";
import type { WriterLock } from "../locks/thread-locks.js";
import { waitForLock } from "../locks/wait-for-lock.js";
import { atTurnEnd } from "./event-loop-turn.js";
import { findRolloutEnd } from "./rollout-end.js";

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
  readonly #lock: WriterLock;
  readonly #historyMode: HistoryMode;
  #size = -1;
  #nextOrdinal = 0;
  #isTorn = false;
  /** Whether it was appended to in this turn of the event loop. */
  #isBusy = false;
  /** Whether the rollout stays locked until the turn ends. */
  #isHolding = false;
  #isClosed = false;
  /** Where the file has to end: what follows was rejected and could not be taken back yet. */
  #takeBackTo: number | undefined;

  private constructor(file: AppendFile, { path, historyMode, lock }: AppenderOptions) {
    this.path = path;
    this.#file = file;
    this.#lock = lock;
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

  /** Makes a rollout with its first lines; leaves no file when that fails. */
  static create(options: AppenderOptions, linesAt: LinesAt): RolloutAppender {
    const file = options.files.openToAppend(options.path, "new");
    const appender = new RolloutAppender(file, options);
    try {
      appender.#size = 0;
      appender.append(linesAt);
      return appender;
    } catch (error) {
      file.close();
      options.files.removeFile(options.path);
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
    if (!this.#isHolding) this.#enter();
    try {
      const offset = this.#size + (this.#isTorn ? 1 : 0);
      const { lines, nextOrdinal } = linesAt({ ordinal: this.#nextOrdinal, offset });
      if (lines.length > 0) this.#appendWhole(Buffer.from((this.#isTorn ? "\n" : "") + lines, "utf8"), nextOrdinal);
    } catch (error) {
      this.#leave();
      throw error;
    }
    if (!this.#isHolding) this.#leaveOrHold();
  }

  /** Resolves when everything that was appended survives a power cut. */
  async sync(): Promise<void> {
    if (this.#takeBackTo !== undefined) this.#look();
    return this.#file.sync();
  }

  close(): void {
    this.#isClosed = true;
    this.#file.close();
  }

  /** Locks the rollout against whoever takes the thread over, and sees that nobody did. */
  #enter(): void {
    const isLocked = this.#file.tryLock("exclusive");
    try {
      if (!this.#lock.isHeld()) throw conflict(`thread ${this.#lock.threadId} was taken over by another writer`);
      if (!isLocked) throw unavailable(`the rollout of thread ${this.#lock.threadId} is locked by another program`);
      this.#look();
    } catch (error) {
      if (isLocked) this.#file.unlock();
      throw error;
    }
  }

  #leave(): void {
    this.#isHolding = false;
    this.#file.unlock();
  }

  /** Whoever appends again and again in one turn of the event loop is locked and looked at once for all of them. */
  #leaveOrHold(): void {
    if (this.#isBusy) this.#isHolding = true;
    else this.#file.unlock();
    if (this.#isBusy) return;
    this.#isBusy = true;
    atTurnEnd(() => {
      this.#isBusy = false;
      if (this.#isHolding && !this.#isClosed) this.#leave();
    });
  }

  /** Sees what became of the file since it was last looked at: it may be gone, or somebody without locks went on in it. */
  #look(): void {
    const { size, isLinked } = this.#file.status();
    if (!isLinked) throw unavailable(`the rollout of thread ${this.#lock.threadId} was removed`);
    if (this.#takeBackTo !== undefined && size > this.#takeBackTo) this.#file.truncate(this.#takeBackTo);
    else if (size === this.#size) return;
    this.#takeBackTo = undefined;
    const end = findRolloutEnd(this.#file, this.#historyMode);
    this.#size = end.size;
    this.#nextOrdinal = end.nextOrdinal;
    this.#isTorn = end.isTorn;
  }

  #appendWhole(bytes: Buffer, nextOrdinal: number): void {
    try {
      this.#file.append(bytes);
    } catch (error) {
      this.#takeBackTo = this.#size;
      try {
        this.#file.truncate(this.#size);
        this.#takeBackTo = undefined;
      } catch {
        // The medium refuses for now: it is taken back before anything else is written.
      }
      throw error;
    }
    this.#size += bytes.length;
    this.#nextOrdinal = nextOrdinal;
    this.#isTorn = false;
  }
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
