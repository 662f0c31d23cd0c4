import { asJsonObject, type ResponseItem, type TurnItem, textField } from "@threadstore/core";
import type { UserInput } from "@threadstore/runtime";
import { type DynamicToolUIPart, getToolName, isToolUIPart, type ToolUIPart, type UIMessage } from "ai";

type Part = UIMessage["parts"][number];
type ToolPart = ToolUIPart | DynamicToolUIPart;

/** What a user says, as a model and a person are told it: a file that is no picture is named in words. */
export function userInput({ parts }: UIMessage): UserInput[] {
  const input = parts.flatMap((part): UserInput[] => {
    if (part.type === "text") return [{ type: "text", text: part.text }];
    if (part.type !== "file") return [];
    if (part.mediaType.startsWith("image/")) return [{ type: "image", imageUrl: part.url }];
    return [{ type: "text", text: `[file: ${part.filename ?? part.mediaType}]` }];
  });
  return input.length > 0 ? input : [{ type: "text", text: "" }];
}

/** A message of an agent, or of the system. */
export function saidItem(role: "assistant" | "system", text: string): ResponseItem {
  const part = role === "assistant" ? { type: "output_text", text } : { type: "input_text", text };
  return { type: "message", role, content: [part] };
}

/** What an agent thinks. What an OpenAI model wants to be sent again, unread, comes with it. */
export function reasoningItem(part: Part & { type: "reasoning" }): ResponseItem {
  const data = asJsonObject(part.providerMetadata?.openai) ?? {};
  const id = textField(data, "itemId");
  return {
    type: "reasoning",
    ...(id === undefined ? {} : { id }),
    summary: part.text === "" ? [] : [{ type: "summary_text", text: part.text }],
    encrypted_content: textField(data, "reasoningEncryptedContent") ?? null,
  };
}

/** The call of a tool. */
export function callItem(part: ToolPart): ResponseItem {
  const args = JSON.stringify(part.input ?? {});
  return { type: "function_call", name: getToolName(part), arguments: args, call_id: part.toolCallId };
}

/** What the tool answered, and what a person sees of it; null while it did not. */
export function outputItem(part: ToolPart): { readonly item: ResponseItem; readonly seen: TurnItem } | null {
  const text = outputText(part);
  if (text === null) return null;
  const success = part.state === "output-available";
  const seen: TurnItem = {
    type: "DynamicToolCall",
    id: part.toolCallId,
    tool: getToolName(part),
    arguments: part.input ?? {},
    status: success ? "completed" : "failed",
    content_items: [{ type: "inputText", text }],
    success,
  };
  return { item: { type: "function_call_output", call_id: part.toolCallId, output: text }, seen };
}

function outputText(part: ToolPart): string | null {
  if (part.state === "output-error") return part.errorText;
  if (part.state === "output-denied") return part.approval.reason ?? "denied";
  if (part.state !== "output-available") return null;
  return typeof part.output === "string" ? part.output : JSON.stringify(part.output ?? null);
}

/** Whether an answer still waits: for a tool, or for somebody to approve of one. */
export function isWaiting({ parts }: UIMessage): boolean {
  return parts.some((part) => isToolUIPart(part) && outputText(part) === null);
}

/** All texts of a message. */
export function messageText({ parts }: UIMessage): string {
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}
