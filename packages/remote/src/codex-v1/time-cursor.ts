import { instantFromMs, instantToMs, parseInstant, type SortDirection, type ThreadPosition } from "@threadstore/core";

const SECOND_MS = 1_000;
/** The thread that comes first among those of one time. */
const FIRST_ID = "00000000-0000-0000-0000-000000000000";

/**
 * The position of a time that the real Codex made of the first row of a page, in order to go the other way: a millisecond beside
 * it. Rows were sent with whole seconds, so whole seconds are compared: those before, or after, the time. Null: it is none.
 */
export function positionOfTime(cursor: string, direction: SortDirection): ThreadPosition | null {
  const instant = /^\d{4}-/.test(cursor) ? parseInstant(cursor) : null;
  if (instant === null) return null;
  const ms = instantToMs(instant);
  const isDescending = direction === "desc";
  const seconds = isDescending ? Math.ceil(ms / SECOND_MS) : Math.floor(ms / SECOND_MS) + 1;
  return { value: instantFromMs(seconds * SECOND_MS), threadId: FIRST_ID, inclusive: !isDescending };
}
