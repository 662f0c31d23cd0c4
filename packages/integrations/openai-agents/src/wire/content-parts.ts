import { asJsonObject, type JsonObject, textField } from "@threadstore/core";

/** How closely a model looks at a picture, in the words that Codex knows. */
const DETAILS: ReadonlySet<unknown> = new Set(["auto", "low", "high", "original"]);

/**
 * A part of a user's message or of a tool's output, as the Responses API has it. Codex reads texts and pictures alone, so
 * anything else is named in words; the part itself is kept beside.
 */
export function inputPart(part: JsonObject): JsonObject {
  const { type, image, detail } = part;
  if (type === "input_text" || type === "text") return { type: "input_text", text: textField(part, "text") ?? "" };
  if (type === "input_image" && typeof image === "string") {
    return { type: "input_image", image_url: image, ...(DETAILS.has(detail) ? { detail } : {}) };
  }
  return { type: "input_text", text: nameOf(part) };
}

function nameOf(part: JsonObject): string {
  const file = asJsonObject(part.file);
  const name = textField(part, "transcript") ?? textField(part, "filename") ?? (file && textField(file, "filename"));
  return `[${String(part.type).replace("input_", "")}${name ? `: ${name}` : ""}]`;
}

/** A part of a message of an agent. Codex reads texts alone. */
export function outputPart(part: JsonObject): JsonObject {
  const data = asJsonObject(part.providerData) ?? {};
  if (part.type !== "output_text") return { type: "output_text", text: spokenText(part) };
  const lists = ["annotations", "logprobs"].filter((key) => Array.isArray(data[key]));
  return { type: "output_text", text: part.text, ...Object.fromEntries(lists.map((key) => [key, data[key]])) };
}

/** What a person reads of a part of an agent's message. */
function spokenText(part: JsonObject): string {
  return textField(part, "text") ?? textField(part, "refusal") ?? textField(part, "transcript") ?? nameOf(part);
}

/** A part of a user's message or of a tool's output, as the SDK has it. */
export function readInputPart(part: JsonObject): JsonObject {
  const { type, image_url, file_id, detail, ...rest } = part;
  if (type !== "input_image") return { type, ...rest };
  const image = image_url ?? (file_id === undefined ? undefined : { id: file_id });
  return { type, ...(image === undefined ? {} : { image }), ...(detail === undefined ? {} : { detail }) };
}

/** A part of a message of an agent, as the SDK has it. */
export function readOutputPart(part: JsonObject): JsonObject {
  const { type, text, refusal, ...providerData } = part;
  const said = type === "refusal" ? { type, refusal } : { type, text };
  return Object.keys(providerData).length > 0 ? { ...said, providerData } : said;
}
