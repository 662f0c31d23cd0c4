import type { ResponseItem, ThreadId, TurnItem } from "@threadstore/core";
import type { AgentMessage, FunctionCall, Reasoning, TokenUsage, UserInput } from "../turn/turn-items.js";
import type { TurnSettings } from "../turn/turn-settings.js";

/**
 * What answers in threads: a model with its tools, or anything else. One agent may run turns of many threads at once; of one
 * thread it runs one turn at a time, and keeps nothing of it: what was said is in the thread.
 *
 * @see docs/agents.md
 */
export interface Agent {
  /** Runs one turn. What is yielded is recorded in that order; the turn ends with the last of it, or fails with what is thrown. */
  runTurn(turn: AgentTurn): AsyncIterable<AgentEvent>;
  /** Shortens what the model is told: yields one `compaction`. Absent: threads of this agent cannot be compacted. */
  compact?(turn: AgentTurn): AsyncIterable<AgentEvent>;
}

/** The turn that an agent is to run. */
export interface AgentTurn {
  readonly threadId: ThreadId;
  readonly turnId: string;
  /** The turn of the user that this one is a part of; differs from `turnId` for sub-agents. */
  readonly rootTurnId: string;
  readonly settings: TurnSettings;
  /** What the thread's model is told before everything else. */
  readonly instructions?: string;
  /** What the user said. Empty for a compaction. */
  readonly input: readonly UserInput[];
  /** Tokens of the thread so far. */
  readonly usage: TokenUsage;
  /** Aborted when the turn is interrupted. The agent stops then; what it still yields is not recorded. */
  readonly signal: AbortSignal;
  /** Reads what the model is told of the thread, `input` included: items of the Responses API, the oldest first. */
  history(): Promise<readonly ResponseItem[]>;
  /**
   * What was said while the turn goes on, and was not taken yet; it is recorded by this call. Ask before each request to a model.
   * An agent that ends without asking is run again, with what was said as its input.
   */
  takeInput(): Promise<readonly ResponseItem[]>;
  /** Tells that the agent waits for a person as long as `work` takes. */
  whileWaiting<T>(on: WaitingOn, work: () => Promise<T>): Promise<T>;
}

/** What an agent waits for. */
export type WaitingOn = "approval" | "userInput";

/** What happens in a turn. All but the deltas is recorded. */
export type AgentEvent =
  | AgentDelta
  | ({ readonly type: "message" } & AgentMessage)
  | ({ readonly type: "reasoning" } & Reasoning)
  | ({ readonly type: "functionCall" } & FunctionCall)
  | ({ readonly type: "functionOutput" } & FunctionOutput)
  /** Any other item of the Responses API. */
  | { readonly type: "item"; readonly item: ResponseItem; readonly seen?: TurnItem }
  /** The tokens of one answer of the model; `responseId` is what its provider calls it. */
  | { readonly type: "tokens"; readonly usage: TokenUsage; readonly responseId?: string }
  | ({ readonly type: "compaction" } & Compaction)
  /** Something a person should know; shown, not recorded. */
  | { readonly type: "warning"; readonly message: string };

/** A part of a text that is still being said: the message or thought of this id follows whole. */
export interface AgentDelta {
  readonly type: "messageDelta" | "reasoningDelta";
  readonly id: string;
  readonly delta: string;
}

export interface FunctionOutput {
  readonly callId: string;
  /** What the model is told. */
  readonly output: string;
  /** Default true. */
  readonly success?: boolean;
  /** How a person is shown the call. Default: as a call of a tool, with its arguments and its output. Null: not at all. */
  readonly seen?: TurnItem | null;
}

/** A shorter history. */
export interface Compaction {
  /** What is left of what was said. */
  readonly summary: string;
  /** What the model is told from now on instead of all before. */
  readonly replacementHistory: readonly ResponseItem[];
}
