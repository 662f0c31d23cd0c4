import { MemoryTurnBook } from "../fold/turn-book.js";
import { viewTurn } from "../fold/turn-view.js";
import { foldIntoTurns, newTurnFold } from "../fold/turns.js";
import { invalidRequest } from "../store/errors.js";
import type { StoreLimits } from "../store/limits.js";
import type {
  CallOptions,
  ListItemsParams,
  ListTurnsParams,
  LoadHistoryParams,
  ReadItemsParams,
} from "../store/params.js";
import type { Page, StoredTurn, StoredTurnItem } from "../store/records.js";
import { pageOf } from "./ordinal-pages.js";
import type { ThreadCatalog, ThreadLog, TurnGroup } from "./thread-store-driver.js";

type ReadableDriver = Pick<ThreadLog, "readHistory"> & Pick<ThreadCatalog, "readThread">;

/** Turns for drivers without a group of their own: each call folds the whole history. */
export class FoldedTurns implements TurnGroup {
  readonly #driver: ReadableDriver;
  readonly #limits: StoreLimits;

  constructor(driver: ReadableDriver, limits: StoreLimits) {
    this.#driver = driver;
    this.#limits = limits;
  }

  async listTurns(p: ListTurnsParams, o: CallOptions = {}): Promise<Page<StoredTurn>> {
    const { threadId, sortDirection = "desc", itemsView = "summary", cursor } = p;
    const page = pageOf(await this.#fold(p, o), {
      scope: { threadId, kind: "turns" },
      pageSize: p.pageSize ?? this.#limits.pageDefaultItems,
      direction: sortDirection,
      placeOf: ({ firstOrdinal, turnId }) => ({ ordinal: firstOrdinal, id: turnId }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    return { ...page, data: page.data.map((turn) => viewTurn(turn, itemsView)) };
  }

  async listItems(p: ListItemsParams, o: CallOptions = {}): Promise<Page<StoredTurnItem>> {
    const { threadId, turnId, sortDirection = "asc", cursor } = p;
    const turns = await this.#fold(p, o);
    // Items stand by the ordinal that created them: what a tool finished late stands where it began to be seen.
    const items = turnId === undefined ? turns.flatMap(({ items: all }) => all) : requireTurn(turns, p, turnId).items;
    return pageOf(items, {
      scope: { threadId, kind: "items", ...(turnId === undefined ? {} : { turnId }) },
      pageSize: p.pageSize ?? this.#limits.pageDefaultItems,
      direction: sortDirection,
      placeOf: ({ ordinal, itemId }) => ({ ordinal, id: itemId }),
      ...(cursor === undefined ? {} : { cursor }),
    });
  }

  async readItems(p: ReadItemsParams, o: CallOptions = {}): Promise<readonly StoredTurnItem[]> {
    const turn = requireTurn(await this.#fold({ ...p, includeArchived: true }, o), p, p.turnId);
    const wanted = new Set(p.itemIds);
    return turn.items.filter(({ itemId }) => wanted.has(itemId));
  }

  async #fold({ threadId, includeArchived = false }: LoadHistoryParams, o: CallOptions): Promise<StoredTurn[]> {
    const thread = await this.#driver.readThread({ threadId, includeArchived }, o);
    const state = newTurnFold(thread.threadId, thread.historyMode);
    const book = new MemoryTurnBook();
    const query = { threadId, includeArchived, direction: "asc" as const, batchBytes: this.#limits.historyBatchBytes };
    for await (const { items } of this.#driver.readHistory(query, o)) {
      for (const item of items) foldIntoTurns(state, book, item);
    }
    return [...book.turns()];
  }
}

function requireTurn(
  turns: readonly StoredTurn[],
  { threadId }: { readonly threadId: string },
  turnId: string,
): StoredTurn {
  const turn = turns.find((one) => one.turnId === turnId);
  if (turn) return turn;
  throw invalidRequest(`thread ${threadId} has no turn ${turnId.slice(0, 64)}`);
}
