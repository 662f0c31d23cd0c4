import type { Instant } from "../protocol/instant.js";
import type { ThreadId } from "../protocol/thread-id.js";
import type { ThreadFilter } from "../rules/thread-filter.js";
import { sortValue, type ThreadPosition } from "../rules/thread-order.js";
import type { CallOptions, SearchScope, SortDirection, ThreadSortKey } from "../store/params.js";
import type { StoredThread, StoredTurnItem } from "../store/records.js";

/** Searching, as the author of a store writes it. */
export interface SearchGroup {
  searchThreads(p: ThreadSearchQuery, o: CallOptions): Promise<ThreadSearchPage>;
  /**
   * The items of a thread that may hold a folded term, the oldest first, from an ordinal on. The kernel looks at each. Optional:
   * without it the kernel looks at every item of the thread.
   */
  itemsToSearch?(p: ItemSearchQuery, o: CallOptions): AsyncIterable<StoredTurnItem>;
}

export type SearchSortKey = ThreadSortKey | "rank";

export interface SearchOrder {
  readonly key: SearchSortKey;
  readonly direction: SortDirection;
}

/** A search with every default filled in, and a position where callers have a cursor. */
export interface ThreadSearchQuery extends Omit<ThreadFilter, "searchTerm" | "neighbour"> {
  /** Folded, without white space at its ends; never empty. */
  readonly term: string;
  readonly scopes: ReadonlySet<SearchScope>;
  readonly updatedSince?: Instant;
  readonly order: SearchOrder;
  readonly position?: ThreadPosition;
  readonly pageSize: number;
  readonly scansMissing: boolean;
  readonly useIndexOnly: boolean;
}

/** A thread that holds the term. */
export interface FoundThread {
  readonly thread: StoredThread;
  /** The first text that holds it: of what the thread wrote since it was last reverted, then of what it wrote before; or its name. */
  readonly text: string;
  /** The turn of that text. */
  readonly turnId?: string;
  /** How many different texts hold it, its name among them. */
  readonly rank: number;
}

/** A page as a driver answers it: `more` says whether rows follow the last one. */
export interface ThreadSearchPage {
  readonly threads: readonly FoundThread[];
  readonly more: boolean;
  readonly missing?: number;
}

export interface ItemSearchQuery {
  readonly threadId: ThreadId;
  readonly includeArchived: boolean;
  readonly term: string;
  readonly fromOrdinal: number;
}

const RANK_DIGITS = 10;

/** The sort value of a thread that was found. Values sort as text. */
export function foundValue({ thread, rank }: FoundThread, key: SearchSortKey): string {
  if (key !== "rank") return sortValue(thread, key);
  return `${String(rank).padStart(RANK_DIGITS, "0")} ${thread.updatedAt}`;
}
