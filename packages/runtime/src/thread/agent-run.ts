import type { AgentEvent } from "../agent/agent.js";

/** What came next of an agent. */
export type AgentStep = { readonly type: "event"; readonly event: AgentEvent } | AgentOutcome;

/** How an agent left off. */
export type AgentOutcome =
  | { readonly type: "done" }
  | { readonly type: "failed"; readonly error: unknown }
  | { readonly type: "interrupted" };

/** One pass of an agent. When the signal is aborted its caller goes on at once, whether or not the agent does stop. */
export class AgentRun {
  readonly #signal: AbortSignal;
  readonly #begin: () => AsyncIterable<AgentEvent>;
  #events: AsyncIterator<AgentEvent> | undefined;
  #lastStep: Promise<unknown> = Promise.resolve();

  constructor(begin: () => AsyncIterable<AgentEvent>, signal: AbortSignal) {
    this.#begin = begin;
    this.#signal = signal;
  }

  next(): Promise<AgentStep> {
    if (this.#signal.aborted) return Promise.resolve(INTERRUPTED);
    return new Promise((resolve) => {
      const onAbort = () => resolve(INTERRUPTED);
      this.#signal.addEventListener("abort", onAbort, { once: true });
      this.#lastStep = this.#pull().then((step) => {
        this.#signal.removeEventListener("abort", onAbort);
        resolve(step);
      });
    });
  }

  /** Tells the agent to stop; resolves when it has. One that does not heed its signal may take for ever. */
  async stop(): Promise<void> {
    // What an agent throws while it stops is no more of interest.
    const returned = async () => this.#events?.return?.();
    await Promise.allSettled([this.#lastStep, returned()]);
  }

  async #pull(): Promise<AgentStep> {
    try {
      this.#events ??= this.#begin()[Symbol.asyncIterator]();
      const { done, value } = await this.#events.next();
      return done ? { type: "done" } : { type: "event", event: value };
    } catch (error) {
      return { type: "failed", error };
    }
  }
}

const INTERRUPTED: AgentOutcome = { type: "interrupted" };
