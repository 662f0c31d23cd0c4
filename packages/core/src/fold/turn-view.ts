import type { TurnItem } from "../protocol/turn-item.js";
import type { StoredTurn, StoredTurnItem, TurnItemsView } from "../store/records.js";

/** A turn as a view shows it: without items, with the first user message and the final answer, or with all of them. */
export function viewTurn(turn: StoredTurn, itemsView: TurnItemsView): StoredTurn {
  if (itemsView === "full") return turn;
  return { ...turn, itemsView, items: itemsView === "summary" ? summaryOf(turn) : [] };
}

/** What a summary must know of an item. */
export type ItemRole = "request" | "finalAnswer" | "answer" | "other";

/** The part an item plays in a summary: an answer is a message that was given no phase. */
export function roleOf(item: TurnItem): ItemRole {
  if (item.type === "UserMessage") return "request";
  if (item.type !== "AgentMessage") return "other";
  if (item.phase === "final_answer") return "finalAnswer";
  return typeof item.phase === "string" ? "other" : "answer";
}

/**
 * Which items a summary shows, by their places: the first user message, and the last message that was meant as the answer;
 * in a turn that has ended, else the last one of no phase.
 */
export function summaryPlaces(roles: readonly ItemRole[], status: StoredTurn["status"]): readonly number[] {
  const request = roles.indexOf("request");
  const finalAnswer = roles.lastIndexOf("finalAnswer");
  const answer = finalAnswer >= 0 || status === "inProgress" ? finalAnswer : roles.lastIndexOf("answer");
  return [request, answer].filter((place) => place >= 0).sort((a, b) => a - b);
}

function summaryOf({ items, status }: StoredTurn): readonly StoredTurnItem[] {
  const places = summaryPlaces(
    items.map(({ item }) => roleOf(item)),
    status,
  );
  return places.map((place) => items[place] as StoredTurnItem);
}
