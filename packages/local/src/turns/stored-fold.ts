import type { HistoryMode, Instant, ThreadId } from "@threadstore/core";
import { newTurnFold, type TurnFoldState } from "@threadstore/core/driver";
import type { IndexDatabase } from "../index/index-database.js";
import type { Lineage, LineagePart } from "../index/lineage.js";
import type { RolloutRow } from "../index/rollout-row.js";
import { fileNameOf, plainPath } from "../rollout/rollout-name.js";
import type { TurnBookState } from "./indexed-turn-book.js";
import { deleteTurnRowsBefore } from "./turn-rows.js";

/** A file as it was when it was last compared with what was read of it. */
export type FileIdentity = Pick<RolloutRow, "inode" | "size" | "mtimeMs">;

/** How far one rollout of a history was read. Offsets are those of the plain text, also where it is compressed. */
export interface FoldedPart {
  readonly name: string;
  readonly endOrdinalExclusive: number | null;
  readonly identity: FileIdentity;
  readonly readTo: number;
  /** Whether what was read ends with a newline: a last line may lack it. */
  readonly isClosed: boolean;
  /** Tells whether the file still begins with what was read. */
  readonly fingerprint: string;
  /** The ordinal after the last line that was read; not known of a paginated rollout that is not read thoroughly. */
  readonly nextOrdinal: number;
  /** Whether it was read to its end, as the file was then. */
  readonly isRead: boolean;
}

/** How far a thread's history was folded into turns. Plain data, stored as JSON. */
export interface FoldProgress {
  readonly parts: readonly FoldedPart[];
  readonly turns: TurnFoldState;
  readonly book: TurnBookState;
  /** Whether every line is parsed, because some lack what lines usually say of themselves. */
  readonly isThorough: boolean;
  /** The time of the last record, where every line is parsed. */
  readonly lastTimestamp: Instant | null;
}

/** A fold as it is stored, or as it is begun anew. */
export interface StoredFold {
  /** Its key; null when it is not stored yet. */
  readonly fold: number | null;
  /** The text that is in the database: whoever saves makes sure that it is still the same. Null when there is none. */
  readonly text: string | null;
  readonly progress: FoldProgress;
  /** Whether nothing of what is stored counts any more. */
  readonly isNew: boolean;
}

/** What a fold is a fold of. */
export interface FoldedThread {
  readonly threadId: ThreadId;
  readonly historyMode: HistoryMode;
  readonly lineage: Lineage;
}

/** The start of a fold, in place of the one that is stored. */
export function newFold(
  { threadId, historyMode }: FoldedThread,
  { isThorough, stored }: { readonly isThorough: boolean; readonly stored: StoredFold | undefined },
): StoredFold {
  const progress = {
    parts: [],
    turns: newTurnFold(threadId, historyMode),
    book: { lastOrdinal: -1, lastTurnId: null },
    isThorough,
    lastTimestamp: null,
  };
  return { fold: stored?.fold ?? null, text: stored?.text ?? null, progress, isNew: true };
}

export function loadFold(index: IndexDatabase, threadId: ThreadId): StoredFold | undefined {
  const row = index.get("SELECT fold, state FROM turn_folds WHERE thread_id = ?", threadId);
  if (!row) return undefined;
  const text = String(row.state);
  return { fold: Number(row.fold), text, progress: JSON.parse(text) as FoldProgress, isNew: false };
}

/**
 * Saves what was folded since `stored`, unless somebody else has gone on from there: then their work counts. Runs in a
 * transaction.
 */
export function saveFold(
  index: IndexDatabase,
  stored: StoredFold,
  { progress, saveTurns }: { readonly progress: FoldProgress; readonly saveTurns?: (fold: number) => void },
): void {
  const fold = saveProgress(index, stored, progress);
  if (fold === null) return;
  if (stored.isNew) deleteTurnRowsBefore(index, fold, Number.POSITIVE_INFINITY);
  saveTurns?.(fold);
}

/** The key of the fold; null when somebody else was faster. */
function saveProgress(index: IndexDatabase, { fold, text }: StoredFold, progress: FoldProgress): number | null {
  const state = JSON.stringify(progress);
  if (fold !== null && text !== null) {
    return index.run("UPDATE turn_folds SET state = ? WHERE fold = ? AND state = ?", state, fold, text) > 0
      ? fold
      : null;
  }
  const row = index.get(
    "INSERT INTO turn_folds (thread_id, state) VALUES (?, ?) ON CONFLICT (thread_id) DO NOTHING RETURNING fold",
    progress.turns.threadId,
    state,
  );
  return row ? Number(row.fold) : null;
}

/** Forgets the turns of a thread: they are folded anew when they are asked for. */
export function forgetFold(index: IndexDatabase, threadId: ThreadId): void {
  index.transaction(() => {
    const fold = loadFold(index, threadId)?.fold;
    if (fold == null) return;
    deleteTurnRowsBefore(index, fold, Number.POSITIVE_INFINITY);
    index.run("DELETE FROM turn_folds WHERE fold = ?", fold);
  });
}

/** Whether a part of a history is the one that was read, by its name; what it holds is looked at when it has changed. */
export function isSamePart(folded: FoldedPart, { rollout, endOrdinalExclusive }: LineagePart): boolean {
  return folded.name === partName(rollout) && folded.endOrdinalExclusive === endOrdinalExclusive;
}

/** Whether nothing happened to a part since it was read to its end. */
export function isUpToDate(folded: FoldedPart, { rollout }: LineagePart): boolean {
  const { inode, size, mtimeMs } = folded.identity;
  return folded.isRead && inode === rollout.inode && size === rollout.size && mtimeMs === rollout.mtimeMs;
}

/** Moving, archiving and compressing a rollout keeps what it holds. */
export function partName({ path }: RolloutRow): string {
  return fileNameOf(plainPath(path));
}

export function identityOf({ inode, size, mtimeMs }: RolloutRow): FileIdentity {
  return { inode, size, mtimeMs };
}
