import type { AgentSession } from "./agent-options.js";

/** What the exit code of an interrupted command is: 128 and the number of the signal. */
export const INTERRUPTED_EXIT_CODE = 130;

/**
 * Ctrl-C: the first interrupts the turn that is running; the next, or one while none runs, leaves after everything was shut down;
 * one more leaves at once. Ends with its disposal.
 */
export class Interrupts implements Disposable {
  readonly #session: AgentSession;
  readonly #leave: () => void;
  readonly #onSignal = () => this.signal();
  #isLeaving = false;
  #isInterrupting = false;
  /** Whether a turn was interrupted. */
  wasInterrupted = false;

  /** `leave` is called once, when the command is to shut down. */
  constructor(session: AgentSession, leave: () => void) {
    this.#session = session;
    this.#leave = leave;
    process.on("SIGINT", this.#onSignal);
    process.on("SIGTERM", this.#onSignal);
  }

  signal(): void {
    const { thread } = this.#session;
    if (this.#isLeaving) process.exit(INTERRUPTED_EXIT_CODE);
    this.wasInterrupted = true;
    if (thread.status.type === "active" && !this.#isInterrupting) {
      this.#isInterrupting = true;
      void thread
        .submit({ type: "interrupt" })
        // A turn that has ended meanwhile needs no interruption.
        .catch(() => undefined)
        .finally(() => {
          this.#isInterrupting = false;
        });
      return;
    }
    this.#isLeaving = true;
    this.#leave();
  }

  [Symbol.dispose](): void {
    process.off("SIGINT", this.#onSignal);
    process.off("SIGTERM", this.#onSignal);
  }
}
