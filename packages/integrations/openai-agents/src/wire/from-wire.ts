import { asJsonObject, type JsonObject, type ResponseItem } from "@threadstore/core";
import { readInputPart, readOutputPart } from "./content-parts.js";
import { camelKeys } from "./key-case.js";
import { objectParts } from "./object-parts.js";
import type { PlainItem } from "./plain-item.js";
import { SAME_NAMED_KINDS } from "./sdk-kinds.js";

/** A call that an output answers: outputs do not say what they are outputs of. */
export interface NamedCall {
  readonly name: string;
  readonly namespace?: string;
}

/** Calls by their id. */
export type NamedCalls = ReadonlyMap<string, NamedCall>;

/**
 * An item as the SDK has it, from its form in the Responses API. What is stored of threads that are there already depends on
 * what this gives: it may learn new kinds, and must not read known ones in another way.
 */
export function fromWire(wire: ResponseItem, calls: NamedCalls): PlainItem {
  const read = READERS[wire.type];
  if (read) return read(wire, calls);
  if (SAME_NAMED_KINDS.has(wire.type)) return camelKeys(wire) as PlainItem;
  return { type: "unknown", ...(typeof wire.id === "string" ? { id: wire.id } : {}), providerData: wire };
}

const READERS: Readonly<Record<string, (wire: ResponseItem, calls: NamedCalls) => PlainItem>> = {
  message: readMessage,
  function_call: ({ call_id, ...rest }) => ({ ...rest, callId: call_id }),
  function_call_output: readOutput,
  reasoning: readReasoning,
  compaction: (wire) => wire,
  tool_search_call: readSearch,
  tool_search_output: readSearch,
  computer_call_output: ({ type: _type, call_id, output, ...rest }) => {
    const { image_url, ...screenshot } = asJsonObject(output) ?? {};
    return { type: "computer_call_result", callId: call_id, output: { ...screenshot, data: image_url }, ...rest };
  },
  web_search_call: ({ type, id, status, ...data }) => readHosted({ type, id, status }, data),
  image_generation_call: ({ type, id, status, result, ...data }) =>
    readHosted({ type, id, status, output: result }, data),
};

function readMessage({ id, role, content, phase, status, ...rest }: ResponseItem): PlainItem {
  const parts = objectParts(content);
  const base = { type: "message", ...(typeof id === "string" ? { id } : {}) };
  if (role === "assistant") {
    const how = typeof phase === "string" ? { phase } : {};
    return { ...base, role, content: parts.map(readOutputPart), status: status ?? "completed", ...how };
  }
  const texts = parts.filter(({ type }) => type === "input_text").map(({ text }) => text);
  if (role === "user") {
    const isText = parts.length === 1 && texts.length === 1;
    return { ...base, role, content: isText ? texts[0] : parts.map(readInputPart) };
  }
  // The SDK has one role for what is neither a user's nor an agent's.
  const kept = role === "system" ? {} : { providerData: { ...rest, type: "message", role } };
  return { ...base, role: "system", content: texts.join("\n"), ...kept };
}

function readOutput({ call_id, output, status, id }: ResponseItem, calls: NamedCalls): PlainItem {
  const call = calls.get(String(call_id)) ?? { name: String(call_id) };
  return {
    type: "function_call_result",
    ...(typeof id === "string" ? { id } : {}),
    ...call,
    callId: call_id,
    status: status ?? "completed",
    output: Array.isArray(output) ? objectParts(output).map(readInputPart) : { type: "text", text: textOf(output) },
  };
}

/** Codex of old times told the success of a tool together with its text. */
function textOf(output: unknown): string {
  if (typeof output === "string") return output;
  const content = asJsonObject(output)?.content;
  return typeof content === "string" ? content : JSON.stringify(output ?? "");
}

function readReasoning({ id, summary, content, encrypted_content }: ResponseItem): PlainItem {
  const own = typeof id === "string" ? { id } : {};
  const secret = typeof encrypted_content === "string" ? { ...own, type: "reasoning", encrypted_content } : undefined;
  const thoughts = objectParts(content).map(({ text }) => ({ type: "reasoning_text", text }));
  return {
    type: "reasoning",
    ...own,
    content: objectParts(summary).map(({ text }) => ({ type: "input_text", text })),
    ...(Array.isArray(content) ? { rawContent: thoughts } : {}),
    ...(secret ? { providerData: secret } : {}),
  };
}

function readSearch({ call_id, ...rest }: ResponseItem): PlainItem {
  return call_id === undefined ? rest : { ...rest, callId: call_id };
}

function readHosted({ type, ...fields }: ResponseItem, data: JsonObject): PlainItem {
  const present = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return { type: "hosted_tool_call", name: type, ...present, providerData: { type, ...data } };
}
