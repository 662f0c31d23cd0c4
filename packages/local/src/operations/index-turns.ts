import { lineageOf } from "../index/lineage.js";
import type { LocalHome } from "../local-home.js";
import { foldHistory } from "../turns/fold-history.js";
import { locateThread, type ThreadQuery } from "./locate-thread.js";

/** Brings the index of a thread's turns up to date with its history. */
export async function indexTurns(home: LocalHome, query: ThreadQuery): Promise<void> {
  const { thread, rollout } = await locateThread(home, query);
  const { threadId, historyMode } = thread;
  await home.index.query(
    (index) => foldHistory(home, index, { threadId, historyMode, lineage: lineageOf(index, rollout) }),
    { asIs: true },
  );
}
