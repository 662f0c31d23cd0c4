import { type ApiThreadSearchHit, type ApiThreadSearchPage, toApiThread } from "@threadstore/codex-wire";
import type { SearchPage } from "@threadstore/core";

/** Where a match stands in a snippet, in UTF-16 units. */
interface MatchRange {
  readonly start: number;
  readonly end: number;
}

/** A hit of the API, and what only threadstore knows of it. */
interface SearchHitJson extends ApiThreadSearchHit {
  readonly snippetMatchRanges: readonly MatchRange[];
  /** Null for a name, and for what stands before the first turn. */
  readonly turnId: string | null;
}

interface SearchJson extends ApiThreadSearchPage {
  readonly data: readonly SearchHitJson[];
  /** How many threads could not be looked through. */
  readonly missing: number;
}

/** A page of a search as one document. */
export function searchJson({ data, nextCursor, backwardsCursor, missing = 0 }: SearchPage): SearchJson {
  const hits = data.map(({ thread, snippet, ranges, turnId = null }) => {
    return {
      thread: toApiThread(thread),
      snippet,
      snippetMatchRanges: ranges.map(([start, end]) => ({ start, end })),
      turnId,
    };
  });
  return { data: hits, nextCursor, backwardsCursor, missing };
}
