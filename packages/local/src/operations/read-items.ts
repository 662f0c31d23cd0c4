import type { ReadItemsParams, StoredTurnItem } from "@threadstore/core";
import { invalidRequest } from "@threadstore/core/driver";
import type { LocalHome } from "../local-home.js";
import { findTurnRow, type TurnRow } from "../turns/turn-rows.js";
import { type IndexedTurns, withTurns } from "./thread-turns.js";

/** The items of a turn that have one of some ids, in their order. */
export function readItems(
  home: LocalHome,
  { threadId, turnId, itemIds }: ReadItemsParams,
): Promise<readonly StoredTurnItem[]> {
  const query = { threadId, includeArchived: true };
  return withTurns(home, query, { fromIndex: (turns) => turns.reader.items(requireTurn(turns, turnId), itemIds) });
}

/** @throws `invalid_request` the thread has no such turn. */
export function requireTurn({ index, fold, threadId }: IndexedTurns, turnId: string): TurnRow {
  const row = findTurnRow(index, { fold, turnId });
  if (!row) throw invalidRequest(`thread ${threadId} has no turn ${turnId.slice(0, 64)}`);
  return row;
}
