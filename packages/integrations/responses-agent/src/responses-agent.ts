import type { Agent } from "@threadstore/runtime";
import OpenAI from "openai";
import { Conversation } from "./conversation/conversation.js";
import type { ApprovalHook, FunctionTool } from "./tool/function-tool.js";

export interface ResponsesAgentOptions {
  /** Default: a client for `OPENAI_BASE_URL` with the key `OPENAI_API_KEY`. */
  readonly client?: OpenAI;
  /** What the model may call. Names are unique. Default: nothing. */
  readonly tools?: readonly FunctionTool[];
  /** Asked before each call of a tool that needs approval. Default: such calls are declined. */
  readonly approve?: ApprovalHook;
  /** What the model is told first in threads that have no instructions of their own. */
  readonly instructions?: string;
  /** How long a call of a tool may take. Default 120,000. */
  readonly toolTimeoutMs?: number;
  /** How much of a tool's output the model is told: the beginning and the end. Default 40,000. */
  readonly outputMaxCharacters?: number;
  /** Requests to the model in one turn. Default 100. */
  readonly requestsMax?: number;
  /** How often a request is made again that failed, or whose answer broke off. Default 4. */
  readonly retriesMax?: number;
  /** Before the first time; twice as long before each later one. Default 200. */
  readonly retryDelayMs?: number;
  /** How long the model may say nothing before its answer counts as broken off. Default 300,000. */
  readonly idleMaxMs?: number;
  /** Tokens of an answer with all before it from which on a thread is compacted by itself. Default: 9/10 of the context window. */
  readonly compactAtTokens?: number;
}

const DEFAULTS = {
  tools: [],
  toolTimeoutMs: 120_000,
  outputMaxCharacters: 40_000,
  requestsMax: 100,
  retriesMax: 4,
  retryDelayMs: 200,
  idleMaxMs: 300_000,
};

/**
 * An agent that asks a model over the Responses API, of OpenAI or of anybody who speaks it, and runs the tools that it calls.
 *
 * @throws TypeError two tools have one name; OpenAIError there is no key.
 * @see docs/agents.md
 */
export function responsesAgent(options: ResponsesAgentOptions = {}): Agent {
  const client = options.client ?? new OpenAI();
  const settled = { ...DEFAULTS, ...options, client, tools: toolsByName(options.tools ?? []) };
  return {
    runTurn: (turn) => new Conversation(turn, settled).run(),
    compact: (turn) => new Conversation(turn, settled).compact(),
  };
}

function toolsByName(tools: readonly FunctionTool[]): ReadonlyMap<string, FunctionTool> {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  if (byName.size === tools.length) return byName;
  throw new TypeError("two tools have one name");
}
