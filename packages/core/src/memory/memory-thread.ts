import { multiAgentVersionOf } from "../driver/session-meta-item.js";
import type { DriverAppendResult, Lease } from "../driver/thread-store-driver.js";
import { foldFacts, inheritedFacts, type MetadataFacts, mergeFacts } from "../fold/metadata.js";
import { patchedTitle, summarizeThread } from "../fold/summary.js";
import type { HistoryMode } from "../protocol/history-mode.js";
import type { Instant } from "../protocol/instant.js";
import { type ItemInput, type StoredItem, storedItem } from "../protocol/rollout-item.js";
import type { ThreadId } from "../protocol/thread-id.js";
import { invalidRequest } from "../store/errors.js";
import type { ThreadMetadataPatch } from "../store/metadata-patch.js";
import type { CreateThreadParams } from "../store/params.js";
import type { StoredThread } from "../store/records.js";

/** A run of items that a thread wrote itself, after the part of another segment that it inherits. */
export interface MemorySegment {
  readonly threadId: ThreadId;
  readonly base?: { readonly segment: MemorySegment; readonly endOrdinalExclusive: number };
  readonly items: StoredItem[];
  /** What its first items and the inherited ones tell; the rest is folded when it is asked for. */
  folded: { readonly facts: MetadataFacts; readonly items: number } | null;
}

/** What a fork was forked from. */
export interface ForkOrigin {
  readonly threadId: ThreadId;
  readonly endOrdinalExclusive: number;
  readonly multiAgentVersion?: string;
}

/** One thread of a memory store. */
export interface MemoryThread {
  readonly threadId: ThreadId;
  readonly create: CreateThreadParams;
  readonly historyMode: HistoryMode;
  readonly sessionId: string;
  readonly createdAt: Instant;
  /** What the thread was born with; items that tell more win. */
  readonly bornFacts: MetadataFacts;
  readonly forkedFrom?: ForkOrigin;
  /** Where new items go. A revert starts another one. */
  segment: MemorySegment;
  updatedAt: Instant;
  patch: ThreadMetadataPatch;
  revision: number;
  archivedAt?: Instant;
  /** Counts the writers this thread has had; a lease of an earlier one is fenced. */
  epoch: number;
  isLive: boolean;
  /** Remembered appends, oldest first. */
  readonly appends: Map<string, { readonly items: readonly ItemInput[]; readonly result: DriverAppendResult }>;
}

export interface MemoryLease extends Lease {
  /** Counts the writers of a thread: only the newest may write. */
  readonly epoch: number;
}

/** Whether anything was kept yet: an unused thread leaves no trace. */
export function isMaterialized(thread: MemoryThread): boolean {
  return thread.segment.items.length > 0;
}

/** The ordinal of the next record of a segment. */
export function nextRecordOrdinal(segment: MemorySegment): number {
  const last = segment.items.at(-1);
  return last ? last.ordinal + 1 : (segment.base?.endOrdinalExclusive ?? 0);
}

/** The ordinal the next appended item gets: a thread's first record is always its session_meta. */
export function nextItemOrdinal(thread: MemoryThread): number {
  return nextRecordOrdinal(thread.segment) + (isMaterialized(thread) ? 0 : 1);
}

/** The items that a segment inherits, oldest first. */
function inheritedItems(segment: MemorySegment): StoredItem[] {
  const { base } = segment;
  if (!base) return [];
  return segmentHistory(base.segment).filter((item) => item.ordinal < base.endOrdinalExclusive);
}

/** Every item of a segment in replay order, inherited prefix included. */
export function segmentHistory(segment: MemorySegment): StoredItem[] {
  return [...inheritedItems(segment), ...segment.items];
}

/** How agents worked together in the last turn before an ordinal. */
export function lastMultiAgentVersion(segment: MemorySegment, endOrdinalExclusive: number): string | undefined {
  const before = segmentHistory(segment).filter((item) => item.ordinal < endOrdinalExclusive);
  return before.map(({ item }) => multiAgentVersionOf(item)).findLast((version) => version !== undefined);
}

/** Whether a segment, or one that it inherits from, was written by a thread. */
export function dependsOn(segment: MemorySegment, threadId: ThreadId): boolean {
  for (let at = segment.base?.segment; at; at = at.base?.segment) if (at.threadId === threadId) return true;
  return false;
}

/** A segment that inherits the items of another one before a cut. */
export function newSegment(
  threadId: ThreadId,
  base: MemorySegment | undefined,
  cut: { readonly endOrdinalExclusive: number } | undefined,
): MemorySegment {
  if (!base || !cut || cut.endOrdinalExclusive === 0) return { threadId, items: [], folded: null };
  // The base is the segment that holds the last item before the cut: what it inherits itself is its own affair.
  let segment = base;
  while (segment.base && cut.endOrdinalExclusive <= segment.base.endOrdinalExclusive) segment = segment.base.segment;
  return { threadId, base: { segment, endOrdinalExclusive: cut.endOrdinalExclusive }, items: [], folded: null };
}

/** What the history of a segment tells. Its cost is that of the items that came since it was last asked for. */
function segmentFacts(segment: MemorySegment): MetadataFacts {
  const { threadId, items } = segment;
  const before = segment.folded ?? {
    facts: inheritedFacts(foldFacts(inheritedItems(segment), threadId)),
    items: 0,
  };
  if (segment.folded && before.items === items.length) return before.facts;
  const facts = mergeFacts(before.facts, foldFacts(items.slice(before.items), threadId));
  segment.folded = { facts, items: items.length };
  return facts;
}

/** Where a fork leaves its source. @throws `invalid_request` beyond its end, or another history mode. */
export function forkPoint(source: MemoryThread, p: CreateThreadParams): ForkOrigin {
  if (p.historyMode !== undefined && p.historyMode !== source.historyMode) {
    throw invalidRequest(
      `a fork keeps the history mode of its source: thread ${source.threadId} is ${source.historyMode}`,
    );
  }
  const next = nextRecordOrdinal(source.segment);
  const endOrdinalExclusive = p.fork?.endOrdinalExclusive ?? next;
  if (endOrdinalExclusive > next) {
    throw invalidRequest(`thread ${source.threadId} ends at ordinal ${next}, asked to fork at ${endOrdinalExclusive}`);
  }
  const multiAgentVersion = lastMultiAgentVersion(source.segment, endOrdinalExclusive);
  return {
    threadId: source.threadId,
    endOrdinalExclusive,
    ...(multiAgentVersion === undefined ? {} : { multiAgentVersion }),
  };
}

/** Copies are records of their own: their time is that of the copy, as the real Codex has it. */
export function copyItems(
  source: MemoryThread,
  fork: MemoryThread,
  cut: { readonly endOrdinalExclusive: number; readonly copiedAt: Instant },
): void {
  for (const item of segmentHistory(source.segment)) {
    if (item.ordinal >= cut.endOrdinalExclusive) break;
    const ordinal = nextRecordOrdinal(fork.segment);
    fork.segment.items.push(storedItem({ ordinal, timestamp: cut.copiedAt, json: item.json }));
  }
}

/** Gives a thread a new writer, which fences the one before. */
export function openWriter(thread: MemoryThread): MemoryLease {
  thread.epoch++;
  thread.isLive = true;
  return { threadId: thread.threadId, epoch: thread.epoch, historyMode: thread.historyMode };
}

/** What lists and reads show of a thread. */
export function summaryOf(thread: MemoryThread, parentThreadId: ThreadId | undefined): StoredThread {
  const { threadId, patch, revision, updatedAt, archivedAt } = thread;
  return summarizeThread({
    threadId,
    facts: mergeFacts(thread.bornFacts, segmentFacts(thread.segment)),
    patch,
    revision,
    updatedAt,
    ...(archivedAt === undefined ? {} : { archivedAt }),
    ...(parentThreadId === undefined ? {} : { parentThreadId }),
  });
}

/** What a thread was named by hand before threads had names. */
export function titleOf(thread: MemoryThread): { readonly title?: string } {
  const title = patchedTitle(thread.patch);
  return title === undefined ? {} : { title };
}
