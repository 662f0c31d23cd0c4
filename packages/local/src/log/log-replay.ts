import type { ThreadId } from "@threadstore/core";
import { isSystemError } from "../map-error.js";
import { type ReplayContext, replayLogs } from "./replay-logs.js";

/** A call that waits for what logs keep. */
export interface WaitingCall {
  /** The thread it is about, when it is about one. */
  readonly threadId?: ThreadId | undefined;
  readonly isWriting: boolean;
}

/** What the system says of homes that are only there to be read. */
const READ_ONLY = new Set(["EROFS", "EACCES", "EPERM"]);

/** Puts back what logs keep of a home before anything else is done to it, once; what failed is tried again by the next call. */
export class LogReplay {
  readonly #context: ReplayContext;
  #isDone = false;
  #running: Promise<ReplayFailure> | undefined;

  constructor(context: ReplayContext) {
    this.#context = context;
  }

  /** Whether there is nothing left to put back. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /**
   * Resolves when everything that a call needs is put back, or nobody may: such a home is read as it is. Nothing is written to a
   * thread that lacks what it acknowledged.
   *
   * @throws the system's error, or a store's.
   */
  async finish({ threadId, isWriting }: WaitingCall): Promise<void> {
    if (this.#isDone) return;
    this.#running ??= this.#replay();
    const { ofAll, ofThreads } = await this.#running;
    const failure = ofAll ?? (threadId === undefined ? undefined : ofThreads.get(threadId));
    if (failure === undefined) return;
    if (isWriting || !isSystemError(failure) || !READ_ONLY.has(failure.code ?? "")) throw failure;
  }

  async #replay(): Promise<ReplayFailure> {
    try {
      const { failures } = await replayLogs(this.#context);
      this.#isDone = failures.size === 0;
      return { ofAll: undefined, ofThreads: failures };
    } catch (error) {
      return { ofAll: error, ofThreads: new Map() };
    } finally {
      this.#running = undefined;
    }
  }
}

interface ReplayFailure {
  readonly ofAll: unknown;
  readonly ofThreads: ReadonlyMap<ThreadId, unknown>;
}
