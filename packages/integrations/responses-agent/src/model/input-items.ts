import { asJsonObject, type JsonObject, type ResponseItem } from "@threadstore/core";
import type { OpenAI } from "openai";

/** What the recorded items of each kind say to a model; ids and the notes of whoever recorded them are left out. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  message: ["role", "content", "phase"],
  reasoning: ["summary", "content", "encrypted_content"],
  function_call: ["name", "namespace", "arguments", "call_id"],
  function_call_output: ["call_id", "output"],
  custom_tool_call: ["name", "input", "call_id"],
  custom_tool_call_output: ["call_id", "output"],
  local_shell_call: ["call_id", "action", "status"],
  web_search_call: ["action", "status"],
  compaction: ["encrypted_content"],
};

/**
 * The items of a thread as the input of a request. Providers keep nothing of a thread, so items go without the ids that they gave;
 * thoughts are told only where the provider gave them in a form that it can read again.
 */
export function inputItems(items: readonly ResponseItem[]): OpenAI.Responses.ResponseInput {
  return items.flatMap((item) => inputItem(item) ?? []) as unknown as OpenAI.Responses.ResponseInput;
}

function inputItem(item: ResponseItem): JsonObject | null {
  const fields = FIELDS[item.type];
  if (!fields || (item.type === "reasoning" && typeof item.encrypted_content !== "string")) return null;
  const told = fields.flatMap((field) =>
    item[field] === undefined || item[field] === null ? [] : [[field, item[field]]],
  );
  const input: JsonObject = { type: item.type, ...Object.fromEntries(told) };
  return item.type === "message" ? { ...input, content: contentOf(item) } : input;
}

function contentOf({ content }: ResponseItem): unknown {
  return Array.isArray(content) ? content.map(contentPart) : content;
}

/** Kinds that nobody here makes, such as files, are told as they were recorded. */
function contentPart(part: unknown): unknown {
  const fields = asJsonObject(part) ?? {};
  const { type, text, detail } = fields;
  if (type === "input_text") return { type, text };
  if (type === "output_text") return { type, text, annotations: [] };
  return type === "input_image" ? { ...fields, detail: detail ?? "auto" } : part;
}
