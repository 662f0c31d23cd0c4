import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import { type ThreadId, ThreadStoreError } from "@threadstore/core";
import type { IndexDatabase } from "../index/index-database.js";
import type { LocalHome } from "../local-home.js";
import { isSystemError } from "../map-error.js";
import { checkParts } from "./check-parts.js";
import { LinesAreIncomplete } from "./fold-lines.js";
import { foldPart, type PendingFold } from "./fold-part.js";
import { HistoryFiles } from "./history-files.js";
import {
  type FoldedPart,
  type FoldedThread,
  isSamePart,
  isUpToDate,
  loadFold,
  newFold,
  saveFold,
} from "./stored-fold.js";

/**
 * Folds a thread's history into the turns of the index, from where that was left, in steps that are saved one by one. Two
 * processes may do so at once: whoever saves a step first has done it. Returns the key of the turns.
 */
export async function foldHistory(home: FoldHome, index: IndexDatabase, thread: FoldedThread): Promise<number> {
  using files = new HistoryFiles(home, thread.lineage);
  for (;;) {
    const step = nextStep(index, files, thread);
    if ("fold" in step) return step.fold;
    index.transaction(step.save);
    await yieldToEventLoop();
  }
}

/** The same for several threads, whose steps are saved together. Returns those whose history cannot be read. */
export async function foldHistories(
  home: FoldHome,
  index: IndexDatabase,
  threads: readonly FoldedThread[],
): Promise<ThreadId[]> {
  const failed: ThreadId[] = [];
  for (let open = threads; open.length > 0; await yieldToEventLoop()) {
    const saves: (() => void)[] = [];
    open = open.filter((thread) => {
      const step = stepOf(home, index, thread);
      if (step === null) failed.push(thread.threadId);
      if (step === null || "fold" in step) return false;
      saves.push(step.save);
      return !step.isLast;
    });
    index.transaction(() => {
      for (const save of saves) save();
    });
  }
  return failed;
}

type FoldHome = Pick<LocalHome, "files" | "home">;

/** That all is folded, or what was folded now and is to be saved. */
type FoldStep = { readonly fold: number } | PendingFold;

/** Null when the history cannot be read. */
function stepOf(home: FoldHome, index: IndexDatabase, thread: FoldedThread): FoldStep | null {
  using files = new HistoryFiles(home, thread.lineage);
  try {
    return nextStep(index, files, thread);
  } catch (error) {
    if (isSystemError(error) || error instanceof ThreadStoreError) return null;
    throw error;
  }
}

function nextStep(index: IndexDatabase, files: HistoryFiles, thread: FoldedThread): FoldStep {
  const stored = loadFold(index, thread.threadId);
  const checked = stored && checkParts(files, stored, thread);
  if (checked?.next === null && checked.fold !== null) {
    const { fold } = checked;
    if (checked.isSaved) return { fold };
    return { save: () => saveFold(index, checked, { progress: checked.progress }), isLast: true };
  }
  const begun = checked ?? newFold(thread, { isThorough: false, stored });
  try {
    return foldPart({ index, files, stored: begun, thread, part: checked?.next ?? 0 });
  } catch (error) {
    if (!(error instanceof LinesAreIncomplete)) throw error;
    const anew = newFold(thread, { isThorough: true, stored });
    return { save: () => saveFold(index, anew, { progress: anew.progress }), isLast: false };
  }
}

/** The key of a thread's turns when the index has all of them, else undefined. */
export function foldedCompletely(index: IndexDatabase, { threadId, lineage }: FoldedThread): number | undefined {
  const stored = loadFold(index, threadId);
  const parts = stored?.progress.parts;
  if (parts?.length !== lineage.parts.length) return undefined;
  const isKnown = lineage.parts.every((part, at) => {
    const folded = parts[at] as FoldedPart;
    return isSamePart(folded, part) && isUpToDate(folded, part);
  });
  return isKnown ? (stored?.fold ?? undefined) : undefined;
}
