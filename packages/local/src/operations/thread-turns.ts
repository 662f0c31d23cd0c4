import type { ThreadId } from "@threadstore/core";
import { unavailable } from "@threadstore/core/driver";
import type { IndexDatabase } from "../index/index-database.js";
import { lineageOf } from "../index/lineage.js";
import type { LocalHome } from "../local-home.js";
import { foldedCompletely, foldHistory } from "../turns/fold-history.js";
import { HistoryFiles } from "../turns/history-files.js";
import { type FoldedThread, forgetFold } from "../turns/stored-fold.js";
import { IndexIsOutdated, TurnReader } from "../turns/turn-reader.js";
import { locateThread, type ThreadQuery } from "./locate-thread.js";

/** The turns of a thread in the index, up to the end of its history. */
export interface IndexedTurns {
  readonly threadId: ThreadId;
  readonly index: IndexDatabase;
  readonly fold: number;
  readonly reader: TurnReader;
}

/** A thread whose turns are asked for, before it is known whether they are in the index. */
export interface TurnsRequest<T> {
  /** Whether this goes on from another page. */
  readonly isContinued?: boolean;
  /** Answers from the end of the history, when it can; else the turns are indexed first. */
  readonly fromTail?: (files: HistoryFiles, thread: FoldedThread) => T | null;
  readonly fromIndex: (turns: IndexedTurns) => T;
}

/** Somebody else may begin the turns anew between the time they are complete and the time they are read. */
const ATTEMPTS_MAX = 8;

/** Answers from the turns of a thread. What the index lacks is read from the rollouts first. */
export async function withTurns<T>(home: LocalHome, query: ThreadQuery, request: TurnsRequest<T>): Promise<T> {
  const { thread: summary, rollout } = await locateThread(home, query, request);
  const { threadId, historyMode } = summary;
  return home.index.query(
    async (index) => {
      const thread = { threadId, historyMode, lineage: lineageOf(index, rollout) };
      using files = new HistoryFiles(home, thread.lineage);
      for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        const answer = answerFrom(index, { files, thread, request });
        if (answer) return answer.value;
        const tail = attempt === 0 ? (request.fromTail?.(files, thread) ?? null) : null;
        if (tail !== null) return tail;
        await foldHistory(home, index, thread);
      }
      throw unavailable(`the rollouts of thread ${threadId} kept changing while its turns were read`);
    },
    { asIs: true },
  );
}

interface Answering<T> {
  readonly files: HistoryFiles;
  readonly thread: FoldedThread;
  readonly request: TurnsRequest<T>;
}

/** The answer of the index, in one look at it; null when it does not have all turns, or has them from other bytes. */
function answerFrom<T>(index: IndexDatabase, { files, thread, request }: Answering<T>): { readonly value: T } | null {
  const { threadId } = thread;
  try {
    return index.snapshot(() => {
      const fold = foldedCompletely(index, thread);
      if (fold === undefined) return null;
      return { value: request.fromIndex({ threadId, index, fold, reader: new TurnReader(files, thread) }) };
    });
  } catch (error) {
    if (!(error instanceof IndexIsOutdated)) throw error;
    forgetFold(index, threadId);
    return null;
  }
}
