import { findMatches } from "../search/find-matches.js";
import { foldTerm } from "../search/search-term.js";
import { searchedText } from "../search/searchable-texts.js";
import { lineSnippet, snippetOf } from "../search/snippet.js";
import { invalidRequest } from "../store/errors.js";
import type { StoreLimits } from "../store/limits.js";
import type { CallOptions, SearchOccurrencesParams, SearchScope, SearchThreadsParams } from "../store/params.js";
import type { Occurrence, Page, SearchPage, StoredTurnItem, ThreadSearchHit } from "../store/records.js";
import { decodeThreadCursor, encodeThreadCursor } from "./cursor-codec.js";
import { decodeOccurrenceCursor, encodeOccurrenceCursor, FIRST_PLACE } from "./occurrence-cursor.js";
import { encodeOrdinalCursor } from "./ordinal-cursor.js";
import {
  type FoundThread,
  foundValue,
  type ItemSearchQuery,
  type SearchGroup,
  type ThreadSearchQuery,
} from "./search-group.js";
import { type ListDefaults, listedProviders, listedSources } from "./thread-list-query.js";
import type { TurnGroup } from "./thread-store-driver.js";

const DEFAULT_SCOPES: readonly SearchScope[] = ["messages", "names"];

export interface ThreadSearchOptions {
  readonly search: SearchGroup;
  readonly turns: TurnGroup;
  readonly limits: StoreLimits;
  readonly defaults: ListDefaults;
}

/** Searching over any driver that can: terms, cursors and snippets are the same everywhere. */
export class ThreadSearch {
  readonly #options: ThreadSearchOptions;

  constructor(options: ThreadSearchOptions) {
    this.#options = options;
  }

  async searchThreads(p: SearchThreadsParams, o: CallOptions): Promise<SearchPage> {
    const query = this.#queryOf(p);
    const { threads, more, missing } = await this.#options.search.searchThreads(query, o);
    const cursorOf = (found: FoundThread | undefined, inclusive: boolean) => {
      if (found === undefined) return null;
      const value = foundValue(found, query.order.key);
      return encodeThreadCursor(p, { value, threadId: found.thread.threadId, inclusive });
    };
    return {
      data: threads.map((found) => hitOf(found, query.term)),
      nextCursor: more ? cursorOf(threads.at(-1), false) : null,
      backwardsCursor: cursorOf(threads[0], true),
      ...(missing ? { missing } : {}),
    };
  }

  async searchOccurrences(p: SearchOccurrencesParams, o: CallOptions): Promise<Page<Occurrence>> {
    const { threadId, includeArchived = false, pageSize = this.#options.limits.pageDefaultItems } = p;
    const term = requireTerm(p.searchTerm);
    const from = p.cursor === undefined ? FIRST_PLACE : decodeOccurrenceCursor(p, p.cursor);
    const query = { threadId, includeArchived, term, fromOrdinal: from.ordinal };
    const data: Occurrence[] = [];
    for await (const occurrence of this.#occurrences(query, o)) {
      const { ordinal, index } = occurrence;
      if (ordinal < from.ordinal || (ordinal === from.ordinal && index < from.index)) continue;
      if (data.length === pageSize) {
        return { data, nextCursor: encodeOccurrenceCursor(p, { ordinal, index }), backwardsCursor: null };
      }
      data.push(occurrence);
    }
    return { data, nextCursor: null, backwardsCursor: null };
  }

  /** Items of damaged rollouts share ordinals: what stands at one is counted through all of them. */
  async *#occurrences(query: ItemSearchQuery, o: CallOptions): AsyncGenerator<Occurrence> {
    let [ordinal, index] = [-1, 0];
    for await (const item of this.#itemsToSearch(query, o)) {
      if (item.ordinal !== ordinal) [ordinal, index] = [item.ordinal, 0];
      for (const place of placesOf(item, query)) yield { ...place, index: index++ };
    }
  }

  #queryOf(p: SearchThreadsParams): ThreadSearchQuery {
    const { limits, defaults } = this.#options;
    const { archived = false, relation, updatedSince, cursor } = p;
    return {
      term: requireTerm(p.searchTerm),
      scopes: new Set(p.scopes ?? DEFAULT_SCOPES),
      sources: listedSources(p, defaults),
      modelProviders: listedProviders(p, defaults),
      cwds: p.cwds ?? null,
      archived: archived === "both" ? null : archived,
      order: { key: p.sortKey ?? "updatedAt", direction: p.sortDirection ?? "desc" },
      pageSize: p.pageSize ?? limits.pageDefaultItems,
      scansMissing: p.scansMissing ?? false,
      useIndexOnly: p.useIndexOnly ?? false,
      ...(relation === undefined ? {} : { relation }),
      ...(updatedSince === undefined ? {} : { updatedSince }),
      ...(cursor === undefined ? {} : { position: decodeThreadCursor(p, cursor) }),
    };
  }

  #itemsToSearch(query: ItemSearchQuery, o: CallOptions): AsyncIterable<StoredTurnItem> {
    const { search } = this.#options;
    return search.itemsToSearch ? search.itemsToSearch(query, o) : this.#everyItem(query, o);
  }

  async *#everyItem(
    { threadId, includeArchived, fromOrdinal }: ItemSearchQuery,
    o: CallOptions,
  ): AsyncGenerator<StoredTurnItem> {
    const { turns, limits } = this.#options;
    const query = { threadId, includeArchived, pageSize: limits.pageMaxItems };
    let cursor: string | null = encodeOrdinalCursor(
      { threadId, kind: "items" },
      { ordinal: fromOrdinal, inclusive: true },
    );
    do {
      const page: Page<StoredTurnItem> = await turns.listItems({ ...query, cursor }, o);
      yield* page.data;
      cursor = page.nextCursor;
    } while (cursor !== null);
  }
}

function hitOf({ thread, text, turnId }: FoundThread, term: string): ThreadSearchHit {
  // A text is found by its letters; white space that a line begins or ends with is not shown.
  const { text: snippet, ranges } = lineSnippet(text, term) ?? snippetOf(text, findMatches(text, term));
  const { threadId } = thread;
  if (turnId === undefined) return { thread, snippet, ranges };
  return { thread, snippet, ranges, turnId, turnCursor: turnCursorOf(threadId, turnId) };
}

/** Where a term stands in what an item says. */
function* placesOf(
  { item, itemId, turnId, ordinal }: StoredTurnItem,
  { threadId, term }: ItemSearchQuery,
): Generator<Omit<Occurrence, "index">> {
  const text = searchedText(item);
  if (text === null) return;
  const turnCursor = turnCursorOf(threadId, turnId);
  for (const match of findMatches(text, term)) {
    const { text: snippet, ranges } = snippetOf(text, [match]);
    yield { turnId, itemId, ordinal, snippet, range: ranges[0] ?? [0, 0], turnCursor };
  }
}

function turnCursorOf(threadId: string, turnId: string): string {
  return encodeOrdinalCursor({ threadId, kind: "turns" }, { id: turnId, inclusive: true });
}

/** @throws `invalid_request` nothing to search for. */
function requireTerm(searchTerm: string): string {
  const term = foldTerm(searchTerm);
  if (term === "") throw invalidRequest("a search needs a searchTerm that is not blank");
  return term;
}
