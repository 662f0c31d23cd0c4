import type { SearchThreadsParams, SortDirection, SourceKind, ThreadStore } from "@threadstore/core";
import { type ApiThread, toApiThread } from "./api-thread.js";
import { type ApiSortKey, backwardsCursorOf, nextCursorOf, STORE_SORT_KEYS } from "./list-cursor.js";
import { pageLimitOf } from "./page-limit.js";
import { requireSearchTerm } from "./search-term.js";
import { toStoreCursor } from "./store-cursor.js";

/** The parameters of Codex's `thread/search`. Null is absent. */
export interface ApiThreadSearchParams {
  readonly searchTerm: string;
  readonly cursor?: string | null;
  /** Default 25; 0 counts as 1, more than 100 as 100. */
  readonly limit?: number | null;
  /** Default `created_at`. */
  readonly sortKey?: Exclude<ApiSortKey, "section_position"> | null;
  /** Default `desc`. */
  readonly sortDirection?: SortDirection | null;
  /** Empty: the default kinds. */
  readonly sourceKinds?: readonly SourceKind[] | null;
  readonly archived?: boolean | null;
}

/** A thread in which somebody said the term, and what stands around it. */
export interface ApiThreadSearchHit {
  readonly thread: ApiThread;
  readonly snippet: string;
}

export interface ApiThreadSearchPage {
  readonly data: readonly ApiThreadSearchHit[];
  readonly nextCursor: string | null;
  readonly backwardsCursor: string | null;
}

/**
 * Answers Codex's `thread/search` from any store that can search, with Codex's own cursors. It looks at all that is
 * stored, also at what an index does not hold yet. @throws `invalid_request` no term, or a bad cursor.
 */
export async function searchApiThreads(
  store: ThreadStore,
  params: ApiThreadSearchParams,
): Promise<ApiThreadSearchPage> {
  const order = { sortKey: params.sortKey ?? "created_at", sortDirection: params.sortDirection ?? "desc" } as const;
  const query: SearchThreadsParams = {
    searchTerm: requireSearchTerm("thread/search", params.searchTerm),
    scopes: ["messages"],
    scansMissing: true,
    pageSize: pageLimitOf(params.limit),
    sortKey: STORE_SORT_KEYS[order.sortKey],
    sortDirection: order.sortDirection,
    ...(params.sourceKinds ? { sources: params.sourceKinds } : {}),
    ...(params.archived ? { archived: true } : {}),
  };
  const { cursor } = params;
  const from = typeof cursor === "string" ? { cursor: await toStoreCursor(store, { cursor, query, order }) } : {};
  const page = await store.searchThreads({ ...query, ...from });
  const first = page.data[0];
  const last = page.data.at(-1);
  return {
    data: page.data.map(({ thread, snippet }) => ({ thread: toApiThread(thread), snippet })),
    nextCursor: page.nextCursor !== null && last ? nextCursorOf(last.thread, order) : null,
    backwardsCursor: first ? backwardsCursorOf(first.thread, order) : null,
  };
}
