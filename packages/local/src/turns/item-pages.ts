import type { SortDirection, StoredTurnItem } from "@threadstore/core";
import { isAtOrBeyond, type OrdinalAnchor } from "@threadstore/core/driver";
import type { IndexDatabase } from "../index/index-database.js";
import type { ItemRef } from "./item-ref.js";
import type { TurnReader } from "./turn-reader.js";
import { type TurnRow, turnRowsOf, turnRowsOutOfOrder } from "./turn-rows.js";

/** Which items are asked for. */
export interface ItemRange {
  readonly direction: SortDirection;
  readonly anchor: OrdinalAnchor | null;
  readonly limit: number;
  /** Passes over items by the places of their lines. Default: none. */
  readonly isWanted?: (ref: ItemRef) => boolean;
}

/** An item and the turn it stands in. */
interface FoundItem {
  readonly turn: TurnRow;
  readonly ref: ItemRef;
}

/** Turns that are looked through at once for the items of a page. */
const TURNS_PER_QUERY = 32;

/** Where items are found. */
export interface ItemSource {
  readonly index: IndexDatabase;
  readonly fold: number;
  readonly reader: TurnReader;
}

/** Items across the turns of a thread, by the ordinal that created them. */
export function itemsOfThread(source: ItemSource, range: ItemRange): StoredTurnItem[] {
  const begin = range.anchor?.ordinal;
  const inOrder = itemsInOrder(source, range);
  const beyond = inOrder.filter(({ ref }) => ref.ordinal !== begin);
  const last = beyond[range.limit - 1]?.ref.ordinal;
  const span: readonly [number, number] =
    range.direction === "asc"
      ? [begin ?? 0, last ?? Number.POSITIVE_INFINITY]
      : [last ?? 0, begin ?? Number.POSITIVE_INFINITY];
  const isInSpan = ({ ref }: FoundItem) => ref.ordinal >= span[0] && ref.ordinal <= span[1];
  const others = turnRowsOutOfOrder(source.index, source.fold, span).flatMap((turn) => itemsOf(turn, range));
  return cutItems(source.reader, [...inOrder, ...others].filter(isInSpan), range);
}

/** The item of an id that comes first in a direction; all turns are looked through. */
export function findItem(source: ItemSource, itemId: string, direction: SortDirection): StoredTurnItem | undefined {
  const sign = direction === "asc" ? 1 : -1;
  let first: StoredTurnItem | undefined;
  for (const turn of everyTurn(source, direction)) {
    for (const item of source.reader.items(turn, [itemId])) {
      if (!first || sign * (item.ordinal - first.ordinal) < 0) first = item;
    }
  }
  return first;
}

function* everyTurn({ index, fold }: ItemSource, direction: SortDirection): Generator<TurnRow> {
  let anchor: OrdinalAnchor | null = null;
  for (;;) {
    const turns: TurnRow[] = turnRowsOf(index, { fold, direction, limit: TURNS_PER_QUERY, anchor });
    yield* turns;
    const last = turns.at(-1)?.header;
    if (!last) return;
    anchor = { ordinal: last.firstOrdinal, id: last.turnId, inclusive: false };
  }
}

/** Items of one turn. */
export function itemsOfTurn(reader: TurnReader, turn: TurnRow, range: ItemRange): StoredTurnItem[] {
  return cutItems(reader, itemsOf(turn, range), range);
}

/**
 * The items at the anchor and at least `limit` beyond it, where there are so many, of the turns whose items stand behind
 * those of the turns before.
 */
function itemsInOrder({ index, fold }: ItemSource, range: ItemRange): FoundItem[] {
  const { direction, anchor, limit } = range;
  const found: FoundItem[] = [];
  let beyond = 0;
  const sign = direction === "asc" ? 1 : -1;
  const query = { fold, direction, limit: TURNS_PER_QUERY, isInOrderOnly: true };
  let from = anchor && startOf({ index, fold }, direction, anchor.ordinal);
  for (;;) {
    const turns = turnRowsOf(index, { ...query, anchor: from });
    for (const turn of turns) {
      const items = itemsOf(turn, range).filter(
        ({ ref }) => anchor === null || sign * (ref.ordinal - anchor.ordinal) >= 0,
      );
      found.push(...(direction === "asc" ? items : items.reverse()));
      beyond += items.filter(({ ref }) => ref.ordinal !== anchor?.ordinal).length;
      if (beyond >= limit) return found;
    }
    const last = turns.at(-1)?.header;
    if (!last || turns.length < TURNS_PER_QUERY) return found;
    from = { ordinal: last.firstOrdinal, id: last.turnId, inclusive: false };
  }
}

/** The turn that has the items at an ordinal began there or before. */
function startOf(
  { index, fold }: Pick<ItemSource, "index" | "fold">,
  direction: SortDirection,
  ordinal: number,
): OrdinalAnchor {
  const anchor = { ordinal, inclusive: true };
  if (direction === "desc") return anchor;
  const [turn] = turnRowsOf(index, { fold, direction: "desc", limit: 1, anchor, isInOrderOnly: true });
  return turn ? { ordinal: turn.header.firstOrdinal, inclusive: true } : anchor;
}

function itemsOf(turn: TurnRow, { isWanted = () => true }: ItemRange): FoundItem[] {
  return turn.items().flatMap((ref) => (isWanted(ref) ? [{ turn, ref }] : []));
}

/** Puts items in order and reads those of a page. Equal ordinals are told apart by ids, which are read for that. */
function cutItems(reader: TurnReader, items: readonly FoundItem[], range: ItemRange): StoredTurnItem[] {
  const { direction, anchor, limit } = range;
  const sign = direction === "asc" ? 1 : -1;
  const idOf = ({ turn, ref }: FoundItem) => reader.item(turn, ref).itemId;
  const isFrom = (item: FoundItem) => {
    const { ordinal } = item.ref;
    if (anchor === null || ordinal !== anchor.ordinal) return anchor === null || sign * (ordinal - anchor.ordinal) > 0;
    return isAtOrBeyond({ ordinal, id: anchor.id === undefined ? "" : idOf(item) }, anchor, direction);
  };
  const compare = (a: FoundItem, b: FoundItem) => a.ref.ordinal - b.ref.ordinal || (idOf(a) < idOf(b) ? -1 : 1);
  const page = items.filter(isFrom).sort((a, b) => sign * compare(a, b));
  return page.slice(0, limit).map(({ turn, ref }) => reader.item(turn, ref));
}
