import type { SortDirection } from "../store/params.js";
import type { Page } from "../store/records.js";
import { decodeOrdinalCursor, encodeOrdinalCursor, type OrdinalPosition, type OrdinalScope } from "./ordinal-cursor.js";

/** Which page is asked for. */
export interface OrdinalPageQuery<T> {
  readonly scope: OrdinalScope;
  readonly pageSize: number;
  readonly direction: SortDirection;
  readonly cursor?: string;
  /** Where a row stands. */
  readonly placeOf: (row: T) => Omit<OrdinalPosition, "inclusive">;
}

/** A page of rows that are in memory in ascending order. The next cursor is exclusive, the backwards one includes its row. */
export function pageOf<T>(rows: readonly T[], query: OrdinalPageQuery<T>): Page<T> {
  const { scope, pageSize, direction, cursor, placeOf } = query;
  const from = cursor === undefined ? null : decodeOrdinalCursor(scope, cursor);
  const ordered = direction === "asc" ? rows : [...rows].reverse();
  const rest = from ? ordered.filter((row) => isFrom(placeOf(row), from, direction)) : ordered;
  const data = rest.slice(0, pageSize);
  const cursorOf = (row: T | undefined, inclusive: boolean) =>
    row === undefined ? null : encodeOrdinalCursor(scope, { ...placeOf(row), inclusive });
  return {
    data,
    nextCursor: rest.length > pageSize ? cursorOf(data.at(-1), false) : null,
    backwardsCursor: cursorOf(data[0], true),
  };
}

function isFrom(place: Omit<OrdinalPosition, "inclusive">, from: OrdinalPosition, direction: SortDirection): boolean {
  const order = compareNumbersThenText([place.ordinal, place.id], [from.ordinal, from.id]);
  if (order === 0) return from.inclusive;
  return direction === "asc" ? order > 0 : order < 0;
}

function compareNumbersThenText(a: readonly [number, string], b: readonly [number, string]): number {
  if (a[0] !== b[0]) return a[0] - b[0];
  return a[1] === b[1] ? 0 : a[1] < b[1] ? -1 : 1;
}
