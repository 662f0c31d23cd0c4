import { lineageOf } from "../index/lineage.js";
import { findThread } from "../index/thread-lookup.js";
import type { LocalHome } from "../local-home.js";
import { foldHistory } from "../turns/fold-history.js";
import type { ThreadQuery } from "./locate-thread.js";

/** Brings the turns of a thread that the index knows up to date with its history. @throws `thread_not_found`. */
export async function indexTurns(home: LocalHome, { threadId }: Pick<ThreadQuery, "threadId">): Promise<void> {
  await home.index.query(
    (index) => {
      const { thread, rollout } = findThread(index, { threadId, includeArchived: true });
      return foldHistory(home, index, {
        threadId,
        historyMode: thread.historyMode,
        lineage: lineageOf(index, rollout),
      });
    },
    { asIs: true },
  );
}
