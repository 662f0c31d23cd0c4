import { asJsonObject, isHarnessText, type JsonObject, type ResponseItem, textField } from "@threadstore/core";

/** Kinds that a model is not sent: notes of Codex to itself, and what nobody knows. */
const KINDS: ReadonlySet<string> = new Set([
  "message",
  "additional_tools",
  "reasoning",
  "local_shell_call",
  "function_call",
  "function_call_output",
  "tool_search_call",
  "tool_search_output",
  "custom_tool_call",
  "custom_tool_call_output",
  "web_search_call",
  "image_generation_call",
  "compaction",
  "context_compaction",
]);

/** The item of a record's payload as a model takes it; null for what a model is not sent. */
export function contextItem(payload: unknown): ResponseItem | null {
  const item = asJsonObject(payload);
  return item && KINDS.has(textField(item, "type") ?? "") ? (item as ResponseItem) : null;
}

/** Whether a user spoke: with such an item a turn of the user begins. */
export function isUserMessage(item: ResponseItem): boolean {
  if (item.type !== "message" || item.role !== "user") return false;
  return !textsOf(item).some(isHarnessText);
}

/** A message of a user, as a model takes it. */
export function userMessage(text: string): ResponseItem {
  return { type: "message", role: "user", content: [{ type: "input_text", text }] };
}

function textsOf({ content }: JsonObject): string[] {
  const parts: readonly unknown[] = Array.isArray(content) ? content : [];
  return parts.flatMap((part) => {
    const text = asJsonObject(part)?.text;
    return typeof text === "string" ? [text] : [];
  });
}
