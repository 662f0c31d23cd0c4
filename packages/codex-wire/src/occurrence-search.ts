import {
  encodeOccurrenceCursor,
  type Occurrence,
  type StoredThread,
  type ThreadId,
  type ThreadStore,
} from "@threadstore/core";
import { requireThread } from "./find-thread.js";
import { formatOrdinalCursor, formatTurnCursor } from "./history-cursor.js";
import { formatOccurrenceCursor, parseOccurrenceCursor } from "./occurrence-cursor.js";
import { requireSearchTerm } from "./search-term.js";

/** The parameters of Codex's `thread/searchOccurrences`. Null is absent. */
export interface ApiOccurrenceSearchParams {
  readonly threadId: ThreadId;
  readonly searchTerm: string;
  readonly cursor?: string | null;
  /** Default 50; 0 counts as 1, more than 250 as 250. */
  readonly limit?: number | null;
}

/** A place where the term stands. The range is in UTF-16 units of the snippet. */
export interface ApiOccurrence {
  readonly turnId: string;
  readonly itemId: string;
  readonly snippet: string;
  readonly snippetMatchRange: { readonly start: number; readonly end: number };
  /** A cursor of `thread/turns/list` that begins with the turn. */
  readonly turnCursor: string;
}

export interface ApiOccurrencePage {
  /** Oldest first. */
  readonly data: readonly ApiOccurrence[];
  readonly nextCursor: string | null;
}

const METHOD = "thread/searchOccurrences";
const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 250;
const TURNS_AT_ONCE = 20;

/**
 * Answers Codex's `thread/searchOccurrences` from any store that can search, also for legacy threads.
 * @throws `thread_not_found`; `invalid_request` no term, or a bad cursor.
 */
export async function searchApiOccurrences(
  store: ThreadStore,
  params: ApiOccurrenceSearchParams,
): Promise<ApiOccurrencePage> {
  const searchTerm = requireSearchTerm(METHOD, params.searchTerm);
  const thread = await requireThread(store, { threadId: params.threadId, problem: "not found" });
  const search = { threadId: thread.threadId, searchTerm };
  const from = typeof params.cursor === "string" ? parseOccurrenceCursor(search, params.cursor) : null;
  const limit = Math.min(Math.max(params.limit ?? LIMIT_DEFAULT, 1), LIMIT_MAX);
  const { data } = await store.searchOccurrences({
    ...search,
    includeArchived: true,
    // One more than the page shows: the API's cursor names it.
    pageSize: limit + 1,
    ...(from ? { cursor: encodeOccurrenceCursor(search, from) } : {}),
  });
  const next = data[limit];
  return {
    data: await toApiOccurrences(store, { thread, occurrences: data.slice(0, limit) }),
    nextCursor: next ? formatOccurrenceCursor(search, next) : null,
  };
}

interface FoundInThread {
  readonly thread: StoredThread;
  readonly occurrences: readonly Occurrence[];
}

async function toApiOccurrences(store: ThreadStore, found: FoundInThread): Promise<ApiOccurrence[]> {
  const cursors = await turnCursorsOf(store, found);
  return found.occurrences.map(({ turnId, itemId, snippet, range: [start, end] }) => {
    return { turnId, itemId, snippet, snippetMatchRange: { start, end }, turnCursor: cursors.get(turnId) as string };
  });
}

/** The API's cursor of each turn in which something was found: one that begins with it. */
async function turnCursorsOf(store: ThreadStore, { thread, occurrences }: FoundInThread): Promise<Map<string, string>> {
  const { threadId, historyMode } = thread;
  const cursors = new Map<string, string>();
  for (const { turnId, turnCursor: cursor } of occurrences) {
    if (cursors.has(turnId)) continue;
    if (historyMode === "legacy") {
      cursors.set(turnId, formatTurnCursor({ id: turnId, inclusive: true }));
      continue;
    }
    // The turns that follow are often the next ones that are asked for.
    const query = { threadId, includeArchived: true, sortDirection: "asc", itemsView: "notLoaded" } as const;
    const { data: turns } = await store.listTurns({ ...query, cursor, pageSize: TURNS_AT_ONCE });
    for (const { turnId: id, firstOrdinal: ordinal } of turns) {
      cursors.set(id, formatOrdinalCursor({ threadId, kind: "turns" }, { ordinal, inclusive: true }));
    }
  }
  return cursors;
}
