import type { HistoryMode, ThreadId } from "@threadstore/core";
import { type MetadataFacts, mergeFacts, NO_FACTS } from "@threadstore/core/driver";
import type { OpenFile } from "../file-system/file-system.js";
import { isHeadComplete, newHead, type RolloutBase, type RolloutHead, scanHead } from "./scan-head.js";
import { type RolloutTail, scanTail } from "./scan-tail.js";

/** What a bounded look at a rollout found out. Plain data, kept in the index. */
export interface RolloutScan {
  /** The id in the first readable session_meta, else in the file's name; null when neither tells. */
  readonly threadId: ThreadId | null;
  readonly hasMeta: boolean;
  readonly historyMode: HistoryMode;
  readonly base?: RolloutBase;
  readonly facts: MetadataFacts;
  /** Whether any line was readable. */
  readonly hasItems: boolean;
  /** The offset after the last closed line that was looked at. */
  readonly readTo: number;
  /** Whether lines between head and tail were not looked at. */
  readonly isPartial: boolean;
  /** What the head told; kept while it is not complete, so that it can be read on when the file grows. */
  readonly openHead?: RolloutHead;
}

/** Bytes before the end that are always looked at; last facts further back leave the scan partial. */
const TAIL_MAX_BYTES = 256 * 1024;

/** Growth up to this size is looked at whole: it keeps threads that are followed from ever becoming partial. */
const GROWTH_MAX_BYTES = 8 * 1024 * 1024;

export interface ScanOptions {
  /** The id in the file's name. */
  readonly nameId: ThreadId | undefined;
  /** Look at every line, however long the file is. */
  readonly isComplete: boolean;
}

/**
 * Looks at the head of a rollout until it knows whose it is and what it begins with, then from the end backwards for the
 * facts that the last line to tell them decides.
 */
export function scanRollout(file: OpenFile, { nameId, isComplete }: ScanOptions): RolloutScan {
  const { size } = file.status();
  const { head, end } = scanHead(file, { start: 0, end: size }, newHead(nameId));
  const tailStart = isComplete ? 0 : Math.max(0, size - TAIL_MAX_BYTES);
  const isPartial = tailStart > end;
  const options = { threadId: head.threadId ?? "", knownOffset: head.metaOffset };
  const tail = scanTail(file, { start: isPartial ? tailStart : 0, end: size }, options);
  // Last facts may also stand in the head of a rollout whose middle is passed over.
  const early = isPartial ? scanTail(file, { start: 0, end }, options).facts : NO_FACTS;
  return scanOf({ head, tail, facts: mergeFacts(mergeFacts(head.facts, early), tail.facts), isPartial, readFrom: 0 });
}

/** Goes on with a scan of a rollout that has a session_meta, after its file grew. */
export function continueScan(file: OpenFile, scan: RolloutScan): RolloutScan {
  const { size } = file.status();
  const range = { start: scan.readTo, end: size };
  const start = Math.max(scan.readTo, size - GROWTH_MAX_BYTES);
  const head = scan.openHead ? scanHead(file, range, scan.openHead).head : undefined;
  const tail: RolloutTail = scan.threadId
    ? scanTail(file, { start, end: size }, { threadId: scan.threadId })
    : { facts: NO_FACTS, readTo: undefined };
  const facts = mergeFacts(head?.facts ?? NO_FACTS, mergeFacts(scan.facts, tail.facts));
  const isPartial = scan.isPartial || start > scan.readTo;
  if (head) return scanOf({ head, tail, facts, isPartial, readFrom: scan.readTo });
  return { ...scan, facts, isPartial, readTo: tail.readTo ?? scan.readTo };
}

interface ScanParts {
  readonly head: RolloutHead;
  readonly tail: RolloutTail;
  readonly facts: MetadataFacts;
  readonly isPartial: boolean;
  /** What `readTo` is when no closed line was seen. */
  readonly readFrom: number;
}

function scanOf({ head, tail, facts, isPartial, readFrom }: ScanParts): RolloutScan {
  return {
    threadId: head.threadId,
    hasMeta: head.metaOffset !== undefined,
    historyMode: head.historyMode,
    ...(head.base ? { base: head.base } : {}),
    facts,
    hasItems: head.hasItems,
    readTo: tail.readTo ?? readFrom,
    isPartial,
    ...(isHeadComplete(head) ? {} : { openHead: head }),
  };
}
