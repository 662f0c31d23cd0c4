import type { RolloutItem, ThreadId, ThreadPersistenceMetadata } from "@threadstore/core";

/** Thread ids that sort by their number. */
export function threadId(number: number): ThreadId {
  return `01900000-0000-7000-8000-${String(number).padStart(12, "0")}`;
}

/** What a thread is born with when a case does not care. */
export const SAMPLE_METADATA: ThreadPersistenceMetadata = {
  cwd: "/project",
  originator: "conformance",
  cliVersion: "1.0.0",
  source: "cli",
  modelProvider: "provider",
};

/** A user message as legacy threads record it. */
export function userMessage(message: string): RolloutItem {
  return event("user_message", { message });
}

/** A completed turn item, as paginated threads record everything a person sees. */
export function completed(item: Readonly<Record<string, unknown>>): RolloutItem {
  return event("item_completed", { turn_id: "turn", item });
}

/** A user message as paginated threads record it. */
export function userItem(text: string): RolloutItem {
  return completed({ type: "UserMessage", id: `user-${text}`, content: [{ type: "text", text }] });
}

export function agentItem(text: string): RolloutItem {
  return completed({ type: "AgentMessage", id: `agent-${text}`, content: [{ type: "Text", text }] });
}

export function turnStarted(turnId: string): RolloutItem {
  return event("task_started", { turn_id: turnId });
}

export function tokenCount(totalTokens: number): RolloutItem {
  return event("token_count", { info: { total_token_usage: { total_tokens: totalTokens } } });
}

export function turnContext(fields: Readonly<Record<string, unknown>>): RolloutItem {
  return { type: "turn_context", payload: { turn_id: "turn", ...fields } };
}

export function modelMessage(role: string, text: string): RolloutItem {
  const type = role === "assistant" ? "output_text" : "input_text";
  return { type: "response_item", payload: { type: "message", role, content: [{ type, text }] } };
}

export function event(type: string, fields: Readonly<Record<string, unknown>>): RolloutItem {
  return { type: "event_msg", payload: { type, ...fields } };
}
