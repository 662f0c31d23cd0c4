import type { ResponseItem } from "@threadstore/core";
import type { AgentEvent, AgentTurn } from "@threadstore/runtime";
import type { OpenAI } from "openai";
import type { FunctionTool } from "../tool/function-tool.js";
import { inputItems } from "./input-items.js";
import { BrokenAnswerError, isWorthRetrying, modelFailure } from "./model-failure.js";
import { retryDelay } from "./retry-delay.js";
import { streamAnswer } from "./stream-answer.js";

export interface AskOptions {
  readonly client: OpenAI;
  readonly instructions?: string;
  readonly retriesMax: number;
  readonly retryDelayMs: number;
  readonly idleMaxMs: number;
}

export interface Question {
  /** What the model is told; read anew each time it is asked, because what an answer that broke off had said whole counts. */
  readonly history: () => readonly ResponseItem[];
  readonly tools: readonly FunctionTool[];
  /** Whether an answer that broke off is enough: it had calls that can be answered. */
  readonly isEnough: () => boolean;
}

/** What the model answers to a turn so far. An answer that breaks off is asked for again. @throws AgentFailure. */
export async function* askModel(turn: AgentTurn, question: Question, options: AskOptions): AsyncGenerator<AgentEvent> {
  const { client, idleMaxMs, retriesMax, retryDelayMs } = options;
  for (let retries = 0; ; retries += 1) {
    try {
      const body = requestBody(turn, question, options);
      return yield* streamAnswer({ client, body, signal: turn.signal, idleMaxMs });
    } catch (error) {
      // What was called is not to be run any more.
      if (turn.signal.aborted) throw error;
      if (error instanceof BrokenAnswerError && question.isEnough()) return;
      const failure = modelFailure(error, client.apiKey ?? "");
      if (retries >= retriesMax || !isWorthRetrying(error)) throw failure;
      yield { type: "warning", message: `${failure.message}: asking again, ${retries + 1} of ${retriesMax}` };
      await delay(retryDelay(error, retryDelayMs * 2 ** retries), turn.signal);
    }
  }
}

function requestBody(turn: AgentTurn, question: Question, { instructions }: AskOptions) {
  const { model, reasoningEffort } = turn.settings;
  const told = turn.instructions ?? instructions;
  return {
    model,
    ...(told === undefined ? {} : { instructions: told }),
    input: inputItems(question.history()),
    tools: question.tools.map(toolOf),
    parallel_tool_calls: true,
    store: false,
    prompt_cache_key: turn.threadId,
    ...(reasoningEffort === undefined ? {} : reasoningOf(reasoningEffort)),
  };
}

/** The provider keeps nothing: it gives thoughts in a form in which it can be told them again. */
function reasoningOf(effort: string) {
  return {
    reasoning: { effort: effort as OpenAI.ReasoningEffort, summary: "auto" as const },
    include: ["reasoning.encrypted_content" as const],
  };
}

function toolOf({ name, description, parameters, strict = false }: FunctionTool): OpenAI.Responses.FunctionTool {
  return { type: "function", name, description, parameters, strict };
}

/** Resolves after a while, or at once when the turn is interrupted: what comes next finds that out. */
function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done, { once: true });
  });
}
