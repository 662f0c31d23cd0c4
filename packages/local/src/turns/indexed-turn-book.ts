import type { StoredTurnItem } from "@threadstore/core";
import { itemIdOf, type OrdinalPlace, roleOf, type TurnBook, type TurnHeader } from "@threadstore/core/driver";
import type { IndexDatabase } from "../index/index-database.js";
import { type ItemRef, idKeyOf, type LineRef } from "./item-ref.js";
import { deleteTurnRow, deleteTurnRowsBefore, findTurnRow, lastTurnPlaces, saveTurnRow } from "./turn-rows.js";

/** What a book of turns must remember between two catch-ups. Plain data, kept in the index. */
export interface TurnBookState {
  /** The highest ordinal that a turn or an item stands at: what comes in order stands behind it. */
  lastOrdinal: number;
  /** The only turn that may get items without being out of order. */
  lastTurnId: string | null;
}

export interface TurnBookOptions {
  readonly index: IndexDatabase;
  /** Which turns of the index these are; null when it has none of them. */
  readonly fold: number | null;
  readonly state: TurnBookState;
  /** Reads the id of an item of which the index keeps only a hash. */
  readonly idOf: (turn: TurnHeader, item: ItemRef) => string | null;
}

/** A turn that was looked at since the last save. */
interface OpenTurn {
  header: TurnHeader;
  endOrdinalExclusive: number;
  readonly items: ItemRef[];
  /** The places of the items that this book put, by their ids. */
  readonly places: Map<string, number>;
  /** The places of the items that were in the index already, by what it keeps of their ids. */
  readonly stored: ReadonlyMap<number, readonly number[]>;
  isInOrder: boolean;
  isChanged: boolean;
}

/**
 * Turns in the index: of each item only the lines it is made of. What changes stays in memory until `save` is called, in the
 * transaction that also saves how far the history was read.
 */
export class IndexedTurnBook implements TurnBook {
  readonly #options: TurnBookOptions;
  readonly #open = new Map<string, OpenTurn>();
  readonly #removed = new Set<string>();
  /** The turns of the index that began before this ordinal are removed. */
  #removedBefore = 0;
  /** The line that is being folded: what is put comes from it. */
  line: LineRef = { part: 0, offset: 0, length: 0 };

  constructor(options: TurnBookOptions) {
    this.#options = options;
  }

  find(turnId: string): TurnHeader | undefined {
    return this.#find(turnId)?.header;
  }

  put(turn: TurnHeader): void {
    const known = this.#find(turn.turnId);
    if (known) {
      known.isInOrder &&= turn.firstOrdinal === known.header.firstOrdinal;
      known.header = turn;
      this.reach(turn.turnId, turn.endOrdinalExclusive);
      return;
    }
    const isInOrder = turn.firstOrdinal > this.#options.state.lastOrdinal;
    if (isInOrder) this.#advance(turn.firstOrdinal, turn.turnId);
    this.#open.set(turn.turnId, {
      header: turn,
      endOrdinalExclusive: turn.endOrdinalExclusive,
      items: [],
      places: new Map(),
      stored: new Map(),
      isInOrder,
      isChanged: true,
    });
  }

  reach(turnId: string, endOrdinalExclusive: number): void {
    const turn = this.#find(turnId);
    if (!turn) return;
    turn.endOrdinalExclusive = Math.max(turn.endOrdinalExclusive, endOrdinalExclusive);
    turn.isChanged = true;
  }

  /** The items of a turn that moves stand before it from now on, and those of the turn before may stand behind it. */
  moveToEnd(turn: TurnHeader): void {
    const known = this.#find(turn.turnId);
    this.put(turn);
    if (!known) return;
    known.isInOrder = false;
    this.#advance(turn.firstOrdinal, null);
  }

  putItem(item: StoredTurnItem): void {
    const turn = this.#find(item.turnId);
    if (!turn) return;
    const role = item.item.type === "Reasoning" ? "reasoning" : roleOf(item.item);
    turn.isChanged = true;
    const place = this.#placeOf(turn, item.itemId);
    const known = turn.items[place];
    if (known) {
      turn.items[place] = { ...known, role, lines: [...known.lines, this.line] };
      return;
    }
    turn.places.set(item.itemId, turn.items.length);
    turn.items.push({ role, ordinal: item.ordinal, ...idKeyOf(item.itemId), lines: [this.line] });
    const { lastTurnId, lastOrdinal } = this.#options.state;
    if (item.turnId !== lastTurnId || item.ordinal < lastOrdinal) turn.isInOrder = false;
    this.#advance(item.ordinal, lastTurnId);
  }

  /** The last item as far as a fold asks for it: reasoning that goes on. */
  lastItem(turnId: string): StoredTurnItem | undefined {
    const last = this.#find(turnId)?.items.at(-1);
    if (last?.role !== "reasoning" || last.number === null) return undefined;
    const id = itemIdOf(last.number);
    return { turnId, itemId: id, ordinal: last.ordinal, createdAt: "", item: { type: "Reasoning", id } };
  }

  remove(turnId: string): void {
    this.#open.delete(turnId);
    this.#removed.add(turnId);
  }

  dropLast(count: number): void {
    const { index, fold } = this.#options;
    const stored = fold === null ? [] : lastTurnPlaces(index, fold, count + this.#removed.size + this.#open.size);
    const others = stored.filter(
      ({ ordinal, id }) => ordinal >= this.#removedBefore && !this.#removed.has(id) && !this.#open.has(id),
    );
    const open = [...this.#open.values()].map(({ header }) => ({ ordinal: header.firstOrdinal, id: header.turnId }));
    const places: OrdinalPlace[] = [...open, ...others];
    places.sort((a, b) => b.ordinal - a.ordinal || (a.id < b.id ? 1 : -1));
    for (const { id } of places.slice(0, count)) this.remove(id);
  }

  removeBefore(ordinal: number): void {
    this.#removedBefore = Math.max(this.#removedBefore, ordinal);
    for (const [turnId, { header }] of this.#open) if (header.firstOrdinal < ordinal) this.remove(turnId);
  }

  /** Writes what changed to the index, as turns of a fold. The book is at its end then. */
  save(fold: number): void {
    const { index } = this.#options;
    if (this.#removedBefore > 0) deleteTurnRowsBefore(index, fold, this.#removedBefore);
    for (const turnId of this.#removed) if (!this.#open.has(turnId)) deleteTurnRow(index, { fold, turnId });
    for (const turn of this.#open.values()) if (turn.isChanged) saveTurn(index, fold, turn);
  }

  #find(turnId: string): OpenTurn | undefined {
    const known = this.#open.get(turnId);
    const { index, fold } = this.#options;
    if (known || fold === null || this.#removed.has(turnId)) return known;
    const row = findTurnRow(index, { fold, turnId });
    if (!row || row.header.firstOrdinal < this.#removedBefore) return undefined;
    const items = row.items();
    const { header, isInOrder } = row;
    const { endOrdinalExclusive } = header;
    const turn = {
      header,
      endOrdinalExclusive,
      items,
      places: new Map(),
      stored: placesById(items),
      isInOrder,
      isChanged: false,
    };
    this.#open.set(turnId, turn);
    return turn;
  }

  /** Where an item stands in its turn; -1 when it is new. */
  #placeOf({ header, items, places, stored }: OpenTurn, itemId: string): number {
    const place = places.get(itemId);
    if (place !== undefined) return place;
    const key = idKeyOf(itemId);
    const candidates = stored.get(mapKeyOf(key)) ?? [];
    const isIt = (at: number) => key.number !== null || this.#options.idOf(header, items[at] as ItemRef) === itemId;
    return candidates.find(isIt) ?? -1;
  }

  #advance(ordinal: number, lastTurnId: string | null): void {
    const { state } = this.#options;
    state.lastOrdinal = Math.max(state.lastOrdinal, ordinal);
    state.lastTurnId = lastTurnId;
  }
}

function saveTurn(
  index: IndexDatabase,
  fold: number,
  { header, endOrdinalExclusive, isInOrder, items }: OpenTurn,
): void {
  saveTurnRow(index, { fold, header: { ...header, endOrdinalExclusive }, isInOrder, items });
}

function placesById(items: readonly ItemRef[]): Map<number, number[]> {
  const places = new Map<number, number[]>();
  for (const [at, item] of items.entries()) {
    const key = mapKeyOf(item);
    places.set(key, [...(places.get(key) ?? []), at]);
  }
  return places;
}

/** Numbers are positive, hashes are made negative. */
function mapKeyOf({ number, idHash }: Pick<ItemRef, "number" | "idHash">): number {
  return number ?? -1 - idHash;
}
