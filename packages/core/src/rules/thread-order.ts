import type { ThreadId } from "../protocol/thread-id.js";
import type { SortDirection, ThreadSortKey } from "../store/params.js";
import type { StoredThread } from "../store/records.js";

/** What threads are sorted by. `section` is the position in a section of the real Codex's list. */
export type ThreadOrderKey = ThreadSortKey | "section";

export interface ThreadOrder {
  readonly key: ThreadOrderKey;
  readonly direction: SortDirection;
}

/** A place in an order: a sort value and a thread id, which together are never shared by two threads. */
export interface ThreadPosition {
  readonly value: string;
  readonly threadId: ThreadId;
  /** Whether a page that starts here includes the thread itself. */
  readonly inclusive: boolean;
}

const SECTION_DIGITS = 20;

/** A thread's sort value. Values sort as text. */
export function sortValue(thread: StoredThread, key: ThreadOrderKey): string {
  return key === "section" ? sectionValue(thread.neighbour?.section?.position ?? 0) : thread[key];
}

/** A position in a section as a sort value. */
export function sectionValue(position: number): string {
  return String(Math.max(0, position)).padStart(SECTION_DIGITS, "0");
}

/** Compares by sort value, then by id, both in the direction of the order. */
export function compareThreads(a: StoredThread, b: StoredThread, { key, direction }: ThreadOrder): number {
  return comparePlaces(placeOf(a, key), placeOf(b, key), direction);
}

/** Whether a thread comes at or after a position in the order. */
export function isFromPosition(
  thread: StoredThread,
  position: ThreadPosition,
  { key, direction }: ThreadOrder,
): boolean {
  return isPlaceFrom(placeOf(thread, key), position, direction);
}

/** Where a row stands among others. */
export type ThreadPlace = Pick<ThreadPosition, "value" | "threadId">;

/** Compares by value, then by id, both in one direction. */
export function comparePlaces(a: ThreadPlace, b: ThreadPlace, direction: SortDirection): number {
  const ascending = compareText(a.value, b.value) || compareText(a.threadId, b.threadId);
  return direction === "asc" ? ascending : -ascending;
}

/** Whether a place comes at or after a position. */
export function isPlaceFrom(place: ThreadPlace, position: ThreadPosition, direction: SortDirection): boolean {
  const order = comparePlaces(place, position, direction);
  return order === 0 ? position.inclusive : order > 0;
}

function placeOf(thread: StoredThread, key: ThreadOrderKey): ThreadPlace {
  return { value: sortValue(thread, key), threadId: thread.threadId };
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
