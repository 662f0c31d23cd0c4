import {
  asJsonObject,
  type JsonObject,
  type ResponseItem,
  type RolloutItem,
  type TurnContext,
  textField,
} from "@threadstore/core";
import { contextItem, isUserMessage, userMessage } from "./context-items.js";

/** What a model was told when a history stood at some item. */
export interface ContextFold {
  items: ResponseItem[];
  turnContext?: TurnContext;
}

/** Puts one item of a history after those before it. */
export function foldIntoContext(fold: ContextFold, { type, payload }: RolloutItem): void {
  const fields = asJsonObject(payload);
  if (fields === null) return;
  if (type === "response_item") {
    const item = contextItem(fields);
    if (item) fold.items.push(item);
  } else if (type === "turn_context") fold.turnContext = fields as unknown as TurnContext;
  else if (type === "compacted") fold.items = compactedItems(fold.items, fields);
  else if (isRollback(type, fields)) fold.items = rolledBack(fold.items, fields);
}

/** Whether an item says all that a model is told of what came before it. */
export function replacesHistory({ type, payload }: RolloutItem): boolean {
  return type === "compacted" && Array.isArray(asJsonObject(payload)?.replacement_history);
}

/** Whether an item takes back what came before it. */
export function takesBack({ type, payload }: RolloutItem): boolean {
  const fields = asJsonObject(payload);
  return fields !== null && isRollback(type, fields);
}

function isRollback(type: string, fields: JsonObject): boolean {
  return type === "event_msg" && fields.type === "thread_rolled_back";
}

/** Older compactions tell a summary alone: what users said stays before it. */
function compactedItems(items: readonly ResponseItem[], compacted: JsonObject): ResponseItem[] {
  const { replacement_history } = compacted;
  if (Array.isArray(replacement_history)) return replacement_history.flatMap((item) => contextItem(item) ?? []);
  const summary = textField(compacted, "message") ?? "";
  return [...items.filter(isUserMessage), ...(summary === "" ? [] : [userMessage(summary)])];
}

/** Turns of users are counted: what the harness told the model between them goes with them. */
function rolledBack(items: readonly ResponseItem[], { num_turns }: JsonObject): ResponseItem[] {
  const turns = typeof num_turns === "number" ? Math.max(0, num_turns) : 0;
  if (turns === 0) return [...items];
  const starts = items.flatMap((item, at) => (isUserMessage(item) ? [at] : []));
  return items.slice(0, starts.at(-turns) ?? starts[0] ?? items.length);
}
