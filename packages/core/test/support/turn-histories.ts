import type { FoldedItem } from "../../src/fold/metadata.js";
import { MemoryTurnBook } from "../../src/fold/turn-book.js";
import { foldIntoTurns, newTurnFold } from "../../src/fold/turns.js";
import type { HistoryMode } from "../../src/protocol/history-mode.js";
import { type Instant, instantFromMs } from "../../src/protocol/instant.js";
import type { RolloutItem } from "../../src/protocol/rollout-item.js";
import type { TurnItem } from "../../src/protocol/turn-item.js";
import type { StoredTurn, StoredTurnItem } from "../../src/store/records.js";
import { event, type Fields, sessionMeta } from "./rollout-items.js";

/** Whose histories these are. */
export const THREAD_ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708";

/** Another thread, that items were copied from. */
export const SOURCE_ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f709";

const BEGIN_MS = Date.UTC(2026, 10, 20);

/** When the item of an ordinal was recorded: a second after the one before. */
export function timeAt(ordinal: number): Instant {
  return instantFromMs(BEGIN_MS + ordinal * 1_000);
}

/** Items as a history holds them, each with a time of its own. */
export function historyOf(items: readonly RolloutItem[], firstOrdinal = 0): readonly FoldedItem[] {
  return items.map((item, at) => ({ item, ordinal: firstOrdinal + at, timestamp: timeAt(firstOrdinal + at) }));
}

/** The turns of a history in the order in which they stand. */
export function foldHistory(history: readonly FoldedItem[], historyMode: HistoryMode): readonly StoredTurn[] {
  const state = newTurnFold(THREAD_ID, historyMode);
  const book = new MemoryTurnBook();
  for (const item of history) foldIntoTurns(state, book, item);
  return [...book.turns()];
}

/** The turns of a legacy thread that holds these items from ordinal 0 on. */
export function legacyTurns(...items: readonly RolloutItem[]): readonly StoredTurn[] {
  return foldHistory(historyOf(items), "legacy");
}

/** The turns of a paginated thread that holds these items from ordinal 0 on. */
export function paginatedTurns(...items: readonly RolloutItem[]): readonly StoredTurn[] {
  return foldHistory(historyOf(items), "paginated");
}

export function taskStarted(turnId: string, fields: Fields = {}): RolloutItem {
  return event("task_started", { turn_id: turnId, ...fields });
}

export function taskComplete(turnId: string, fields: Fields = {}): RolloutItem {
  return event("task_complete", { turn_id: turnId, ...fields });
}

export function turnAborted(turnId: string, fields: Fields = {}): RolloutItem {
  return event("turn_aborted", { turn_id: turnId, reason: "interrupted", ...fields });
}

/** That an item of a turn is done; without a turn id when null is given. */
export function itemCompleted(turnId: string | null, item: Fields, fields: Fields = {}): RolloutItem {
  return event("item_completed", { ...(turnId === null ? {} : { turn_id: turnId }), item, ...fields });
}

export function commandEnd(callId: string, fields: Fields = {}): RolloutItem {
  return event("exec_command_end", { call_id: callId, ...fields });
}

export function rolledBack(turnCount: number): RolloutItem {
  return event("thread_rolled_back", { num_turns: turnCount });
}

export function ownMeta(fields: Fields = {}): RolloutItem {
  return sessionMeta({ id: THREAD_ID, ...fields });
}

/** A turn as it is expected, with all of its items. */
export function turnOf(
  turnId: string,
  range: readonly [firstOrdinal: number, endOrdinalExclusive: number],
  fields: Partial<StoredTurn> = {},
): StoredTurn {
  const [firstOrdinal, endOrdinalExclusive] = range;
  return { turnId, firstOrdinal, endOrdinalExclusive, status: "completed", items: [], itemsView: "full", ...fields };
}

/** An item of a turn as it is expected, created when it was recorded. */
export function turnItemOf(turnId: string, ordinal: number, item: TurnItem): StoredTurnItem {
  return { turnId, itemId: item.id, ordinal, createdAt: timeAt(ordinal), item };
}

export function userItem(id: string, text: string): TurnItem {
  return { type: "UserMessage", id, content: [{ type: "text", text, text_elements: [] }] };
}

export function agentItem(id: string, text: string): TurnItem {
  return { type: "AgentMessage", id, content: [{ type: "Text", text }] };
}

/** Turns in short: which stand there, from where to where, in which state, and the ids of their items. */
export function outlineOf(turns: readonly StoredTurn[]): readonly unknown[] {
  return turns.map(({ turnId, firstOrdinal, endOrdinalExclusive, status, items }) => [
    turnId,
    [firstOrdinal, endOrdinalExclusive],
    status,
    items.map(({ itemId }) => itemId),
  ]);
}
