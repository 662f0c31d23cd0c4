import {
  asJsonObject,
  type HistoryMode,
  type JsonObject,
  objectField,
  type ResponseItem,
  type RolloutItem,
  type TurnItem,
} from "@threadstore/core";

/** A part of what a user says: a text, or a picture by its URL. */
export type UserInput =
  /** `textElements` are spans of the text that a client shows in its own way, as it gave them. */
  | { readonly type: "text"; readonly text: string; readonly textElements?: readonly unknown[] }
  | { readonly type: "image"; readonly imageUrl: string }
  /** A file of the user: a person is shown its path, the model its bytes, as a data URL. */
  | { readonly type: "localImage"; readonly path: string; readonly imageUrl: string };

/** What a user says at once. */
export interface UserMessage {
  readonly input: readonly UserInput[];
  /** What its client calls it. */
  readonly clientId?: string;
}

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
  /** The thought itself, where the model tells it. */
  readonly content?: readonly string[];
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
  /** When items began that took some time. */
  readonly startsMs?: ReadonlyMap<string, number>;
}

export function eventItem(type: string, fields: object): RolloutItem {
  return { type: "event_msg", payload: { type, ...fields } };
}

export function responseItem(payload: ResponseItem): RolloutItem {
  return { type: "response_item", payload };
}

/** What is recorded, and what a person sees of it. Legacy rollouts record what is seen in events of their own, or not at all. */
export interface RecordedItems {
  readonly records: readonly RolloutItem[];
  readonly seen?: SeenItem;
}

/** What a person sees, and when it began and was done, in Unix milliseconds. */
export interface SeenItem {
  readonly item: TurnItem;
  readonly startedAtMs: number;
  readonly completedAtMs: number;
}

export function seenItem({ nowMs, startsMs }: TurnPlace, item: TurnItem): SeenItem {
  return { item, startedAtMs: startsMs?.get(item.id) ?? nowMs, completedAtMs: nowMs };
}

/** What a person sees of a turn: as paginated rollouts record it. */
export function completedItem({ threadId, turnId }: TurnPlace, seen: SeenItem): RolloutItem {
  return eventItem("item_completed", {
    thread_id: threadId,
    turn_id: turnId,
    item: seen.item,
    started_at_ms: seen.startedAtMs,
    completed_at_ms: seen.completedAtMs,
  });
}

/** A user's message: what the model takes first, then what a person sees. */
export function userItems(place: TurnPlace, message: UserMessage & { readonly id: string }): RecordedItems {
  const { input, id, clientId } = message;
  const client = clientId === undefined ? {} : { client_id: clientId };
  const seen = seenItem(place, { type: "UserMessage", id, ...client, content: input.map(shownInput) });
  const shown = place.historyMode === "paginated" ? completedItem(place, seen) : userEvent(input);
  return { records: [responseItem(userMessageOf(input)), shown], seen };
}

function shownInput(part: UserInput): JsonObject {
  switch (part.type) {
    case "text":
      return { type: "text", text: part.text, text_elements: part.textElements ?? [] };
    case "image":
      return { type: "image", image_url: part.imageUrl };
    case "localImage":
      return { type: "local_image", path: part.path };
  }
}

/** A user's message as a model takes it. */
export function userMessageOf(input: readonly UserInput[]): ResponseItem {
  const content = input.map((part) =>
    part.type === "text"
      ? { type: "input_text", text: part.text }
      : { type: "input_image", image_url: part.imageUrl, detail: "auto" },
  );
  return { type: "message", role: "user", content };
}

function userEvent(input: readonly UserInput[]): RolloutItem {
  const texts = input.flatMap((part) => (part.type === "text" ? [part] : []));
  const images = input.flatMap((part) => (part.type === "image" ? [part.imageUrl] : []));
  const localImages = input.flatMap((part) => (part.type === "localImage" ? [part.path] : []));
  return eventItem("user_message", {
    message: texts.map(({ text }) => text).join(""),
    images,
    local_images: localImages,
    audio: [],
    local_audio: [],
    text_elements: texts.flatMap(({ textElements = [] }) => textElements),
  });
}

/** An agent's message: what a person sees first, then what the model said. */
export function agentItems(place: TurnPlace, { id, text, phase }: AgentMessage): RecordedItems {
  const how = phase === undefined ? {} : { phase };
  const seen = seenItem(place, { type: "AgentMessage", id, content: [{ type: "Text", text }], ...how });
  const shown =
    place.historyMode === "paginated"
      ? completedItem(place, seen)
      : eventItem("agent_message", { message: text, phase: phase ?? null, memory_citation: null });
  return { records: [shown, responseItem(agentMessageOf({ id, text, ...how }))], seen };
}

/** An agent's message as a model takes it. */
export function agentMessageOf({ id, text, phase }: AgentMessage): ResponseItem {
  const content = [{ type: "output_text", text, annotations: [] }];
  return { type: "message", id, role: "assistant", content, ...(phase === undefined ? {} : { phase }) };
}

export function reasoningItems(place: TurnPlace, reasoning: Reasoning): RecordedItems {
  const { id, summary, content = [] } = reasoning;
  const seen = seenItem(place, { type: "Reasoning", id, summary_text: summary, raw_content: content });
  const shown =
    place.historyMode === "paginated"
      ? [completedItem(place, seen)]
      : [
          ...summary.map((text) => eventItem("agent_reasoning", { text })),
          ...content.map((text) => eventItem("agent_reasoning_raw_content", { text })),
        ];
  return { records: [...shown, responseItem(reasoningOf(reasoning))], seen };
}

/** A thought as a model takes it. */
export function reasoningOf({ id, summary, content = [], encryptedContent }: Reasoning): ResponseItem {
  return {
    type: "reasoning",
    id,
    summary: summary.map((text) => ({ type: "summary_text", text })),
    content: content.length === 0 ? null : content.map((text) => ({ type: "reasoning_text", text })),
    encrypted_content: encryptedContent ?? null,
  };
}

/** A call of a function: `args` is the JSON text that the model gave, `id` what the provider calls the item. */
export interface FunctionCall {
  readonly callId: string;
  readonly name: string;
  readonly args: string;
  readonly id?: string;
}

export function functionCallOf({ callId, name, args, id }: FunctionCall): ResponseItem {
  return { type: "function_call", ...(id === undefined ? {} : { id }), name, arguments: args, call_id: callId };
}

export function functionOutputOf({
  callId,
  output,
}: {
  readonly callId: string;
  readonly output: string;
}): ResponseItem {
  return { type: "function_call_output", call_id: callId, output };
}

/** That what the model is told was shortened, as a person sees it. */
export function compactionItems(place: TurnPlace, id: string): RecordedItems {
  const seen = seenItem(place, { type: "ContextCompaction", id });
  const shown = place.historyMode === "paginated" ? completedItem(place, seen) : eventItem("context_compacted", {});
  return { records: [shown], seen };
}

export function recordedUsage(usage: TokenUsage): JsonObject {
  return {
    input_tokens: usage.inputTokens,
    cached_input_tokens: usage.cachedInputTokens,
    cache_write_input_tokens: 0,
    output_tokens: usage.outputTokens,
    reasoning_output_tokens: usage.reasoningOutputTokens,
    total_tokens: usage.totalTokens,
  };
}

/** No tokens at all. */
export const NO_TOKENS: TokenUsage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  reasoningOutputTokens: 0,
  totalTokens: 0,
};

export function addUsage(a: TokenUsage, b: TokenUsage): TokenUsage {
  return combineUsage(a, b, (one, other) => one + other);
}

export function subtractUsage(a: TokenUsage, b: TokenUsage): TokenUsage {
  return combineUsage(a, b, (one, other) => one - other);
}

function combineUsage(a: TokenUsage, b: TokenUsage, combine: (one: number, other: number) => number): TokenUsage {
  return {
    inputTokens: combine(a.inputTokens, b.inputTokens),
    cachedInputTokens: combine(a.cachedInputTokens, b.cachedInputTokens),
    outputTokens: combine(a.outputTokens, b.outputTokens),
    reasoningOutputTokens: combine(a.reasoningOutputTokens, b.reasoningOutputTokens),
    totalTokens: combine(a.totalTokens, b.totalTokens),
  };
}

/** The tokens of a thread so far, as its metadata tells them; none where it does not. */
export function usageOf(tokenUsage: unknown): TokenUsage {
  const total = objectField(asJsonObject(tokenUsage) ?? {}, "total_token_usage") ?? {};
  const count = (field: string) => {
    const value = total[field];
    return typeof value === "number" ? value : 0;
  };
  return {
    inputTokens: count("input_tokens"),
    cachedInputTokens: count("cached_input_tokens"),
    outputTokens: count("output_tokens"),
    reasoningOutputTokens: count("reasoning_output_tokens"),
    totalTokens: count("total_tokens"),
  };
}
