import { asJsonObject, type JsonObject, objectField, textField } from "@threadstore/core";
import type { ApiThreadItem } from "./thread-item.js";

/** Which outputs to leave out of a list, to be read later. Absent and null: none. */
export interface ApiOutputDeferral {
  readonly commandExecution?: boolean | null;
  readonly mcpToolCall?: boolean | null;
}

/** The item without its output; null when it has none that is left out. What failed keeps its output. */
export function withoutOutput(item: ApiThreadItem, deferral: ApiOutputDeferral): ApiThreadItem | null {
  if (item.status !== "completed") return null;
  if (item.type === "commandExecution") {
    const isDeferred = deferral.commandExecution === true && item.exitCode === 0 && item.aggregatedOutput !== null;
    return isDeferred ? { ...item, aggregatedOutput: null } : null;
  }
  if (item.type !== "mcpToolCall" || deferral.mcpToolCall !== true) return null;
  const result = objectField(item, "result");
  return result && isText(result) ? { ...item, result: { ...result, content: [] } } : null;
}

/** Whether a result is text and nothing else. */
function isText({ content, structuredContent, _meta }: JsonObject): boolean {
  const texts = Array.isArray(content) ? content.map(textOf) : [];
  const isAlone = (structuredContent ?? null) === null && (_meta ?? null) === null;
  return isAlone && texts.some((text) => text !== "") && texts.every((text) => text !== undefined);
}

function textOf(part: unknown): string | undefined {
  const fields = asJsonObject(part);
  return fields?.type === "text" ? textField(fields, "text") : undefined;
}
