import type { HistoryMode, StoredTurnItem, ThreadId } from "@threadstore/core";
import { foldIntoTurns, MemoryTurnBook, newTurnFold, type TurnHeader } from "@threadstore/core/driver";
import { NO_TIME, timestampOf } from "../rollout/line-item.js";
import type { HistoryFiles } from "./history-files.js";
import { type ItemRef, idKeyOf } from "./item-ref.js";

/** The thread and the turn that an item belongs to. */
export interface ItemOwner {
  readonly threadId: ThreadId;
  readonly historyMode: HistoryMode;
  readonly turn: TurnHeader;
}

/**
 * Reads a turn item from its lines, with the same fold that found them. Null when they no longer make that item: then the
 * rollout was changed in place, and its index is void.
 */
export function readTurnItem(files: HistoryFiles, owner: ItemOwner, ref: ItemRef): StoredTurnItem | null {
  const { threadId, historyMode, turn } = owner;
  const state = newTurnFold(threadId, historyMode);
  state.currentTurnId = turn.turnId;
  state.isExplicit = true;
  state.nextItemNumber = ref.number ?? 0;
  const book = new MemoryTurnBook();
  book.put(turn);
  for (const line of ref.lines) {
    const record = files.record(line);
    if (!record) return null;
    const timestamp = line.timestamp ?? timestampOf(record, NO_TIME);
    foldIntoTurns(state, book, { item: record.item, ordinal: ref.ordinal, timestamp });
  }
  const item = book.lastItem(turn.turnId);
  return item && isItem(item, ref) ? item : null;
}

function isItem({ itemId }: StoredTurnItem, ref: ItemRef): boolean {
  const { number, idHash } = idKeyOf(itemId);
  return number === ref.number && idHash === ref.idHash;
}
