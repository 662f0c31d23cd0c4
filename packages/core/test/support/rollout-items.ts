import type { Instant } from "../../src/protocol/instant.js";
import type { RolloutItem } from "../../src/protocol/rollout-item.js";

export type Fields = Readonly<Record<string, unknown>>;

/** An event of a kind. */
export function event(type: string, fields: Fields = {}): RolloutItem {
  return { type: "event_msg", payload: { type, ...fields } };
}

/** A user message as legacy threads keep it. */
export function userMessage(message: string, fields: Fields = {}): RolloutItem {
  return event("user_message", { message, ...fields });
}

/** A message of images without words. */
export function imageMessage(): RolloutItem {
  return userMessage("", { images: ["data:image/png;base64,AA=="] });
}

/** A user message as paginated threads keep it. */
export function userTurnItem(text: string): RolloutItem {
  return event("item_completed", { item: { type: "UserMessage", content: [{ type: "text", text }] } });
}

export function agentMessage(message: string): RolloutItem {
  return event("agent_message", { message });
}

export function goal(objective: string): RolloutItem {
  return event("thread_goal_updated", { goal: { objective } });
}

export function tokenCount(info: unknown): RolloutItem {
  return event("token_count", { info });
}

export function settings(thread_settings: Fields): RolloutItem {
  return event("thread_settings_applied", { thread_settings });
}

export function turnContext(payload: Fields): RolloutItem {
  return { type: "turn_context", payload };
}

export function sessionMeta(payload: Fields): RolloutItem {
  return { type: "session_meta", payload };
}

/** An item that tells nothing of its thread. */
export const COMPACTED: RolloutItem = { type: "compacted", payload: { message: "shorter" } };

/** Items as a history holds them, from ordinal 0 on, all of one time. */
export function recorded(items: readonly RolloutItem[], timestamp: Instant) {
  return items.map((item, ordinal) => ({ item, ordinal, timestamp }));
}
