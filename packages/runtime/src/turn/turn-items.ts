import type { HistoryMode, JsonObject, ResponseItem, RolloutItem } from "@threadstore/core";

/** A message of a user: a text, or a picture by its URL. */
export type UserInput =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image"; readonly imageUrl: string };

/** What an agent says to its user. */
export interface AgentMessage {
  readonly id: string;
  readonly text: string;
  /** Whether it is said on the way or is the answer; absent where the model does not tell. */
  readonly phase?: "commentary" | "final_answer";
}

/** What an agent thinks. */
export interface Reasoning {
  readonly id: string;
  readonly summary: readonly string[];
  /** What the provider wants to be sent again, unread. */
  readonly encryptedContent?: string;
}

/** Tokens of the Responses API. */
export interface TokenUsage {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly reasoningOutputTokens: number;
  readonly totalTokens: number;
}

/** The turn that items belong to, and when they are recorded. */
export interface TurnPlace {
  readonly threadId: string;
  readonly turnId: string;
  readonly historyMode: HistoryMode;
  readonly nowMs: number;
}

export function eventItem(type: string, fields: object): RolloutItem {
  return { type: "event_msg", payload: { type, ...fields } };
}

export function responseItem(payload: ResponseItem): RolloutItem {
  return { type: "response_item", payload };
}

/** What a person sees of a turn: as paginated rollouts record it. */
export function completedItem({ threadId, turnId, nowMs }: TurnPlace, item: JsonObject): RolloutItem {
  return eventItem("item_completed", {
    thread_id: threadId,
    turn_id: turnId,
    item,
    started_at_ms: nowMs,
    completed_at_ms: nowMs,
  });
}

/** A user's message: what the model takes first, then what a person sees. */
export function userItems(place: TurnPlace, message: { readonly id: string; readonly input: readonly UserInput[] }) {
  const { input, id } = message;
  const content = input.map((part) =>
    part.type === "text"
      ? { type: "input_text", text: part.text }
      : { type: "input_image", image_url: part.imageUrl, detail: "auto" },
  );
  const said = responseItem({ type: "message", role: "user", content });
  return [said, place.historyMode === "paginated" ? completedItem(place, seenUser(id, input)) : userEvent(input)];
}

function seenUser(id: string, input: readonly UserInput[]): JsonObject {
  const content = input.map((part) =>
    part.type === "text"
      ? { type: "text", text: part.text, text_elements: [] }
      : { type: "image", image_url: part.imageUrl },
  );
  return { type: "UserMessage", id, content };
}

function userEvent(input: readonly UserInput[]): RolloutItem {
  const texts = input.flatMap((part) => (part.type === "text" ? [part.text] : []));
  const images = input.flatMap((part) => (part.type === "image" ? [part.imageUrl] : []));
  const none = { local_images: [], audio: [], local_audio: [], text_elements: [] };
  return eventItem("user_message", { message: texts.join(""), images, ...none });
}

/** An agent's message: what a person sees first, then what the model said. */
export function agentItems(place: TurnPlace, { id, text, phase }: AgentMessage): RolloutItem[] {
  const how = phase === undefined ? {} : { phase };
  const seen =
    place.historyMode === "paginated"
      ? completedItem(place, { type: "AgentMessage", id, content: [{ type: "Text", text }], ...how })
      : eventItem("agent_message", { message: text, phase: phase ?? null, memory_citation: null });
  const content = [{ type: "output_text", text, annotations: [] }];
  return [seen, responseItem({ type: "message", id, role: "assistant", content, ...how })];
}

export function reasoningItems(place: TurnPlace, { id, summary, encryptedContent }: Reasoning): RolloutItem[] {
  const seen =
    place.historyMode === "paginated"
      ? [completedItem(place, { type: "Reasoning", id, summary_text: summary, raw_content: [] })]
      : summary.map((text) => eventItem("agent_reasoning", { text }));
  const texts = summary.map((text) => ({ type: "summary_text", text }));
  const thought = { type: "reasoning", id, summary: texts, content: null, encrypted_content: encryptedContent ?? null };
  return [...seen, responseItem(thought)];
}

export function recordedUsage(usage: TokenUsage): JsonObject {
  return {
    input_tokens: usage.inputTokens,
    cached_input_tokens: usage.cachedInputTokens,
    output_tokens: usage.outputTokens,
    reasoning_output_tokens: usage.reasoningOutputTokens,
    total_tokens: usage.totalTokens,
  };
}

export function addUsage(a: TokenUsage, b: TokenUsage): TokenUsage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    cachedInputTokens: a.cachedInputTokens + b.cachedInputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    reasoningOutputTokens: a.reasoningOutputTokens + b.reasoningOutputTokens,
    totalTokens: a.totalTokens + b.totalTokens,
  };
}
