import {
  asJsonObject,
  type JsonObject,
  objectField,
  type StoredItem,
  textField,
  visibleUserText,
} from "@threadstore/core";

/** Something a person sees in a conversation. */
export interface VisibleMessage {
  readonly speaker: "user" | "agent";
  readonly text: string;
}

/** The messages among items, in either form: separate events, or completed turn items. */
export function* visibleMessages(items: readonly StoredItem[]): Generator<VisibleMessage> {
  for (const { item } of items) {
    const event = item.type === "event_msg" ? asJsonObject(item.payload) : null;
    const message =
      event && (event.type === "item_completed" ? ofTurnItem(objectField(event, "item")) : ofEvent(event));
    if (message && message.text.trim() !== "") yield message;
  }
}

function ofEvent(event: JsonObject): VisibleMessage | null {
  const text = textField(event, "message") ?? "";
  if (event.type === "user_message") return { speaker: "user", text: visibleUserText(text) };
  return event.type === "agent_message" ? { speaker: "agent", text } : null;
}

function ofTurnItem(item: JsonObject | null): VisibleMessage | null {
  if (item?.type === "UserMessage") return { speaker: "user", text: visibleUserText(textOfContent(item)) };
  return item?.type === "AgentMessage" ? { speaker: "agent", text: textOfContent(item) } : null;
}

function textOfContent(item: JsonObject): string {
  const parts = Array.isArray(item.content) ? item.content.map(asJsonObject) : [];
  return parts
    .map((part) => (part ? (textField(part, "text") ?? `[${textField(part, "type") ?? "?"}]`) : ""))
    .join("\n");
}
