import { userMessageOf } from "../turn/turn-items.js";
import type { Agent, AgentEvent, AgentTurn } from "./agent.js";

/** One turn of a script: events, or a function that makes them of the turn. */
export type ScriptedTurn =
  | readonly AgentEvent[]
  | ((turn: AgentTurn) => AsyncIterable<AgentEvent> | Iterable<AgentEvent>);

/** An agent for tests: it plays one entry of its script a turn, and fails when none is left. */
export function scriptedAgent(script: readonly ScriptedTurn[]): Agent {
  const left = [...script];
  return {
    async *runTurn(turn) {
      const next = left.shift();
      if (next === undefined) throw new Error(`the script has no turn ${script.length + 1}`);
      yield* typeof next === "function" ? next(turn) : next;
    },
  };
}

/** An agent without a model: it says again what the user says. It compacts a thread to the last thing that was said. */
export function echoAgent(): Agent {
  let messages = 0;
  return {
    async *runTurn({ input, turnId }) {
      const text = input.map((part) => (part.type === "text" ? part.text : "[a picture]")).join("\n");
      messages += 1;
      yield { type: "message", id: `echo-${turnId}-${messages}`, text, phase: "final_answer" };
    },
    async *compact(turn) {
      const last = (await turn.history()).at(-1) ?? userMessageOf([]);
      yield { type: "compaction", summary: "All but the last message was left out.", replacementHistory: [last] };
    },
  };
}
