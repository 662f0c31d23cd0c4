import {
  type GitInfo,
  type Instant,
  type JsonObject,
  mergePatches,
  type ThreadId,
  type ThreadMetadataPatch,
  type ThreadSpawnEdge,
} from "@threadstore/core";
import type { MetadataFacts } from "@threadstore/core/driver";

/** What the metadata journal knows of a thread: all that its rollouts cannot tell. Plain data. */
export interface ThreadState {
  /** All patches so far, merged. */
  readonly patch?: ThreadMetadataPatch;
  /** Counts patches, archivings and unarchivings. */
  readonly revision?: number;
  readonly touched?: Touch;
  /** What the real Codex's database said when the patch was made. */
  readonly seen?: SeenEdits;
  readonly archivedAt?: Instant;
  readonly born?: Birth;
  /** Null: it has no parent, whatever others say. */
  readonly edge?: Omit<ThreadSpawnEdge, "childThreadId"> | null;
}

/** What a thread was born with and its session_meta does not say; it counts once the thread has a rollout. */
export interface Birth {
  readonly facts: MetadataFacts;
  readonly edge?: Omit<ThreadSpawnEdge, "childThreadId">;
}

/** A time of update that holds until the rollout grows beyond where it was then. */
export interface Touch {
  readonly updatedAt: Instant;
  readonly rolloutName: string;
  readonly rolloutBytes: number;
}

/** Fields that the real Codex edits in its database too; null when it said nothing. */
export interface SeenEdits {
  readonly gitInfo?: GitInfo | null;
  readonly memoryMode?: string | null;
}

/** A change of what is known of one thread. */
export type JournalRecord = { readonly threadId: ThreadId } & (
  | {
      readonly type: "patched";
      readonly patch: ThreadMetadataPatch;
      readonly touched: Touch;
      readonly seen?: SeenEdits;
    }
  | { readonly type: "touched"; readonly touched: Touch }
  | { readonly type: "archived"; readonly archivedAt: Instant }
  | { readonly type: "unarchived"; readonly touched: Touch }
  /** The thread is new: nothing that was known of an earlier one of its id holds. */
  | { readonly type: "born"; readonly born: Birth }
  | { readonly type: "edge"; readonly edge: NonNullable<ThreadState["edge"]> | null }
  /** The thread is gone, and what was known of it. */
  | { readonly type: "deleted" }
  /** Everything that came before, in one record. */
  | { readonly type: "thread"; readonly state: ThreadState }
);

/** A record of a kind this version knows; others tell nothing to it. */
export function asJournalRecord(record: JsonObject): JournalRecord | null {
  return typeof record.threadId === "string" ? (record as unknown as JournalRecord) : null;
}

/** What is known of a thread after one more record. */
export function applyRecord(state: ThreadState, record: JournalRecord): ThreadState {
  const next = { revision: (state.revision ?? 0) + 1 };
  switch (record.type) {
    case "patched": {
      const patch = mergePatches(state.patch ?? {}, record.patch);
      const seen = { ...state.seen, ...record.seen };
      return { ...state, ...next, patch, seen, touched: record.touched };
    }
    case "touched":
      return { ...state, touched: record.touched };
    case "archived":
      return { ...state, ...next, archivedAt: record.archivedAt };
    case "unarchived": {
      const { archivedAt: _archivedAt, ...active } = state;
      return { ...active, ...next, touched: record.touched };
    }
    case "born":
      return { born: record.born };
    case "edge":
      return { ...state, edge: record.edge };
    case "deleted":
      // The real Codex's database may still name its parent.
      return { edge: null };
    case "thread":
      return record.state;
    default:
      return state;
  }
}
