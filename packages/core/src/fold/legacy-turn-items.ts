import { asJsonObject, filledTextField, type JsonObject, textField } from "../protocol/json-value.js";
import type { TurnItem } from "../protocol/turn-item.js";

/** The message, text or mark that a legacy event shows, under the id it is given; null for other events and empty texts. */
export function countedItemOf(event: JsonObject, id: string): TurnItem | null {
  switch (event.type) {
    case "user_message":
      return userMessageOf(event, id);
    case "agent_message":
      return agentMessageOf(event, id);
    case "context_compacted":
      return { type: "ContextCompaction", id };
    case "entered_review_mode":
      return { ...event, type: "EnteredReviewMode", id };
    case "exited_review_mode":
      return { ...event, type: "ExitedReviewMode", id };
    default:
      return null;
  }
}

/** One more piece of reasoning; null for other events. */
export function reasoningOf(
  event: JsonObject,
): { readonly field: "summary_text" | "raw_content"; text: string } | null {
  const text = textField(event, "text") ?? "";
  if (text === "") return null;
  if (event.type === "agent_reasoning") return { field: "summary_text", text };
  return event.type === "agent_reasoning_raw_content" ? { field: "raw_content", text } : null;
}

/** What a tool did, by the id of its call; null for other events. */
export function toolItemOf(event: JsonObject): TurnItem | null {
  const id = filledTextField(event, "call_id");
  const type = TOOL_EVENTS.get(textField(event, "type") ?? "");
  if (id === undefined || type === undefined) return null;
  return withFieldsOf(event, { type, id }, "call_id", "turn_id");
}

/** The events of legacy threads that tell of tools, and the turn items they stand for. */
const TOOL_EVENTS: ReadonlyMap<string, string> = new Map([
  ["exec_command_end", "CommandExecution"],
  ["patch_apply_end", "FileChange"],
  ["mcp_tool_call_end", "McpToolCall"],
  ["web_search_end", "WebSearch"],
  ["image_generation_end", "ImageGeneration"],
  ["view_image_tool_call", "ImageView"],
  ["dynamic_tool_call_response", "DynamicToolCall"],
  ["sub_agent_activity", "SubAgentActivity"],
]);

/** The events of legacy threads that stand for turn items, or tell of them. */
export const LEGACY_ITEM_EVENTS: readonly string[] = [
  "user_message",
  "agent_message",
  "agent_reasoning",
  "agent_reasoning_raw_content",
  "context_compacted",
  "entered_review_mode",
  "exited_review_mode",
  ...TOOL_EVENTS.keys(),
];

/** Turn items that legacy threads record as such; of others they record the older events. */
export const RECORDED_IN_LEGACY: ReadonlySet<string> = new Set([
  "Plan",
  "HookPrompt",
  "FunctionCallOutput",
  "CommandExecution",
  "DynamicToolCall",
  "CollabAgentToolCall",
  "SubAgentActivity",
  "Extension",
  "Sleep",
  "EnteredReviewMode",
  "ExitedReviewMode",
]);

/**
 * An item with the fields of an event that it has not itself, but some. A loop, because every message of a long history comes
 * by and spreads take several times as long.
 */
function withFieldsOf(event: JsonObject, item: TurnItem, ...exceptions: readonly string[]): TurnItem {
  const fields = item as Record<string, unknown>;
  for (const name in event) {
    if (!Object.hasOwn(item, name) && !exceptions.includes(name)) fields[name] = event[name];
  }
  return item;
}

function userMessageOf(event: JsonObject, id: string): TurnItem {
  const text = textField(event, "message") ?? "";
  const textElements = Array.isArray(event.text_elements) ? event.text_elements : [];
  const clientId = textField(event, "client_id");
  return {
    type: "UserMessage",
    id,
    ...(clientId === undefined ? {} : { client_id: clientId }),
    content: [
      ...(text.trim() === "" ? [] : [{ type: "text", text, text_elements: textElements }]),
      ...textsOf(event.images).map((url) => ({ type: "image", image_url: url })),
      ...textsOf(event.local_images).map((path) => ({ type: "local_image", path })),
    ],
  };
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

function agentMessageOf(event: JsonObject, id: string): TurnItem | null {
  const text = textField(event, "message") ?? "";
  if (text === "") return null;
  return withFieldsOf(event, { type: "AgentMessage", id, content: [{ type: "Text", text }] }, "message");
}

/** The prompts of hooks in a user's message to the model; empty when it has anything else. */
export function hookPromptFragments(payload: JsonObject): readonly JsonObject[] {
  if (payload.type !== "message" || payload.role !== "user" || !Array.isArray(payload.content)) return [];
  const fragments = payload.content.map(hookPromptFragment);
  return fragments.every((fragment) => fragment !== null) ? fragments : [];
}

const HOOK_PROMPT = /^\s*<hook_prompt\s+hook_run_id="([^"]*)"\s*>([\s\S]*)<\/hook_prompt>\s*$/;

function hookPromptFragment(part: unknown): JsonObject | null {
  const { type, text } = asJsonObject(part) ?? {};
  if (type !== "input_text" || typeof text !== "string") return null;
  const [, runId = "", prompt = ""] = HOOK_PROMPT.exec(text) ?? [];
  return runId.trim() === "" ? null : { text: unescapeXml(prompt), hook_run_id: unescapeXml(runId) };
}

const XML_ENTITIES: ReadonlyMap<string, string> = new Map([
  ["&lt;", "<"],
  ["&gt;", ">"],
  ["&quot;", '"'],
  ["&apos;", "'"],
  ["&amp;", "&"],
]);

function unescapeXml(text: string): string {
  return text.replace(/&(?:lt|gt|quot|apos|amp);/g, (entity) => XML_ENTITIES.get(entity) ?? entity);
}
