import type { SortDirection } from "../store/params.js";
import type { Page } from "../store/records.js";
import {
  anchorGone,
  decodeOrdinalCursor,
  encodeOrdinalCursor,
  type OrdinalPosition,
  type OrdinalScope,
} from "./ordinal-cursor.js";

/** Where a row stands. */
export interface OrdinalPlace {
  readonly ordinal: number;
  readonly id: string;
}

/** Which page is asked for. */
export interface OrdinalPageQuery<T> {
  readonly scope: OrdinalScope;
  readonly pageSize: number;
  readonly direction: SortDirection;
  readonly cursor?: string;
  /** Where a row stands. */
  readonly placeOf: (row: T) => OrdinalPlace;
}

/** A page of rows that are in memory. The next cursor is exclusive, the backwards one includes its row. */
export function pageOf<T>(rows: readonly T[], query: OrdinalPageQuery<T>): Page<T> {
  const { scope, pageSize, direction, cursor, placeOf } = query;
  const from = cursor === undefined ? null : decodeOrdinalCursor(scope, cursor);
  const sign = direction === "asc" ? 1 : -1;
  const ordered = [...rows].sort((a, b) => sign * comparePlaces(placeOf(a), placeOf(b)));
  const anchor = from && anchorOf(ordered.map(placeOf), from);
  const isFrom = (row: T) => !anchor || isAtOrBeyond(placeOf(row), anchor, direction);
  const rest = ordered.filter(isFrom);
  return cutPage(rest.slice(0, pageSize), { ...query, hasMore: rest.length > pageSize });
}

/** A page of rows that were read in order, with its cursors. */
export function cutPage<T>(
  data: readonly T[],
  { scope, placeOf, hasMore }: Pick<OrdinalPageQuery<T>, "scope" | "placeOf"> & { readonly hasMore: boolean },
): Page<T> {
  const cursorOf = (row: T | undefined, inclusive: boolean) =>
    row === undefined ? null : encodeOrdinalCursor(scope, { ...placeOf(row), inclusive });
  return {
    data,
    nextCursor: hasMore ? cursorOf(data.at(-1), false) : null,
    backwardsCursor: cursorOf(data[0], true),
  };
}

/** A position with its ordinal. */
export type OrdinalAnchor = { readonly inclusive: boolean; readonly ordinal: number; readonly id?: string };

function anchorOf(places: readonly OrdinalPlace[], from: OrdinalPosition): OrdinalAnchor {
  if (from.ordinal !== undefined) return from;
  const place = places.find(({ id }) => id === from.id);
  if (!place) throw anchorGone(from.id);
  return { ...place, inclusive: from.inclusive };
}

/** Whether a row belongs to a page that begins at an anchor. */
export function isAtOrBeyond(place: OrdinalPlace, anchor: OrdinalAnchor, direction: SortDirection): boolean {
  const order =
    anchor.id === undefined ? place.ordinal - anchor.ordinal : comparePlaces(place, { ...anchor, id: anchor.id });
  if (order === 0) return anchor.inclusive;
  return direction === "asc" ? order > 0 : order < 0;
}

function comparePlaces(a: OrdinalPlace, b: OrdinalPlace): number {
  if (a.ordinal !== b.ordinal) return a.ordinal - b.ordinal;
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1;
}
