import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import type { IndexDatabase } from "../index/index-database.js";
import type { LocalHome } from "../local-home.js";
import { checkParts } from "./check-parts.js";
import { LinesAreIncomplete } from "./fold-lines.js";
import { foldPart } from "./fold-part.js";
import { HistoryFiles } from "./history-files.js";
import {
  type FoldedPart,
  type FoldedThread,
  forgetFold,
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
export async function foldHistory(
  home: Pick<LocalHome, "files" | "home">,
  index: IndexDatabase,
  thread: FoldedThread,
): Promise<number> {
  using files = new HistoryFiles(home, thread.lineage);
  for (let isThorough = false; ; ) {
    const stored = loadFold(index, thread.threadId);
    const checked = stored && checkParts(files, stored, thread);
    if (checked?.fold != null && checked.next === null) {
      if (checked.isSaved) return checked.fold;
      saveFold(index, checked, { progress: checked.progress, saveTurns: () => undefined });
      continue;
    }
    const isGoingOn = checked?.next != null;
    try {
      if (isGoingOn) foldPart({ index, files, stored: checked, thread, part: checked.next });
      else foldPart({ index, files, stored: newFold(thread, { isThorough, stored }), thread, part: 0 });
    } catch (error) {
      if (!(error instanceof LinesAreIncomplete)) throw error;
      isThorough = true;
      if (isGoingOn) forgetFold(index, thread.threadId);
    }
    await yieldToEventLoop();
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
