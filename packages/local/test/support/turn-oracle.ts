import type { SortDirection, StoredTurn, StoredTurnItem, TurnItemsView } from "@threadstore/core";
import { type FoldedItem, foldIntoTurns, MemoryTurnBook, newTurnFold, viewTurn } from "@threadstore/core/driver";
import type { ThreadFiles } from "./thread-files.js";

/** Where a page begins. */
export interface PageStart {
  readonly ordinal: number;
  readonly id: string;
  readonly inclusive: boolean;
}

/** Which page is meant. */
export interface PageSpec {
  readonly direction: SortDirection;
  readonly pageSize: number;
  readonly from: PageStart | null;
}

export interface ExpectedPage<T> {
  readonly data: readonly T[];
  readonly hasMore: boolean;
}

/** The turns that a whole history folds into. */
export function turnsOf({ threadId, historyMode }: ThreadFiles, history: readonly FoldedItem[]): StoredTurn[] {
  const state = newTurnFold(threadId, historyMode);
  const book = new MemoryTurnBook();
  for (const item of history) foldIntoTurns(state, book, item);
  return [...book.turns()].sort((a, b) => compare(placeOfTurn(a), placeOfTurn(b)));
}

/** A page of turns, all of which are at hand. */
export function pageOfTurns(
  turns: readonly StoredTurn[],
  spec: PageSpec,
  view: TurnItemsView,
): ExpectedPage<StoredTurn> {
  const { data, hasMore } = pageOfRows(turns, placeOfTurn, spec);
  return { data: data.map((turn) => viewTurn(turn, view)), hasMore };
}

/** A page of the items of some turns. */
export function pageOfItems(turns: readonly StoredTurn[], spec: PageSpec): ExpectedPage<StoredTurnItem> {
  const items = turns.flatMap((turn) => turn.items);
  return pageOfRows(items, placeOfItem, spec);
}

interface Place {
  readonly ordinal: number;
  readonly id: string;
}

export function placeOfTurn({ firstOrdinal, turnId }: StoredTurn): Place {
  return { ordinal: firstOrdinal, id: turnId };
}

export function placeOfItem({ ordinal, itemId }: StoredTurnItem): Place {
  return { ordinal, id: itemId };
}

function pageOfRows<T>(rows: readonly T[], placeOf: (row: T) => Place, { direction, pageSize, from }: PageSpec) {
  const sign = direction === "asc" ? 1 : -1;
  const ordered = [...rows].sort((a, b) => sign * compare(placeOf(a), placeOf(b)));
  const rest = ordered.filter((row) => {
    const order = from === null ? 1 : sign * compare(placeOf(row), from);
    return order > 0 || (order === 0 && from?.inclusive === true);
  });
  return { data: rest.slice(0, pageSize), hasMore: rest.length > pageSize };
}

function compare(a: Place, b: Place): number {
  return a.ordinal - b.ordinal || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
