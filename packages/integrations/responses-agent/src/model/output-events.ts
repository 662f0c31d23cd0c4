import type { ResponseItem } from "@threadstore/core";
import type { AgentEvent, TokenUsage } from "@threadstore/runtime";
import type { OpenAI } from "openai";

type OutputItem = OpenAI.Responses.ResponseOutputItem;

/** What an item that the model has said whole is to the thread. */
export function outputEvent(item: OutputItem): AgentEvent {
  switch (item.type) {
    case "message":
      return { type: "message", id: item.id, text: textOf(item), ...(item.phase ? { phase: item.phase } : {}) };
    case "reasoning":
      return {
        type: "reasoning",
        id: item.id,
        summary: item.summary.map(({ text }) => text),
        ...(item.content?.length ? { content: item.content.map(({ text }) => text) } : {}),
        ...(item.encrypted_content ? { encryptedContent: item.encrypted_content } : {}),
      };
    case "function_call":
      return {
        type: "functionCall",
        callId: item.call_id,
        name: item.name,
        args: item.arguments,
        ...(item.id === undefined ? {} : { id: item.id }),
      };
    default:
      return { type: "item", item: item as unknown as ResponseItem };
  }
}

/** A part of what the model is saying; null for events that tell none. */
export function deltaEvent(event: OpenAI.Responses.ResponseStreamEvent): AgentEvent | null {
  switch (event.type) {
    case "response.output_text.delta":
    case "response.refusal.delta":
      return { type: "messageDelta", id: event.item_id, delta: event.delta };
    case "response.reasoning_summary_text.delta":
    case "response.reasoning_text.delta":
      return { type: "reasoningDelta", id: event.item_id, delta: event.delta };
    default:
      return null;
  }
}

/** What a provider counted; some count nothing. */
export function tokenUsage(usage: OpenAI.Responses.ResponseUsage | null | undefined): TokenUsage | null {
  if (!usage) return null;
  return {
    inputTokens: usage.input_tokens,
    cachedInputTokens: usage.input_tokens_details?.cached_tokens ?? 0,
    outputTokens: usage.output_tokens,
    reasoningOutputTokens: usage.output_tokens_details?.reasoning_tokens ?? 0,
    totalTokens: usage.total_tokens,
  };
}

function textOf({ content }: OpenAI.Responses.ResponseOutputMessage): string {
  return content.map((part) => (part.type === "refusal" ? part.refusal : part.text)).join("");
}
