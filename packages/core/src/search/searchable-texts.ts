import { visibleUserText } from "../protocol/event-message.js";
import { isHarnessText } from "../protocol/harness-text.js";
import { asJsonObject, type JsonObject, objectField, textField } from "../protocol/json-value.js";
import type { RolloutItem } from "../protocol/rollout-item.js";

/** What a search looks at: what was said, what tools were asked and answered, what was thought. */
export type TextScope = "messages" | "tools" | "reasoning";

/** A text of an item. */
export interface SearchableText {
  readonly scope: TextScope;
  readonly text: string;
}

/** What the harness says about a turn is about what happened, and is searched, as Codex does. */
const TOLD_ABOUT_TURNS = ["<turn_aborted>", "<subagent_notification>"];

/** The texts of an item that a person can search for. */
export function searchableTexts({ type, payload }: RolloutItem): SearchableText[] {
  const fields = asJsonObject(payload);
  if (fields === null) return [];
  if (type === "response_item") return textsOfResponseItem(fields);
  if (type !== "event_msg") return [];
  return fields.type === "item_completed" ? textsOfTurnItem(objectField(fields, "item") ?? {}) : textsOfEvent(fields);
}

/** What was said in a turn item; null for one that is no message. */
export function searchedText(item: JsonObject): string | null {
  const said = textsOfTurnItem(item).filter(({ scope }) => scope === "messages");
  return said[0]?.text ?? null;
}

function textsOfResponseItem(item: JsonObject): SearchableText[] {
  switch (item.type) {
    case "message": {
      const text = partsText(item.content, " ");
      const isSaid = item.role === "assistant" || (item.role === "user" && !isContext(text));
      return isSaid ? texts("messages", visibleUserText(text)) : [];
    }
    case "reasoning":
      return texts("reasoning", partsText(item.summary, "\n"), partsText(item.content, "\n"));
    case "function_call":
      return texts("tools", textField(item, "name"), textField(item, "arguments"));
    case "custom_tool_call":
      return texts("tools", textField(item, "name"), textField(item, "input"));
    case "function_call_output":
    case "custom_tool_call_output":
      return texts("tools", outputText(item.output));
    case "local_shell_call":
      return texts("tools", wordsText(objectField(item, "action")?.command));
    case "web_search_call":
      return texts("tools", textField(objectField(item, "action") ?? {}, "query"));
    default:
      return [];
  }
}

function textsOfEvent(event: JsonObject): SearchableText[] {
  switch (event.type) {
    case "user_message":
      return texts("messages", visibleUserText(textField(event, "message") ?? ""));
    case "agent_message":
      return texts("messages", textField(event, "message"));
    case "agent_reasoning":
    case "agent_reasoning_raw_content":
      return texts("reasoning", textField(event, "text"));
    case "exec_command_end":
      return texts("tools", wordsText(event.command), textField(event, "aggregated_output"));
    case "mcp_tool_call_end":
      return texts("tools", jsonText(event.invocation), jsonText(event.result));
    case "patch_apply_end":
      return texts("tools", jsonText(event.changes), textField(event, "stdout"));
    case "web_search_end":
      return texts("tools", textField(event, "query"));
    default:
      return [];
  }
}

function textsOfTurnItem(item: JsonObject): SearchableText[] {
  switch (item.type) {
    case "UserMessage":
      return texts("messages", visibleUserText(partsText(item.content, "\n")));
    case "AgentMessage":
      return texts("messages", partsText(item.content, ""));
    case "Plan":
      return texts("messages", textField(item, "text"));
    case "Reasoning":
      return texts("reasoning", wordsText(item.summary_text, "\n"), wordsText(item.raw_content, "\n"));
    case "CommandExecution":
      return texts("tools", wordsText(item.command), textField(item, "aggregated_output"));
    case "DynamicToolCall":
      return texts("tools", textField(item, "tool"), jsonText(item.arguments), partsText(item.content_items, "\n"));
    case "McpToolCall":
      return texts("tools", textField(item, "tool"), jsonText(item.arguments), jsonText(item.result));
    case "FileChange":
      return texts("tools", jsonText(item.changes));
    case "WebSearch":
      return texts("tools", textField(item, "query"));
    default:
      return [];
  }
}

function texts(scope: TextScope, ...found: readonly (string | undefined)[]): SearchableText[] {
  return found.flatMap((text) => (text === undefined || text.trim() === "" ? [] : [{ scope, text }]));
}

/** What the harness tells the model with every turn: nobody said it, and it would be found everywhere. */
function isContext(text: string): boolean {
  return isHarnessText(text) && !TOLD_ABOUT_TURNS.some((mark) => text.trimStart().startsWith(mark));
}

function partsText(parts: unknown, separator: string): string {
  const found = Array.isArray(parts) ? parts.map((part) => textField(asJsonObject(part) ?? {}, "text")) : [];
  return found.filter((text) => text !== undefined).join(separator);
}

function wordsText(words: unknown, separator = " "): string | undefined {
  if (typeof words === "string") return words;
  return Array.isArray(words) ? words.filter((word) => typeof word === "string").join(separator) : undefined;
}

function outputText(output: unknown): string | undefined {
  return typeof output === "string" ? output : Array.isArray(output) ? partsText(output, "\n") : undefined;
}

function jsonText(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : JSON.stringify(value);
}
