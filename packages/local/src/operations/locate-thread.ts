import { relative } from "node:path";
import type { ThreadId } from "@threadstore/core";
import { threadArchived, threadNotFound } from "@threadstore/core/driver";
import { catchUpJournal } from "../index/catch-up.js";
import { isArchived } from "../index/choose-rollout.js";
import { readRolloutRow } from "../index/rollout-row.js";
import { findThread, type IndexedThread } from "../index/thread-lookup.js";
import { summarizeRollout } from "../index/thread-summary.js";
import type { LocalHome } from "../local-home.js";

/** Which thread is looked for. */
export interface ThreadQuery {
  readonly threadId: ThreadId;
  readonly includeArchived?: boolean;
}

/**
 * A thread as it is now, and the rollout its history ends in. One that is written here outside the home is found where it
 * is written. @throws `thread_not_found`; `invalid_request` archived.
 */
export async function locateThread(
  home: LocalHome,
  query: ThreadQuery,
  { isContinued = false }: { readonly isContinued?: boolean } = {},
): Promise<IndexedThread> {
  const lease = home.live.get(query.threadId);
  const outside = lease?.isOutside ? lease.writer.written : null;
  if (!outside) {
    return home.index.query((index) => findThread(index, query), { threadId: query.threadId, isContinued });
  }
  const status = home.files.status(outside.path);
  const path = relative(home.home, outside.path);
  const rollout = status && readRolloutRow(home.files, home.home, { path, status }, { isComplete: true });
  if (!rollout) throw threadNotFound(query.threadId);
  if (isArchived(rollout) && !query.includeArchived) throw threadArchived(query.threadId);
  return home.index.query(
    (index) => {
      const context = { files: home.files, home: home.home, index };
      catchUpJournal(context);
      return { thread: summarizeRollout(context, rollout), rollout };
    },
    { asIs: true },
  );
}
