import type { ThreadId, ThreadStore } from "@threadstore/core";
import { requireThread } from "./find-thread.js";
import { readNewestEntries } from "./newest-entries.js";
import { pageLimitOf } from "./page-limit.js";
import { formatTimelineCursor, parseTimelineCursor, timelineKeyOf } from "./timeline-cursor.js";
import type { ApiTimelineEntry } from "./timeline-entry.js";
import { invalidRequest } from "./wire-errors.js";

/** The parameters of Codex's `thread/timeline/list`. Null is absent. */
export interface ApiTimelineParams {
  readonly threadId: ThreadId;
  readonly cursor?: string | null;
  /** Default 25; 0 counts as 1, more than 100 as 100. */
  readonly limit?: number | null;
}

export interface ApiTimelinePage {
  /** Oldest first. */
  readonly data: readonly ApiTimelineEntry[];
  /** Goes on with what stands before this page. */
  readonly nextCursor: string | null;
  readonly activeRealtimeSessionAtPageStart: null;
}

/**
 * Answers Codex's `thread/timeline/list` from any store, also for legacy threads: pages go from the end of the thread to
 * its beginning. @throws `thread_not_found`; `invalid_request` a bad cursor, or an archived thread.
 */
export async function listApiTimeline(store: ThreadStore, params: ApiTimelineParams): Promise<ApiTimelinePage> {
  const { threadId, archivedAt } = await requireThread(store, { threadId: params.threadId, problem: "not found" });
  if (archivedAt !== undefined) throw invalidRequest(`thread ${threadId} is archived`);
  const before = typeof params.cursor === "string" ? parseTimelineCursor(threadId, params.cursor) : null;
  const limit = pageLimitOf(params.limit);
  // One more than the page shows tells whether there is more.
  const entries = await readNewestEntries(store, { threadId, before, count: limit + 1 });
  const page = entries.slice(0, limit);
  const last = entries.length > limit ? page.at(-1) : undefined;
  return {
    data: page.toReversed(),
    nextCursor: last ? formatTimelineCursor(threadId, timelineKeyOf(last)) : null,
    activeRealtimeSessionAtPageStart: null,
  };
}
