import { parseThreadId, type ThreadId } from "../protocol/thread-id.js";
import { foldTerm } from "../search/search-term.js";
import { invalidRequest } from "../store/errors.js";
import type { Occurrence } from "../store/records.js";
import { decodeCursorFields, encodeCursorFields, hashText } from "./cursor-text.js";

/** What a page of occurrences is a page of; a cursor belongs to it. */
export interface OccurrenceScope {
  readonly threadId: ThreadId;
  readonly searchTerm: string;
}

/** The next occurrence that is to be told. Where there is none any more, the ones after it are. */
export type OccurrencePlace = Pick<Occurrence, "ordinal" | "index">;

const VERSION = "s1";
export const FIRST_PLACE: OccurrencePlace = { ordinal: 0, index: 0 };

/** The cursor of the page that begins with an occurrence. */
export function encodeOccurrenceCursor(scope: OccurrenceScope, { ordinal, index }: OccurrencePlace): string {
  return encodeCursorFields([VERSION, scope.threadId, termFingerprint(scope), ordinal, index]);
}

/** @throws `invalid_request` not a cursor, or that of another search. */
export function decodeOccurrenceCursor(scope: OccurrenceScope, cursor: string): OccurrencePlace {
  const [version, threadId, term, ordinal, index] = decodeCursorFields(cursor) ?? [];
  const isPlace = typeof ordinal === "number" && typeof index === "number";
  if (version !== VERSION || !isPlace) throw invalidRequest(`invalid cursor: ${cursor.slice(0, 80)}`);
  const isOfScope = parseThreadId(String(threadId)) === scope.threadId && term === termFingerprint(scope);
  if (isOfScope) return { ordinal, index };
  throw invalidRequest("invalid cursor: it belongs to another search");
}

/** Terms may be longer than cursors. */
function termFingerprint({ searchTerm }: OccurrenceScope): string {
  return hashText(foldTerm(searchTerm));
}
