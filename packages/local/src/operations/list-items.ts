import {
  DEFAULT_LIMITS,
  type ListItemsParams,
  type OrdinalPosition,
  type Page,
  type SortDirection,
  type StoredTurnItem,
} from "@threadstore/core";
import { anchorGone, cutPage, decodeOrdinalCursor, type OrdinalAnchor } from "@threadstore/core/driver";
import type { LocalHome } from "../local-home.js";
import { findItem, itemsOfThread, itemsOfTurn } from "../turns/item-pages.js";
import type { TurnRow } from "../turns/turn-rows.js";
import { requireTurn } from "./read-items.js";
import { type IndexedTurns, withTurns } from "./thread-turns.js";

/** A page of a thread's items, or of those of one turn. */
export function listItems(home: LocalHome, p: ListItemsParams): Promise<Page<StoredTurnItem>> {
  const { threadId, turnId, cursor, sortDirection = "asc", pageSize = DEFAULT_LIMITS.pageDefaultItems } = p;
  const scope = { threadId, kind: "items", ...(turnId === undefined ? {} : { turnId }) } as const;
  const position = cursor === undefined ? null : decodeOrdinalCursor(scope, cursor);
  return withTurns(home, p, {
    isContinued: cursor !== undefined,
    fromIndex: (turns) => {
      const turn = turnId === undefined ? null : requireTurn(turns, turnId);
      const anchor = position && anchorIn(turns, { turn, position, direction: sortDirection });
      const range = { direction: sortDirection, anchor, limit: pageSize + 1 };
      const items = turn ? itemsOfTurn(turns.reader, turn, range) : itemsOfThread(turns, range);
      const placeOf = ({ ordinal, itemId }: StoredTurnItem) => ({ ordinal, id: itemId });
      return cutPage(items.slice(0, pageSize), { scope, placeOf, hasMore: items.length > pageSize });
    },
  });
}

interface PositionIn {
  readonly turn: TurnRow | null;
  readonly position: OrdinalPosition;
  readonly direction: SortDirection;
}

/** Where a cursor stands that names only the id of an item. */
function anchorIn(turns: IndexedTurns, { turn, position, direction }: PositionIn): OrdinalAnchor {
  if (position.ordinal !== undefined) return position;
  const item = turn ? turns.reader.items(turn, [position.id])[0] : findItem(turns, position.id, direction);
  if (!item) throw anchorGone(position.id);
  return { ordinal: item.ordinal, id: item.itemId, inclusive: position.inclusive };
}
