import { asJsonObject, type JsonObject, type RolloutItem, type ThreadId, type ThreadStore } from "@threadstore/core";

/** What user and agent say in items, in order, whatever the history mode. */
export function listMessages(items: readonly RolloutItem[]): string[] {
  return items.flatMap(({ type, payload }) => (type === "event_msg" ? (messageOf(asJsonObject(payload)) ?? []) : []));
}

/** The same of a stored thread. */
export async function loadMessages(store: ThreadStore, threadId: ThreadId): Promise<string[]> {
  const { items } = await store.loadHistory({ threadId, includeArchived: true });
  return listMessages(items.map(({ item }) => item));
}

function messageOf(event: JsonObject | null): string | undefined {
  if (event?.type === "user_message" || event?.type === "agent_message") return String(event.message);
  const item = event?.type === "item_completed" ? asJsonObject(event.item) : null;
  if (item?.type !== "UserMessage" && item?.type !== "AgentMessage") return undefined;
  const parts = item.content as readonly { readonly text?: string }[];
  return parts.map(({ text }) => text ?? "").join("");
}
