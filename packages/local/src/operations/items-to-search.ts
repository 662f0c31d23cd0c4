import type { StoredTurnItem } from "@threadstore/core";
import type { ItemSearchQuery, OrdinalAnchor } from "@threadstore/core/driver";
import { lineageOf } from "../index/lineage.js";
import { findThread } from "../index/thread-lookup.js";
import type { LocalHome } from "../local-home.js";
import { matchExpression } from "../search/term-candidates.js";
import { wantedItems } from "../search/wanted-items.js";
import { itemsOfThread } from "../turns/item-pages.js";
import { withTurns } from "./thread-turns.js";

const ITEMS_AT_ONCE = 100;

/** The items of a thread that may hold a term, the oldest first. What the text index does not hold yet may. */
export async function* itemsToSearch(home: LocalHome, query: ItemSearchQuery): AsyncGenerator<StoredTurnItem> {
  const { threadId, includeArchived, term, fromOrdinal } = query;
  let anchor: OrdinalAnchor = { ordinal: fromOrdinal, inclusive: true };
  for (let isContinued = false; ; isContinued = true) {
    const range = { direction: "asc", anchor, limit: ITEMS_AT_ONCE } as const;
    const items: StoredTurnItem[] = await withTurns(
      home,
      { threadId, includeArchived },
      {
        isContinued,
        fromIndex: ({ index, ...turns }) => {
          const { rollout } = findThread(index, { threadId, includeArchived: true });
          const lineage = lineageOf(index, rollout);
          const isWanted = wantedItems(index, { lineage, expression: matchExpression(index, term) });
          return itemsOfThread({ index, ...turns }, { ...range, isWanted });
        },
      },
    );
    yield* items;
    const last = items.at(-1);
    if (!last || items.length < ITEMS_AT_ONCE) return;
    anchor = { ordinal: last.ordinal, id: last.itemId, inclusive: false };
  }
}
