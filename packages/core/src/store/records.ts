import type { HistoryMode } from "../protocol/history-mode.js";
import type { Instant } from "../protocol/instant.js";
import type { StoredItem } from "../protocol/rollout-item.js";
import type { SessionSource } from "../protocol/session-source.js";
import type { ThreadId } from "../protocol/thread-id.js";
import type { TurnItem } from "../protocol/turn-item.js";

/** The commit a thread was working on. Collected by the caller, never by a store. */
export interface GitInfo {
  readonly commitHash?: string;
  readonly branch?: string;
  readonly repositoryUrl?: string;
}

/** A thread as lists and reads show it: explicit patches over what its items tell. */
export interface StoredThread {
  readonly threadId: ThreadId;
  /** Counts the metadata changes made through the store: patches, archiving, unarchiving. 0 when there were none. */
  readonly revision: number;
  readonly historyMode: HistoryMode;
  /** The id of the root of the tree of sub-agents this thread belongs to; its own id for a root. */
  readonly sessionId: string;
  readonly forkedFromId?: ThreadId;
  readonly parentThreadId?: ThreadId;
  /** The first user message, cut to `previewMaxCharacters`; empty when there is none. */
  readonly preview: string;
  readonly name?: string;
  readonly modelProvider: string;
  readonly model?: string;
  readonly serviceTier?: string;
  readonly reasoningEffort?: string;
  readonly createdAt: Instant;
  /** The last append or patch. */
  readonly updatedAt: Instant;
  /** The start of the last turn; creation when there was none. */
  readonly recencyAt: Instant;
  readonly archivedAt?: Instant;
  readonly cwd: string;
  readonly cliVersion: string;
  readonly originator?: string;
  readonly source: SessionSource;
  readonly threadSource?: string;
  readonly agentNickname?: string;
  readonly agentRole?: string;
  readonly agentPath?: string;
  readonly gitInfo?: GitInfo;
  readonly approvalMode: unknown;
  readonly sandboxPolicy: unknown;
  readonly permissionProfile?: unknown;
  readonly tokenUsage?: unknown;
  readonly memoryMode?: string;
  readonly firstUserMessage?: string;
  readonly rolloutPath?: string;
  readonly history?: StoredThreadHistory;
  /** Present when the middle of a long history was not read yet; first and last facts are right, others may be older. */
  readonly partial?: true;
  readonly neighbour?: NeighbourMetadata;
}

/** What only the real Codex's own database knows of a thread. Read, never written. */
export interface NeighbourMetadata {
  readonly section?: NeighbourSection;
  readonly sectionEnteredAt?: Instant;
  readonly projectId?: string;
  readonly attachedToThreadId?: ThreadId;
  readonly daybreakEnabled?: boolean;
  readonly readState?: NeighbourReadState;
}

/** How far the user of the real Codex has read a thread. */
export interface NeighbourReadState {
  readonly revision: string;
  readonly firstUnreadTurnId?: string;
}

/** A section of the real Codex's thread list. */
export interface NeighbourSection {
  readonly id: string;
  readonly name: string;
  readonly appearance: unknown;
  readonly position?: number;
}

/** Every item of a thread in replay order, inherited prefixes included. */
export interface StoredThreadHistory {
  readonly threadId: ThreadId;
  readonly items: readonly StoredItem[];
}

/** Some items of a history. `rejected` counts unreadable lines that were passed over on the way. */
export interface HistoryBatch {
  readonly items: readonly StoredItem[];
  readonly rejected: number;
}

/** One page. A null cursor means there is nothing beyond; `backwardsCursor` re-includes the first row. */
export interface Page<T> {
  readonly data: readonly T[];
  readonly nextCursor: string | null;
  readonly backwardsCursor: string | null;
  readonly scanned?: number;
}

export type TurnItemsView = "notLoaded" | "summary" | "full";

/** Why a turn failed. */
export interface StoredTurnError {
  readonly message: string;
  readonly additionalDetails?: string;
  /** Codex's own kind of error, as recorded. */
  readonly codexErrorInfo?: unknown;
}

/** One exchange: user input until the agent is done. A turn whose end was not recorded is `inProgress`. */
export interface StoredTurn {
  readonly turnId: string;
  /** The turn of the thread's user that this one is a part of, where it was recorded. */
  readonly rootTurnId?: string;
  readonly firstOrdinal: number;
  readonly endOrdinalExclusive: number;
  readonly items: readonly StoredTurnItem[];
  readonly itemsView: TurnItemsView;
  readonly status: "completed" | "interrupted" | "failed" | "inProgress";
  readonly error?: StoredTurnError;
  readonly startedAt?: Instant;
  readonly completedAt?: Instant;
  readonly durationMs?: number;
}

/** What a person sees in a turn: a message, a command, a file change. `item` is as a paginated rollout records it. */
export interface StoredTurnItem {
  readonly turnId: string;
  readonly itemId: string;
  readonly ordinal: number;
  readonly createdAt: Instant;
  readonly startedAt?: Instant;
  readonly completedAt?: Instant;
  readonly item: TurnItem;
}

/** A thread that holds the search term. `ranges` are offsets into the snippet, in UTF-16 units: from, and up to. */
export interface ThreadSearchHit {
  readonly thread: StoredThread;
  /** The text around the first place where the term stands, on one line; the name, where only that holds it. */
  readonly snippet: string;
  readonly ranges: readonly (readonly [number, number])[];
  /** The turn of that place; absent for a name, and for what stands before the first turn. */
  readonly turnId?: string;
  /** A cursor of `listTurns` that begins with that turn. */
  readonly turnCursor?: string;
}

/** One page of a search. */
export interface SearchPage extends Page<ThreadSearchHit> {
  /** How many threads could not be looked through, because the index does not hold them yet; absent when there are none. */
  readonly missing?: number;
}

/** One place in a thread where the search term stands. `range` is in UTF-16 units of the snippet: from, and up to. */
export interface Occurrence {
  readonly turnId: string;
  readonly itemId: string;
  /** The ordinal of the item, and which of the places at that ordinal this one is, from 0 on. */
  readonly ordinal: number;
  readonly index: number;
  /** The text around the place, as it was written. */
  readonly snippet: string;
  readonly range: readonly [number, number];
  /** A cursor of `listTurns` that begins with the turn. */
  readonly turnCursor: string;
}

/** That one thread spawned another. Every child has one parent. */
export interface ThreadSpawnEdge {
  readonly parentThreadId: ThreadId;
  readonly childThreadId: ThreadId;
  readonly status: "open" | "closed";
}

/**
 * A thread that changed, told at least once. It may stand for several changes of the thread: its type is then the last that
 * says where the thread is (`created`, `archived`, `unarchived`, `deleted`), else `appended`, else `updated`.
 */
export interface StoreChange {
  /** Where to go on from when this change was dealt with; opaque. */
  readonly position: string;
  /** `lagged`: changes before this position were passed over; whoever needs them lists anew. It names no thread. */
  readonly type: "created" | "appended" | "updated" | "archived" | "unarchived" | "deleted" | "lagged";
  readonly threadId?: ThreadId;
  /** The ordinal of the thread's next item, where the store knows it. A revert is an `appended` that makes it smaller. */
  readonly nextOrdinal?: number;
}

/** What an append did. `firstOrdinal` is null when the policy dropped every item. */
export interface AppendResult {
  readonly firstOrdinal: number | null;
  readonly nextOrdinal: number;
  readonly dropped: number;
  /** True when the idempotency key was known: nothing was written, this is the first result. */
  readonly repeated: boolean;
}

/** The last ordinal that survives a power cut; null while the thread has nothing to keep. */
export interface FlushResult {
  readonly durableOrdinal: number | null;
}
