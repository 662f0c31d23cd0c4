import type { HistoryMode, Instant, ThreadId } from "@threadstore/core";
import { newTurnFold, type TurnFoldState } from "@threadstore/core/driver";
import type { IndexDatabase } from "../index/index-database.js";
import type { Lineage, LineagePart } from "../index/lineage.js";
import type { RolloutRow } from "../index/rollout-row.js";
import { fileNameOf, plainPath } from "../rollout/rollout-name.js";
import type { TurnBookState } from "./indexed-turn-book.js";
import { deleteTurnRows } from "./turn-rows.js";

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
  /** Whether the part ended at its cut: what follows in the file is not of this history. */
  readonly isCut: boolean;
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
  /** The ordinal after the last line that was read; not known of a paginated rollout that is not read thoroughly. */
  readonly nextOrdinal: number;
  /** The time of the last record, where every line is parsed. */
  readonly lastTimestamp: Instant | null;
}

/** A fold as it is stored. */
export interface StoredFold {
  readonly fold: number;
  /** The text that is in the database: whoever saves makes sure that it is still the same. */
  readonly text: string;
  readonly progress: FoldProgress;
}

/** What a fold is a fold of. */
export interface FoldedThread {
  readonly threadId: ThreadId;
  readonly historyMode: HistoryMode;
  readonly lineage: Lineage;
}

/** The start of a fold. */
export function newProgress({ threadId, historyMode }: FoldedThread, isThorough: boolean): FoldProgress {
  return {
    parts: [],
    turns: newTurnFold(threadId, historyMode),
    book: { lastOrdinal: -1, lastTurnId: null },
    isThorough,
    nextOrdinal: 0,
    lastTimestamp: null,
  };
}

export function loadFold(index: IndexDatabase, threadId: ThreadId): StoredFold | undefined {
  const row = index.get("SELECT fold, state FROM turn_folds WHERE thread_id = ?", threadId);
  if (!row) return undefined;
  const text = String(row.state);
  return { fold: Number(row.fold), text, progress: JSON.parse(text) as FoldProgress };
}

/** Begins a fold anew, unless somebody else has gone on with it meanwhile; returns what is stored then. */
export function beginFold(
  index: IndexDatabase,
  threadId: ThreadId,
  { stored, progress }: { readonly stored: StoredFold | undefined; readonly progress: FoldProgress },
): StoredFold {
  index.transaction(() => {
    if (loadFold(index, threadId)?.text !== stored?.text) return;
    index.run(
      `INSERT INTO turn_folds (thread_id, state) VALUES (?, ?)
       ON CONFLICT (thread_id) DO UPDATE SET state = excluded.state`,
      threadId,
      JSON.stringify(progress),
    );
    if (stored) deleteTurnRows(index, stored.fold);
  });
  return loadFold(index, threadId) as StoredFold;
}

/** Saves what was folded since `stored`, unless somebody else has gone on from there: then their work counts. */
export function saveFold(
  index: IndexDatabase,
  { fold, text }: StoredFold,
  { progress, saveTurns }: { readonly progress: FoldProgress; readonly saveTurns: () => void },
): void {
  index.transaction(() => {
    const state = JSON.stringify(progress);
    if (index.run("UPDATE turn_folds SET state = ? WHERE fold = ? AND state = ?", state, fold, text) === 0) return;
    saveTurns();
  });
}

/** Forgets the turns of a thread: they are folded anew when they are asked for. */
export function forgetFold(index: IndexDatabase, threadId: ThreadId): void {
  index.transaction(() => {
    const stored = loadFold(index, threadId);
    if (!stored) return;
    deleteTurnRows(index, stored.fold);
    index.run("DELETE FROM turn_folds WHERE fold = ?", stored.fold);
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
