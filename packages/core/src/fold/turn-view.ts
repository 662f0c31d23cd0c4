import type { TurnItem } from "../protocol/turn-item.js";
import type { StoredTurn, StoredTurnItem, TurnItemsView } from "../store/records.js";

/** A turn as a view shows it: without items, with the first user message and the final answer, or with all of them. */
export function viewTurn(turn: StoredTurn, itemsView: TurnItemsView): StoredTurn {
  if (itemsView === "full") return turn;
  return { ...turn, itemsView, items: itemsView === "summary" ? summaryOf(turn) : [] };
}

function summaryOf({ items, status }: StoredTurn): readonly StoredTurnItem[] {
  const first = items.find(({ item }) => item.type === "UserMessage");
  const last = finalAnswer(items, status);
  const shown = [first, last].filter((item) => item !== undefined);
  return shown.sort((a, b) => items.indexOf(a) - items.indexOf(b));
}

/** The last message that was meant as the answer; in a turn that has ended, else the last one of no phase. */
function finalAnswer(items: readonly StoredTurnItem[], status: StoredTurn["status"]): StoredTurnItem | undefined {
  const messages = items.filter(({ item }) => item.type === "AgentMessage");
  const answer = messages.findLast(({ item }) => phaseOf(item) === "final_answer");
  if (answer || status === "inProgress") return answer;
  return messages.findLast(({ item }) => phaseOf(item) === undefined);
}

function phaseOf(item: TurnItem): string | undefined {
  return typeof item.phase === "string" ? item.phase : undefined;
}
