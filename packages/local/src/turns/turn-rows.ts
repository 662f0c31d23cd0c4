import type { SortDirection } from "@threadstore/core";
import type { OrdinalAnchor, OrdinalPlace, TurnHeader } from "@threadstore/core/driver";
import type { IndexDatabase, Row } from "../index/index-database.js";
import type { ItemRef } from "./item-ref.js";
import { decodeItemRefs, encodeItemRefs } from "./item-ref-codec.js";

/** A turn as the index keeps it. */
export interface TurnRow {
  readonly header: TurnHeader;
  /** Whether its items stand behind its beginning and before the turn after it, as they do unless something came late. */
  readonly isInOrder: boolean;
  /** Decodes the places of its items. */
  items(): ItemRef[];
}

/** One turn of one fold. */
export interface TurnKey {
  readonly fold: number;
  readonly turnId: string;
}

const COLUMNS = "first_ordinal, turn_id, header, items_from, items";

export function findTurnRow(index: IndexDatabase, { fold, turnId }: TurnKey): TurnRow | undefined {
  const row = index.get(`SELECT ${COLUMNS} FROM turns WHERE fold = ? AND turn_id = ?`, fold, turnId);
  return row && turnRowOf(row);
}

/** Saves a turn in place of the one of its id. */
export function saveTurnRow(
  index: IndexDatabase,
  turn: {
    readonly fold: number;
    readonly header: TurnHeader;
    readonly isInOrder: boolean;
    readonly items: readonly ItemRef[];
  },
): void {
  const { fold, isInOrder, items } = turn;
  const { turnId, firstOrdinal } = turn.header;
  const ordinals = isInOrder ? [] : items.map(({ ordinal }) => ordinal);
  index.run(
    "INSERT OR REPLACE INTO turns (fold, first_ordinal, turn_id, header, items_from, items_to, items) VALUES (?, ?, ?, ?, ?, ?, ?)",
    fold,
    firstOrdinal,
    turnId,
    JSON.stringify({ ...turn.header, turnId: undefined, firstOrdinal: undefined }),
    isInOrder ? null : ordinals.reduce((a, b) => Math.min(a, b), firstOrdinal),
    isInOrder ? null : ordinals.reduce((a, b) => Math.max(a, b), firstOrdinal),
    encodeItemRefs(items),
  );
}

export function deleteTurnRow(index: IndexDatabase, { fold, turnId }: TurnKey): void {
  index.run("DELETE FROM turns WHERE fold = ? AND turn_id = ?", fold, turnId);
}

export function deleteTurnRowsBefore(index: IndexDatabase, fold: number, ordinal: number): void {
  index.run("DELETE FROM turns WHERE fold = ? AND first_ordinal < ?", fold, ordinal);
}

/** The places of the last turns, last one first. */
export function lastTurnPlaces(index: IndexDatabase, fold: number, count: number): OrdinalPlace[] {
  const rows = index.all(
    "SELECT first_ordinal, turn_id FROM turns WHERE fold = ? ORDER BY first_ordinal DESC, turn_id DESC LIMIT ?",
    fold,
    count,
  );
  return rows.map((row) => ({ ordinal: Number(row.first_ordinal), id: String(row.turn_id) }));
}

/** Which turns, in their order. */
export interface TurnRange {
  readonly fold: number;
  readonly direction: SortDirection;
  readonly limit: number;
  /** Null: from the beginning, or from the end when descending. */
  readonly anchor: OrdinalAnchor | null;
  /** Leaves out turns whose items stand among those of others. */
  readonly isInOrderOnly?: boolean;
}

export function turnRowsOf(index: IndexDatabase, range: TurnRange): TurnRow[] {
  const { fold, direction, limit, isInOrderOnly = false } = range;
  const order = direction === "asc" ? "ASC" : "DESC";
  const bound = boundOf(range);
  const rows = index.all(
    `SELECT ${COLUMNS} FROM turns WHERE fold = ? AND (first_ordinal, turn_id) ${bound.operator} (?, ?)
     ${isInOrderOnly ? "AND items_from IS NULL" : ""} ORDER BY first_ordinal ${order}, turn_id ${order} LIMIT ?`,
    fold,
    bound.ordinal,
    bound.id,
    limit,
  );
  return rows.map(turnRowOf);
}

/** The turns out of order that may have items between two ordinals, both included. */
export function turnRowsOutOfOrder(index: IndexDatabase, fold: number, span: readonly [number, number]): TurnRow[] {
  const rows = index.all(
    `SELECT ${COLUMNS} FROM turns WHERE fold = ? AND items_to >= ? AND items_from <= ?`,
    fold,
    span[0],
    span[1],
  );
  return rows.map(turnRowOf);
}

/** An ordinal without an id stands for every turn that begins there. */
function boundOf({ direction, anchor }: TurnRange): { operator: string; ordinal: number; id: string } {
  const isAscending = direction === "asc";
  if (anchor === null) {
    return isAscending
      ? { operator: ">=", ordinal: -1, id: "" }
      : { operator: "<", ordinal: Number.POSITIVE_INFINITY, id: "" };
  }
  const { ordinal, id, inclusive } = anchor;
  if (id !== undefined) return { operator: (isAscending ? ">" : "<") + (inclusive ? "=" : ""), ordinal, id };
  const isBehind = isAscending !== inclusive;
  return { operator: isAscending ? ">=" : "<", ordinal: isBehind ? ordinal + 1 : ordinal, id: "" };
}

function turnRowOf(row: Row): TurnRow {
  const header = JSON.parse(String(row.header)) as Omit<TurnHeader, "turnId" | "firstOrdinal">;
  const items = row.items as unknown as Uint8Array;
  return {
    header: { turnId: String(row.turn_id), firstOrdinal: Number(row.first_ordinal), ...header },
    isInOrder: row.items_from === null,
    items: () => decodeItemRefs(items),
  };
}
