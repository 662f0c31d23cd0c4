import type { OccurrencePlace, ThreadId } from "@threadstore/core";
import { parseThreadId, textField } from "@threadstore/core";
import { isCount, parseCursorFields } from "./cursor-fields.js";
import { invalidCursor } from "./wire-errors.js";

/** What a cursor goes through: the places of a term in a thread. */
export interface OccurrenceSearch {
  readonly threadId: ThreadId;
  readonly searchTerm: string;
}

/** The cursor of the page that begins with a place. */
export function formatOccurrenceCursor({ threadId, searchTerm }: OccurrenceSearch, place: OccurrencePlace): string {
  const { ordinal: nextRolloutOrdinal, index: nextOccurrenceIndex } = place;
  return JSON.stringify({ threadId, searchTerm, nextRolloutOrdinal, nextOccurrenceIndex });
}

/** @throws `invalid_request` no cursor, or that of another search. */
export function parseOccurrenceCursor(search: OccurrenceSearch, cursor: string): OccurrencePlace {
  const fields = parseCursorFields(cursor);
  const { searchTerm, nextRolloutOrdinal: ordinal, nextOccurrenceIndex: index } = fields;
  const threadId = parseThreadId(textField(fields, "threadId") ?? "");
  const isOfSearch = threadId === search.threadId && searchTerm === search.searchTerm;
  if (isOfSearch && isCount(ordinal) && isCount(index)) return { ordinal, index };
  throw invalidCursor(cursor);
}
