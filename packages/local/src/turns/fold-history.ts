import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import type { IndexDatabase } from "../index/index-database.js";
import type { LocalHome } from "../local-home.js";
import { fingerprintOf } from "../rollout/fingerprint.js";
import { LinesAreIncomplete } from "./fold-lines.js";
import { foldPart } from "./fold-part.js";
import { HistoryFiles } from "./history-files.js";
import {
  beginFold,
  type FoldedPart,
  type FoldedThread,
  isSamePart,
  isUpToDate,
  loadFold,
  newProgress,
  type StoredFold,
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
    const at = stored && partToRead(files, stored, thread);
    if (stored && at === "none") return stored.fold;
    try {
      if (stored && typeof at === "number") foldPart({ index, files, stored, thread, part: at });
      else beginFold(index, thread.threadId, { stored, progress: newProgress(thread, isThorough) });
    } catch (error) {
      if (!(error instanceof LinesAreIncomplete)) throw error;
      isThorough = true;
      beginFold(index, thread.threadId, { stored, progress: newProgress(thread, isThorough) });
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
  return isKnown ? stored?.fold : undefined;
}

/** Which part of the history is to be read on; `none` when all are read, undefined when what was read is void. */
function partToRead(files: HistoryFiles, stored: StoredFold, { lineage }: FoldedThread): number | "none" | undefined {
  const { parts } = stored.progress;
  if (parts.length > lineage.parts.length) return undefined;
  for (const [at, folded] of parts.entries()) {
    const part = lineage.parts[at];
    if (!part || !isSamePart(folded, part)) return undefined;
    if (isUpToDate(folded, part)) continue;
    if (!beginsAsRead(files, at, folded)) return undefined;
    if (at === parts.length - 1) return at;
    // A base that grew before the cut of its heir: what came after it was folded too early.
    if (!folded.isCut && files.part(at).status().size > folded.readTo) return undefined;
  }
  return parts.length < lineage.parts.length ? parts.length : "none";
}

function beginsAsRead(files: HistoryFiles, part: number, { readTo, isClosed, fingerprint }: FoldedPart): boolean {
  const file = files.part(part);
  const { size } = file.status();
  if (size < readTo || fingerprintOf(file, readTo) !== fingerprint) return false;
  if (isClosed || size === readTo) return true;
  // The last line had no newline: it is still the line that was read when that is what follows.
  const next = Buffer.alloc(1);
  return file.read(next, readTo) === 1 && next[0] === NEWLINE;
}

const NEWLINE = 10;
