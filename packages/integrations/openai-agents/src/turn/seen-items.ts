import { type JsonObject, type ResponseItem, type TurnItem, textField } from "@threadstore/core";
import type { UserInput } from "@threadstore/runtime";
import { objectParts } from "../wire/object-parts.js";

/** What a person sees of a user's message; an empty text where it has nothing in it. */
export function seenInput({ content }: ResponseItem): UserInput[] {
  const parts = objectParts(content);
  return (parts.length > 0 ? parts : [{}]).map((part) =>
    typeof part.image_url === "string"
      ? { type: "image", imageUrl: part.image_url }
      : { type: "text", text: textField(part, "text") ?? "" },
  );
}

/** The text that a person sees of items that have parts with text. */
export function seenText(parts: unknown): string {
  return seenTexts(parts).join("");
}

export function seenTexts(parts: unknown): string[] {
  return objectParts(parts).map((part) => textField(part, "text") ?? "");
}

/** What a person sees of a function's answer: the call of a tool, with what came of it. */
export function seenOutput(output: ResponseItem, call: JsonObject): TurnItem {
  const texts = typeof output.output === "string" ? [output.output] : seenTexts(output.output);
  return {
    type: "DynamicToolCall",
    id: String(output.call_id),
    tool: textField(call, "name") ?? "",
    arguments: argumentsOf(call),
    status: "completed",
    content_items: texts.map((text) => ({ type: "inputText", text })),
    success: true,
  };
}

/** What the model gave; a text that is not JSON is shown as it is. */
function argumentsOf(call: JsonObject): unknown {
  const text = textField(call, "arguments") ?? "";
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
