import type { JsonObject } from "@threadstore/core";
import type { OutputItem } from "../../../../../test/support/answer-events.js";

/** What the model answers: items of the provider. */
export function says(text: string, id = "msg_said"): OutputItem {
  return {
    type: "message",
    id,
    role: "assistant",
    status: "completed",
    content: [{ type: "output_text", text, annotations: [] }],
  };
}

export function thinks(text: string, encrypted?: string, id = "rs_thought"): OutputItem {
  const secret = encrypted === undefined ? {} : { encrypted_content: encrypted };
  return { type: "reasoning", id, summary: [{ type: "summary_text", text }], ...secret };
}

/** `args` that are a text are sent as they are. */
export function calls(name: string, args: JsonObject | string = {}, callId = "call_1"): OutputItem {
  const text = typeof args === "string" ? args : JSON.stringify(args);
  return { type: "function_call", id: `fc_${callId}`, call_id: callId, name, arguments: text, status: "completed" };
}

/** What the model is told: items of a request's input. */
export function toldUser(text: string): JsonObject {
  return { type: "message", role: "user", content: [{ type: "input_text", text }] };
}

export function toldAgent(text: string): JsonObject {
  return { type: "message", role: "assistant", content: [{ type: "output_text", text, annotations: [] }] };
}

export function toldThought(text: string, encrypted: string): JsonObject {
  return { type: "reasoning", summary: [{ type: "summary_text", text }], encrypted_content: encrypted };
}

export function toldCall(name: string, args: JsonObject | string = {}, callId = "call_1"): JsonObject {
  const text = typeof args === "string" ? args : JSON.stringify(args);
  return { type: "function_call", name, arguments: text, call_id: callId };
}

export function toldOutput(output: string, callId = "call_1"): JsonObject {
  return { type: "function_call_output", call_id: callId, output };
}

/** Each item of a request's input in a word or two. */
export function wordsOfInput(input: readonly unknown[]): string[] {
  return (input as readonly JsonObject[]).map(({ type, role, content, name, output }) => {
    if (type !== "message") return [type, name ?? output].filter((word) => word !== undefined).join(" ");
    const [part] = content as readonly { readonly text: string }[];
    return `${role}: ${part?.text.split("\n")[0]}`;
  });
}
