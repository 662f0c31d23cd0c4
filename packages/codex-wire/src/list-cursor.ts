import type { SortDirection, ThreadPosition, ThreadSortKey } from "@threadstore/core";
import {
  type Instant,
  instantFromMs,
  instantToMs,
  parseInstant,
  parseThreadId,
  type StoredThread,
} from "@threadstore/core";

/** What Codex sorts thread lists by. */
export type ApiSortKey = "created_at" | "updated_at" | "recency_at" | "section_position";

/** The order of a list: Codex's cursors depend on both. */
export interface ApiListOrder {
  readonly sortKey: ApiSortKey;
  readonly sortDirection: SortDirection;
}

/** The store's sort key; a position in a section is not one of them. */
export const STORE_SORT_KEYS: Readonly<Record<Exclude<ApiSortKey, "section_position">, ThreadSortKey>> = {
  created_at: "createdAt",
  updated_at: "updatedAt",
  recency_at: "recencyAt",
};

/** The ids before and after all others: a cursor that names no thread stands beside its whole instant. */
const FIRST_ID = "00000000-0000-0000-0000-000000000000";
const LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/** The cursor after a row: its sort value and its id. Creation times stand in whole seconds. */
export function nextCursorOf(thread: StoredThread, { sortKey }: ApiListOrder): string {
  if (sortKey === "section_position") return `${sectionPosition(thread)}|${thread.threadId}`;
  const instant = thread[STORE_SORT_KEYS[sortKey]];
  const text = sortKey === "created_at" ? wholeSecond(instant) : shortInstant(instant);
  return `${text}|${thread.threadId}`;
}

/** The cursor that goes back over a row: one step beside it, so that the other direction begins with the row itself. */
export function backwardsCursorOf(thread: StoredThread, { sortKey, sortDirection }: ApiListOrder): string {
  const step = sortDirection === "asc" ? 1 : -1;
  if (sortKey === "section_position") return `${sectionPosition(thread) + step}|${thread.threadId}`;
  return instantFromMs(instantToMs(thread[STORE_SORT_KEYS[sortKey]]) + step);
}

/** What a cursor says, before it is known where exactly its thread stands. */
export interface ApiCursor {
  /** An instant, or a position in a section. */
  readonly value: string;
  /** Null: beside the whole instant. */
  readonly threadId: string | null;
}

/** Reads a cursor's text; null when it is none. */
export function parseApiCursor(text: string, sortKey: ApiSortKey): ApiCursor | null {
  const [first, id, ...rest] = text.split("|");
  const threadId = id === undefined ? null : parseThreadId(id);
  if (first === undefined || rest.length > 0 || (id !== undefined && threadId === null)) return null;
  if (sortKey === "section_position") return /^\d{1,15}$/.test(first) && threadId ? { value: first, threadId } : null;
  const value = parseInstant(first);
  return value === null ? null : { value, threadId };
}

/** The position of a cursor in the store's order. `anchor` is the thread it names, when that is still there. */
export function positionOf(cursor: ApiCursor, order: ApiListOrder, anchor: StoredThread | null): ThreadPosition | null {
  const { threadId } = cursor;
  if (threadId === null) {
    return { value: cursor.value, threadId: order.sortDirection === "asc" ? LAST_ID : FIRST_ID, inclusive: false };
  }
  if (order.sortKey === "section_position") {
    return { value: cursor.value.padStart(20, "0"), threadId, inclusive: false };
  }
  if (order.sortKey !== "created_at") return { value: cursor.value, threadId, inclusive: false };
  const createdAt = anchor?.createdAt ?? instantOfId(threadId) ?? cursor.value;
  // A creation time never changes: a cursor with another one belongs to another order.
  if (anchor && wholeSecond(createdAt) !== shortInstant(cursor.value) && createdAt !== cursor.value) return null;
  const isSameSecond = wholeSecond(createdAt) === wholeSecond(cursor.value);
  return { value: isSameSecond ? createdAt : cursor.value, threadId, inclusive: false };
}

/** When an id of version 7 was made: close to the creation of its thread, for threads that are gone. */
function instantOfId(id: string): Instant | null {
  return id[14] === "7" ? instantFromMs(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)) : null;
}

function sectionPosition(thread: StoredThread): number {
  return thread.neighbour?.section?.position ?? 0;
}

function wholeSecond(instant: Instant): string {
  return `${instant.slice(0, 19)}Z`;
}

/** The instant without trailing zeros in its fraction, as Codex writes it. */
function shortInstant(instant: Instant): string {
  return instant.replace(/\.?0*Z$/, "Z");
}
