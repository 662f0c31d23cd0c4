import { asJsonObject, type JsonObject, type StoredItem, textField } from "@threadstore/core";

/** Events that stand before the item which they belong to: what a person sees of an agent, and the beginning of a turn. */
const LEADING_EVENTS: ReadonlySet<string> = new Set([
  "task_started",
  "turn_started",
  "thread_settings_applied",
  "agent_message",
  "agent_reasoning",
  "agent_reasoning_raw_content",
]);

/** The ordinal at which the records of an item begin: those that came with it stand before it. */
export function startOfItem(history: readonly StoredItem[], ordinal: number): number {
  let at = history.findIndex((stored) => stored.ordinal === ordinal);
  while (at > 0 && isLeading(history[at - 1] as StoredItem)) at--;
  return history[at]?.ordinal ?? ordinal;
}

/** What a person sees of a user stands after what the model is told, and belongs to the item before. */
function isLeading({ item: { type, payload } }: StoredItem): boolean {
  if (type === "turn_context") return true;
  const event = type === "event_msg" ? asJsonObject(payload) : null;
  if (event === null) return false;
  return isSeenOfAgent(event) || LEADING_EVENTS.has(textField(event, "type") ?? "");
}

function isSeenOfAgent({ type, item }: JsonObject): boolean {
  return type === "item_completed" && asJsonObject(item)?.type !== "UserMessage";
}
