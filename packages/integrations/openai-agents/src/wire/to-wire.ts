import { asJsonObject, type JsonObject, type ResponseItem, textField } from "@threadstore/core";
import { inputPart, outputPart } from "./content-parts.js";
import { snakeKeys } from "./key-case.js";
import { objectParts } from "./object-parts.js";
import type { PlainItem } from "./plain-item.js";
import { SAME_NAMED_KINDS, SDK_KINDS } from "./sdk-kinds.js";

/** Hosted tools whose calls Codex need not understand; it passes over kinds that it does not know. */
const HOSTED_KINDS: ReadonlySet<unknown> = new Set([
  "file_search_call",
  "code_interpreter_call",
  "mcp_call",
  "mcp_list_tools",
  "mcp_approval_request",
  "mcp_approval_response",
]);

/** Kinds that are not stored, or that a model is not sent: an item of a provider may not hide among them. */
const TAKEN_KINDS: ReadonlySet<string> = new Set([
  "other",
  "unknown",
  "compaction_trigger",
  "additional_tools",
  "ghost_snapshot",
]);

/** The form of an item in the Responses API, which rollouts record and Codex reads. */
export function toWire(item: PlainItem): ResponseItem {
  const write = item.type === undefined || item.type === "message" ? undefined : WRITERS[item.type];
  if (write) return write(item);
  if (typeof item.role === "string") return messageWire(item);
  return SAME_NAMED_KINDS.has(item.type ?? "") ? sameNamedWire(item) : unknownWire(item);
}

const WRITERS: Readonly<Record<string, (item: PlainItem) => ResponseItem>> = {
  function_call: ({ id, name, namespace, arguments: args, callId, status }) =>
    present({ type: "function_call", id, name, namespace, arguments: args, call_id: callId, status }),
  function_call_result: ({ id, callId, output, status }) =>
    present({ type: "function_call_output", id, call_id: callId, output: outputWire(output), status }),
  reasoning: reasoningWire,
  compaction: ({ id, encrypted_content, created_by }) =>
    present({ type: "compaction", id, encrypted_content, created_by }),
  tool_search_call: ({ id, call_id, callId, execution = "server", arguments: args = null, status }) =>
    present({ type: "tool_search_call", id, call_id: callId ?? call_id, execution, arguments: args, status }),
  tool_search_output: ({ id, call_id, callId, execution = "server", status = "completed", tools }) =>
    present({ type: "tool_search_output", id, call_id: callId ?? call_id, execution, status, tools }),
  computer_call_result: ({ id, callId, output }) => {
    const { data, ...rest } = asJsonObject(output) ?? {};
    return present({ type: "computer_call_output", id, call_id: callId, output: { ...rest, image_url: data } });
  },
  hosted_tool_call: hostedWire,
};

function messageWire({ id, role, content, phase, status }: PlainItem): ResponseItem {
  const parts = typeof content === "string" ? [{ type: "input_text", text: content }] : objectParts(content);
  const isAgent = role === "assistant";
  const written = parts.map(isAgent ? outputPart : inputPart);
  return present({ type: "message", id, role, content: written, phase, ...(isAgent ? { status } : {}) });
}

function reasoningWire({ id, content, rawContent, providerData }: PlainItem): ResponseItem {
  const data = asJsonObject(providerData) ?? {};
  const encrypted = textField(data, "encrypted_content") ?? textField(data, "encryptedContent");
  const thoughts = objectParts(rawContent).map(({ text }) => ({ type: "reasoning_text", text }));
  return present({
    type: "reasoning",
    id,
    summary: objectParts(content).map(({ text }) => ({ type: "summary_text", text })),
    content: rawContent === undefined ? undefined : thoughts,
    encrypted_content: encrypted,
  });
}

/** Codex takes a text, or texts and pictures. */
function outputWire(output: unknown): unknown {
  if (typeof output === "string") return output;
  if (Array.isArray(output)) return objectParts(output).map(inputPart);
  const part = asJsonObject(output) ?? {};
  if (part.type === "text") return textField(part, "text") ?? "";
  return [inputPart(part.type === "image" ? { ...part, type: "input_image" } : part)];
}

function hostedWire({ id, name, status, output, providerData }: PlainItem): ResponseItem {
  const data = asJsonObject(providerData) ?? {};
  if (name === "web_search_call") {
    return present({ type: name, id, status, action: asJsonObject(data.action) ?? undefined });
  }
  if (name === "image_generation_call")
    return present({ type: name, id, status: status ?? "completed", result: output ?? "" });
  return present({ type: HOSTED_KINDS.has(name) ? String(name) : "hosted_tool_call", id, name, status, output });
}

function sameNamedWire({ type, providerData: _kept, caller: _caller, ...fields }: PlainItem): ResponseItem {
  return { type: type as string, ...(snakeKeys(fields) as JsonObject) };
}

/** What the SDK does not know comes from a provider, whose own form of it stands in `providerData`. */
function unknownWire({ id, providerData }: PlainItem): ResponseItem {
  const data = asJsonObject(providerData) ?? {};
  const type = textField(data, "type") ?? "unknown";
  const isFree = !TAKEN_KINDS.has(type) && !SDK_KINDS.has(type);
  return present({ ...(isFree ? { ...data, type } : { type: "unknown" }), id: id ?? data.id });
}

/** Without the fields that have no value. */
function present(item: ResponseItem): ResponseItem {
  return Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined)) as ResponseItem;
}
