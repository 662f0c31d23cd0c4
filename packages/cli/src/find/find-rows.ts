import type { Page, SearchPage, StoredThread, ThreadSearchHit, ThreadStore } from "@threadstore/core";
import type { ThreadFilterParams } from "../thread-filter-options.js";
import type { FoundRows, PickerRow } from "./picker-state.js";

export interface FindRowsParams {
  readonly query: string;
  readonly filter: ThreadFilterParams;
  /** Whether changes that others made meanwhile may be passed over. */
  readonly useIndexOnly: boolean;
  readonly signal: AbortSignal;
}

/** More than a person looks through; who wants an older one types more. */
const ROWS_MAX = 200;

/** So much of a title stands on most terminals. */
const TITLE_CHARACTERS = 60;

/**
 * Threads that hold a query, the last changed first: those whose names and beginnings do, then those whose texts do as well, then
 * those that an index did not hold yet.
 */
export async function* findRows(store: ThreadStore, params: FindRowsParams): AsyncGenerator<FoundRows> {
  const { query, filter, useIndexOnly, signal } = params;
  const order = { ...filter, sortKey: "updatedAt", pageSize: ROWS_MAX } as const;
  const searchTerm = query.trim();
  const term = searchTerm === "" ? {} : { searchTerm };
  const listed = await store.listThreads({ ...order, ...term, useIndexOnly }, { signal });
  const isSearched = searchTerm !== "" && store.capabilities.has("search");
  yield foundRows(listed, { isWhole: !isSearched });
  if (!isSearched) return;
  const hits = await store.searchThreads({ ...order, searchTerm, useIndexOnly }, { signal });
  yield foundRows(listed, { hits, isWhole: !hits.missing });
  if (!hits.missing) return;
  const everyHit = await store.searchThreads({ ...order, searchTerm, scansMissing: true }, { signal });
  yield foundRows(listed, { hits: everyHit, isWhole: true });
}

function foundRows(
  listed: Page<StoredThread>,
  { hits, isWhole }: { readonly hits?: SearchPage; readonly isWhole: boolean },
): FoundRows {
  const hasOlder = listed.nextCursor !== null || typeof hits?.nextCursor === "string";
  return { rows: mergeRows(listed, hits), isWhole, hasOlder, missing: hits?.missing ?? 0 };
}

function mergeRows(listed: Page<StoredThread>, hits: SearchPage | undefined): PickerRow[] {
  const rows = new Map<string, PickerRow>();
  for (const thread of listed.data) rows.set(thread.threadId, { thread });
  for (const hit of hits?.data ?? []) rows.set(hit.thread.threadId, rowOf(hit));
  return [...rows.values()].sort(byLastChange);
}

/** What the title shows needs no second showing. */
function rowOf({ thread, snippet, ranges }: ThreadSearchHit): PickerRow {
  const [from, to] = ranges[0] ?? [0, 0];
  const title = (thread.name ?? thread.preview).slice(0, TITLE_CHARACTERS).toLowerCase();
  return title.includes(snippet.slice(from, to).toLowerCase())
    ? { thread }
    : { thread, snippet: { text: snippet, ranges } };
}

function byLastChange({ thread: a }: PickerRow, { thread: b }: PickerRow): number {
  if (a.updatedAt !== b.updatedAt) return a.updatedAt < b.updatedAt ? 1 : -1;
  return a.threadId < b.threadId ? 1 : -1;
}
