import type { StoredTurn, StoredTurnItem } from "../store/records.js";

/** What is known of a turn beside its items. */
export type TurnHeader = Omit<StoredTurn, "items" | "itemsView">;

/** Where a fold keeps its turns, in the order in which they began, and the items of each. */
export interface TurnBook {
  find(turnId: string): TurnHeader | undefined;
  /** Puts a turn in the place of the one of its id, or behind the others. The end of a turn only ever grows. */
  put(turn: TurnHeader): void;
  /** Lets a turn that is there reach up to an ordinal. */
  reach(turnId: string, endOrdinalExclusive: number): void;
  /** Puts a turn behind the others, also when it is there already. */
  moveToEnd(turn: TurnHeader): void;
  /** Adds an item to a turn; a newer state of one keeps its place, its ordinal, its creation and the times it does not tell. */
  putItem(item: StoredTurnItem): void;
  lastItem(turnId: string): StoredTurnItem | undefined;
  remove(turnId: string): void;
  /** Removes the last turns; all of them when there are no more. */
  dropLast(count: number): void;
  /** Removes the turns that began before an ordinal. */
  removeBefore(ordinal: number): void;
}

interface Entry {
  turn: TurnHeader;
  endOrdinalExclusive: number;
  readonly items: StoredTurnItem[];
  readonly places: Map<string, number>;
}

/** Turns in memory. */
export class MemoryTurnBook implements TurnBook {
  readonly #entries = new Map<string, Entry>();

  /** Every turn with all of its items, in the order in which they began. */
  *turns(): Generator<StoredTurn> {
    for (const { turn, endOrdinalExclusive, items } of this.#entries.values()) {
      yield { ...turn, endOrdinalExclusive, items, itemsView: "full" };
    }
  }

  find(turnId: string): TurnHeader | undefined {
    return this.#entries.get(turnId)?.turn;
  }

  put(turn: TurnHeader): void {
    const { turnId, endOrdinalExclusive } = turn;
    const entry = this.#entries.get(turnId);
    if (entry) entry.turn = turn;
    else this.#entries.set(turnId, { turn, endOrdinalExclusive, items: [], places: new Map() });
    this.reach(turnId, endOrdinalExclusive);
  }

  reach(turnId: string, endOrdinalExclusive: number): void {
    const entry = this.#entries.get(turnId);
    if (entry) entry.endOrdinalExclusive = Math.max(entry.endOrdinalExclusive, endOrdinalExclusive);
  }

  moveToEnd(turn: TurnHeader): void {
    const entry = this.#entries.get(turn.turnId);
    this.#entries.delete(turn.turnId);
    if (entry) this.#entries.set(turn.turnId, entry);
    this.put(turn);
  }

  putItem(item: StoredTurnItem): void {
    const entry = this.#entries.get(item.turnId);
    if (!entry) return;
    const place = entry.places.get(item.itemId);
    const known = place === undefined ? undefined : entry.items[place];
    if (place === undefined || !known) {
      entry.places.set(item.itemId, entry.items.length);
      entry.items.push(item);
      return;
    }
    const { ordinal, createdAt, startedAt = item.startedAt } = known;
    const { completedAt = known.completedAt } = item;
    entry.items[place] = {
      ...item,
      ordinal,
      createdAt,
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(completedAt === undefined ? {} : { completedAt }),
    };
  }

  lastItem(turnId: string): StoredTurnItem | undefined {
    return this.#entries.get(turnId)?.items.at(-1);
  }

  remove(turnId: string): void {
    this.#entries.delete(turnId);
  }

  dropLast(count: number): void {
    const ids = [...this.#entries.keys()];
    for (const turnId of ids.slice(Math.max(0, ids.length - count))) this.#entries.delete(turnId);
  }

  removeBefore(ordinal: number): void {
    for (const [turnId, { turn }] of this.#entries) if (turn.firstOrdinal < ordinal) this.#entries.delete(turnId);
  }
}
