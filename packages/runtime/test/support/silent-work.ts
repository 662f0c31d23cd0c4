import { never } from "../../../../test/support/gate.js";
import type { Agent, AgentEvent, AgentTurn } from "../../src/index.js";

/** The work of an agent that says nothing: its turn ends when this is done. */
export function silent(work: (turn: AgentTurn) => Promise<unknown>): (turn: AgentTurn) => AsyncGenerator<AgentEvent> {
  return async function* (turn) {
    await work(turn);
    yield* [];
  };
}

/** An agent that never comes to an end, and does not heed its signal. */
export const STUBBORN_AGENT: Agent = { runTurn: silent(never) };
