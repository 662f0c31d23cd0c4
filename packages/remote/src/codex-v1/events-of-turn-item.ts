import { asJsonObject, type JsonObject, textField } from "@threadstore/core";

/** The items of a paginated thread as the events of a legacy one, by which the real Codex 0.129.0 shows the same. */
export function eventsOfTurnItem(item: JsonObject, turnId: string): JsonObject[] {
  const type = textField(item, "type") ?? "";
  return Object.hasOwn(MAKERS, type) ? (MAKERS[type] as Maker)(item, turnId) : [];
}

type Maker = (item: JsonObject, turnId: string) => JsonObject[];

const MAKERS: Readonly<Record<string, Maker>> = {
  UserMessage: (item) => [userMessage(objects(item.content))],
  AgentMessage: ({ content, phase }) => [
    {
      type: "agent_message",
      message: objects(content)
        .map((part) => textField(part, "text") ?? "")
        .join(""),
      ...(phase === "commentary" || phase === "final_answer" ? { phase } : {}),
    },
  ],
  Reasoning: ({ summary_text, raw_content }) => [
    ...texts(summary_text).map((text) => ({ type: "agent_reasoning", text })),
    ...texts(raw_content).map((text) => ({ type: "agent_reasoning_raw_content", text })),
  ],
  FileChange: (item, turnId) => [
    {
      type: "patch_apply_end",
      call_id: item.id,
      turn_id: turnId,
      stdout: item.stdout ?? "",
      stderr: item.stderr ?? "",
      success: item.status === "completed",
      changes: item.changes ?? {},
      status: item.status === "completed" || item.status === "declined" ? item.status : "failed",
    },
  ],
  McpToolCall: (item) => [
    {
      type: "mcp_tool_call_end",
      call_id: item.id,
      invocation: { server: item.server, tool: item.tool, arguments: item.arguments ?? null },
      duration: item.duration ?? { secs: 0, nanos: 0 },
      result: mcpResult(item),
    },
  ],
  WebSearch: (item) => [
    { type: "web_search_end", call_id: item.id, query: item.query ?? "", action: item.action ?? { type: "other" } },
  ],
  ImageGeneration: (item) => [
    {
      type: "image_generation_end",
      call_id: item.id,
      status: item.status ?? "completed",
      revised_prompt: item.revised_prompt ?? null,
      result: item.result ?? "",
    },
  ],
  ContextCompaction: () => [{ type: "context_compacted" }],
  EnteredReviewMode: (item) => [
    { type: "entered_review_mode", target: item.target, user_facing_hint: item.user_facing_hint ?? null },
  ],
  ExitedReviewMode: (item) => [{ type: "exited_review_mode", review_output: item.review_output ?? null }],
};

/** Texts, pictures and the marks of texts, whose places count bytes of the whole message. */
function userMessage(parts: readonly JsonObject[]): JsonObject {
  const marks: JsonObject[] = [];
  let message = "";
  for (const part of parts.filter(({ type }) => type === "text")) {
    const offset = new TextEncoder().encode(message).length;
    for (const mark of objects(part.text_elements)) marks.push(...movedMark(mark, offset));
    message += textField(part, "text") ?? "";
  }
  const images = parts.flatMap(({ type, image_url, url }) => (type === "image" ? texts([image_url ?? url]) : []));
  const localImages = parts.flatMap(({ type, path }) => (type === "local_image" ? texts([path]) : []));
  return { type: "user_message", message, images, local_images: localImages, text_elements: marks };
}

/** None for a mark that has no place. */
function movedMark(mark: JsonObject, offset: number): JsonObject[] {
  const { start, end } = asJsonObject(mark.byte_range) ?? {};
  if (typeof start !== "number" || typeof end !== "number") return [];
  return [{ ...mark, byte_range: { start: start + offset, end: end + offset } }];
}

function mcpResult({ error, result }: JsonObject): JsonObject {
  const failure = asJsonObject(error);
  if (failure) return { Err: textField(failure, "message") ?? "failed" };
  return { Ok: { content: [], ...asJsonObject(result) } };
}

function objects(value: unknown): JsonObject[] {
  const all: readonly unknown[] = Array.isArray(value) ? value : [];
  return all.flatMap<JsonObject>((one) => asJsonObject(one) ?? []);
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}
