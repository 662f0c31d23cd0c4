import type { StoredTurn, StoredTurnItem, TurnItemsView } from "@threadstore/core";
import { summaryPlaces } from "@threadstore/core/driver";
import type { HistoryFiles } from "./history-files.js";
import { type ItemRef, idKeyOf } from "./item-ref.js";
import { readTurnItem } from "./read-turn-item.js";
import type { FoldedThread } from "./stored-fold.js";
import type { TurnRow } from "./turn-rows.js";

/** That the lines of an item are not where the index says: a rollout was changed in place. */
export class IndexIsOutdated extends Error {}

/** The items of indexed turns, read from their rollouts. */
export class TurnReader {
  readonly #files: HistoryFiles;
  readonly #thread: FoldedThread;

  constructor(files: HistoryFiles, thread: FoldedThread) {
    this.#files = files;
    this.#thread = thread;
  }

  /** A turn as a view shows it: only the items it shows are read. */
  turn(row: TurnRow, itemsView: TurnItemsView): StoredTurn {
    return { ...row.header, itemsView, items: this.#shown(row, itemsView).map((ref) => this.item(row, ref)) };
  }

  /** @throws IndexIsOutdated */
  item({ header }: TurnRow, ref: ItemRef): StoredTurnItem {
    const { threadId, historyMode } = this.#thread;
    const item = readTurnItem(this.#files, { threadId, historyMode, turn: header }, ref);
    if (!item) throw new IndexIsOutdated(`the items of turn ${header.turnId} are not where they were`);
    return item;
  }

  /** The items of a turn that have one of some ids, in their order. @throws IndexIsOutdated */
  items(row: TurnRow, itemIds: readonly string[]): StoredTurnItem[] {
    const wanted = new Set(itemIds);
    const keys = itemIds.map(idKeyOf);
    const mayBe = (ref: ItemRef) => keys.some((key) => key.number === ref.number && key.idHash === ref.idHash);
    const candidates = row.items().filter(mayBe);
    return candidates.map((ref) => this.item(row, ref)).filter(({ itemId }) => wanted.has(itemId));
  }

  #shown(row: TurnRow, itemsView: TurnItemsView): readonly ItemRef[] {
    if (itemsView === "notLoaded") return [];
    const items = row.items();
    if (itemsView === "full") return items;
    const roles = items.map(({ role }) => (role === "reasoning" ? "other" : role));
    return summaryPlaces(roles, row.header.status).map((place) => items[place] as ItemRef);
  }
}
