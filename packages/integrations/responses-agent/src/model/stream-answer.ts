import type { AgentEvent } from "@threadstore/runtime";
import { APIConnectionError, APIError, type OpenAI } from "openai";
import { withIdleLimit } from "./idle-limit.js";
import { BrokenAnswerError, failedAnswer } from "./model-failure.js";
import { deltaEvent, outputEvent, tokenUsage } from "./output-events.js";

export interface AnswerRequest {
  readonly client: OpenAI;
  readonly body: Omit<OpenAI.Responses.ResponseCreateParamsStreaming, "stream">;
  readonly signal: AbortSignal;
  /** How long the model may say nothing. */
  readonly idleMaxMs: number;
}

/** What the model answers, as it says it. @throws BrokenAnswerError it broke off; AgentFailure; APIError. */
export async function* streamAnswer(request: AnswerRequest): AsyncGenerator<AgentEvent> {
  const { client, body, signal, idleMaxMs } = request;
  const stopper = new AbortController();
  const onAbort = () => stopper.abort();
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    // Whoever asks counts how often, and says so.
    const options = { signal: stopper.signal, maxRetries: 0, timeout: idleMaxMs };
    const stream = await client.responses.create({ ...body, stream: true }, options);
    yield* answerEvents(withIdleLimit(stream, { idleMaxMs, giveUp: onAbort }));
  } finally {
    signal.removeEventListener("abort", onAbort);
    stopper.abort();
  }
}

async function* answerEvents(stream: AsyncIterable<OpenAI.Responses.ResponseStreamEvent>): AsyncGenerator<AgentEvent> {
  try {
    for await (const event of stream) {
      const delta = deltaEvent(event);
      if (delta) yield delta;
      else if (event.type === "response.output_item.done") yield outputEvent(event.item);
      else if (event.type === "response.completed" || event.type === "response.incomplete") {
        return yield* endOfAnswer(event.response);
      } else if (event.type === "response.failed") {
        const { error } = event.response;
        throw failedAnswer(error?.code, error?.message ?? "the model failed");
      } else if (event.type === "error") throw failedAnswer(event.code, event.message);
    }
  } catch (error) {
    throw brokenAnswer(error);
  }
  throw new BrokenAnswerError("the answer broke off");
}

function* endOfAnswer({ id, usage, incomplete_details }: OpenAI.Responses.Response): Generator<AgentEvent> {
  const tokens = tokenUsage(usage);
  if (tokens) yield { type: "tokens", usage: tokens, responseId: id };
  const reason = incomplete_details?.reason;
  if (reason) throw failedAnswer(null, `the answer was cut off: ${reason}`);
}

/** Tells an answer that did not come whole, and what the provider says of a failure, from everything else. */
function brokenAnswer(error: unknown): unknown {
  const isLost = error instanceof APIConnectionError || (error instanceof TypeError && error.cause instanceof Error);
  if (isLost) return new BrokenAnswerError("the connection was lost", { cause: error });
  // Its message would tell of what was said.
  if (error instanceof SyntaxError) return new BrokenAnswerError("the answer cannot be read");
  if (error instanceof APIError && error.status === undefined) return failedAnswer(error.code, error.message);
  return error;
}
