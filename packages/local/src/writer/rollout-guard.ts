import { conflict, unavailable } from "@threadstore/core/driver";
import type { AppendFile } from "../file-system/file-system.js";
import type { WriterLock } from "../locks/thread-locks.js";
import { atTurnEnd } from "./event-loop-turn.js";

/**
 * Keeps the writes of one rollout apart from those of whoever takes the thread over: each is done under the rollout's own
 * lock, and only while nobody did. Whoever writes again and again in one turn of the event loop locks it once for all.
 */
export class RolloutGuard {
  readonly #file: AppendFile;
  readonly #lock: WriterLock;
  /** Whether it was written to in this turn of the event loop. */
  #isBusy = false;
  /** Whether the rollout stays locked until the turn ends. */
  #isHolding = false;
  #isClosed = false;

  constructor(file: AppendFile, lock: WriterLock) {
    this.#file = file;
    this.#lock = lock;
  }

  /**
   * Does something to the rollout; `isFirst`: it was not locked until now. @throws `conflict` the thread was taken over;
   * `unavailable` the rollout is locked or gone.
   */
  run(work: (isFirst: boolean) => void): void {
    const isFirst = !this.#isHolding;
    if (isFirst) this.#enter();
    try {
      work(isFirst);
    } catch (error) {
      this.#isHolding = false;
      this.#file.unlock();
      throw error;
    }
    if (isFirst) this.#leaveOrHold();
  }

  /** Nothing is done any more; closing the file gives its lock up. */
  close(): void {
    this.#isClosed = true;
  }

  #enter(): void {
    const { threadId } = this.#lock;
    const isLocked = this.#file.tryLock("exclusive");
    try {
      if (!this.#lock.isHeld()) throw this.#lost();
      if (!isLocked) throw unavailable(`the rollout of thread ${threadId} is locked by another program`);
    } catch (error) {
      if (isLocked) this.#file.unlock();
      throw error;
    }
  }

  /** A home that was removed took the mark of the writer with it: that is no take-over. */
  #lost(): Error {
    const { threadId } = this.#lock;
    if (!this.#file.status().isLinked) return unavailable(`the rollout of thread ${threadId} was removed`);
    return conflict(`thread ${threadId} was taken over by another writer`);
  }

  #leaveOrHold(): void {
    if (this.#isBusy) {
      this.#isHolding = true;
      return;
    }
    this.#file.unlock();
    this.#isBusy = true;
    atTurnEnd(() => {
      this.#isBusy = false;
      if (this.#isHolding && !this.#isClosed) this.#file.unlock();
      this.#isHolding = false;
    });
  }
}
