import {
  asJsonObject,
  type HistoryMode,
  type Instant,
  instantFromMs,
  objectField,
  parseThreadId,
  type RolloutRecord,
  type ThreadId,
  textField,
} from "@threadstore/core";
import { factsOfItem, type MetadataFacts, mergeFacts, NO_FACTS } from "@threadstore/core/driver";
import type { OpenFile } from "../file-system/file-system.js";
import { isBlank, readRecord, timestampOf } from "./line-item.js";
import { peekLine } from "./line-peek.js";
import { readLines, readLinesBackward } from "./line-reader.js";

/** Where a rollout's inherited prefix lies. */
interface RolloutBase {
  readonly rolloutId: string;
  readonly endOrdinalExclusive: number;
  readonly endByteOffset?: number;
}

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
}

/** Bytes before the end that are always looked at; last facts further back leave the scan partial. */
const TAIL_MAX_BYTES = 256 * 1024;

/** What stands in for a missing timestamp on the very first line. */
const NO_TIME: Instant = instantFromMs(0);

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
export function scanRollout(file: OpenFile, options: ScanOptions): RolloutScan {
  const { size } = file.status();
  const head = scanHead(file, size, options.nameId);
  const tailStart = options.isComplete ? 0 : Math.max(0, size - TAIL_MAX_BYTES);
  const isPartial = tailStart > head.end;
  const owner = { threadId: head.threadId, knownOffset: head.metaOffset };
  const tail = scanTail(file, { start: isPartial ? tailStart : 0, end: size }, owner);
  const early = isPartial ? scanTail(file, { start: 0, end: head.end }, owner).facts : NO_FACTS;
  return {
    threadId: head.threadId,
    hasMeta: head.metaOffset !== undefined,
    historyMode: head.historyMode,
    ...(head.base ? { base: head.base } : {}),
    facts: mergeFacts(mergeFacts(head.facts, early), tail.facts),
    hasItems: head.hasItems,
    readTo: tail.readTo ?? head.end,
    isPartial,
  };
}

/** Goes on with a scan after its file grew. */
export function continueScan(file: OpenFile, scan: RolloutScan): RolloutScan {
  const { size } = file.status();
  const start = Math.max(scan.readTo, size - Math.max(TAIL_MAX_BYTES, MIDDLE_READ_BYTES));
  const needsFirst = scan.facts.firstUserMessage === undefined;
  const facts = needsFirst
    ? scanForward(file, { start: scan.readTo, end: size }, scan.threadId)
    : scanTail(file, { start, end: size }, { threadId: scan.threadId });
  return {
    ...scan,
    facts: mergeFacts(scan.facts, facts.facts),
    hasItems: scan.hasItems || facts.facts !== NO_FACTS,
    readTo: facts.readTo ?? scan.readTo,
    isPartial: scan.isPartial || (!needsFirst && start > scan.readTo),
  };
}

/** Growth up to this size is looked at whole: it keeps threads that are followed from ever becoming partial. */
const MIDDLE_READ_BYTES = 8 * 1024 * 1024;

/** What the beginning of a rollout told: whose it is, and the facts that are decided by the first line to tell them. */
interface Head {
  readonly threadId: ThreadId | null;
  /** Where the session_meta stands; undefined when there is none. */
  readonly metaOffset: number | undefined;
  readonly historyMode: HistoryMode;
  readonly base?: RolloutBase;
  readonly facts: MetadataFacts;
  readonly hasItems: boolean;
  readonly end: number;
}

function scanHead(file: OpenFile, size: number, nameId: ThreadId | undefined): Head {
  let head: Omit<Head, "end"> = {
    threadId: nameId ?? null,
    metaOffset: undefined,
    historyMode: "legacy",
    facts: NO_FACTS,
    hasItems: false,
  };
  let index = 0;
  let before = NO_TIME;
  const end = readLines(file, { start: 0, end: size }, (line) => {
    if (head.metaOffset !== undefined && head.facts.firstUserMessage) return false;
    if (isBlank(line)) return true;
    // Until the session_meta is found every line is parsed: it decides how the others are read.
    const isNeeded = head.metaOffset === undefined || FIRST_FACT_KINDS.has(peekLine(line.buffer, line.start, line.end));
    const record = isNeeded ? readRecord(line) : undefined;
    if (record === null) return true;
    if (record) {
      before = timestampOf(record, before);
      const isMeta = record.item.type === "session_meta" && head.metaOffset === undefined;
      if (isMeta) head = { ...head, ...readMeta(record, head.threadId), metaOffset: line.offset };
      const { threadId } = head;
      const place = threadId && { ordinal: record.ordinal ?? index, timestamp: before, threadId };
      if (place) head = { ...head, facts: mergeFacts(head.facts, factsOfRecord(record, place)) };
    }
    head = head.hasItems ? head : { ...head, hasItems: true };
    index++;
    return true;
  });
  return { ...head, end };
}

/** Kinds of lines that may decide a fact by being the first; last facts are looked for from the end. */
const FIRST_FACT_KINDS: ReadonlySet<string> = new Set([
  "unknown",
  "session_meta",
  "turn_context",
  "user_message",
  "item_completed",
  "thread_goal_updated",
]);

function readMeta(record: RolloutRecord, nameId: ThreadId | null): Pick<Head, "threadId" | "historyMode" | "base"> {
  const fields = asJsonObject(record.item.payload) ?? {};
  const base = readBase(fields);
  return {
    threadId: parseThreadId(textField(fields, "id") ?? "") ?? nameId,
    historyMode: fields.history_mode === "paginated" ? "paginated" : "legacy",
    ...(base ? { base } : {}),
  };
}

function readBase(meta: Readonly<Record<string, unknown>>): RolloutBase | undefined {
  const base = objectField(meta, "history_base");
  const rolloutId = base && parseThreadId(textField(base, "thread_id") ?? "");
  const endOrdinalExclusive = base?.end_ordinal_exclusive;
  if (!rolloutId || typeof endOrdinalExclusive !== "number") return undefined;
  const endByteOffset = base?.end_byte_offset;
  return { rolloutId, endOrdinalExclusive, ...(typeof endByteOffset === "number" ? { endByteOffset } : {}) };
}

interface Tail {
  readonly facts: MetadataFacts;
  /** Undefined when no closed line was seen. */
  readonly readTo: number | undefined;
}

/** Whose facts are looked for, and the ordinal from which on lines do not count. */
interface TailOwner {
  readonly threadId: ThreadId | null;
  /** Where a line stands that is known already. */
  readonly knownOffset?: number | undefined;
  readonly endOrdinalExclusive?: number;
}

/**
 * The last facts in a range, found from its end backwards: a line is only parsed while it can still tell something that
 * no later line told.
 */
export function scanTail(
  file: OpenFile,
  range: { readonly start: number; readonly end: number },
  { threadId, knownOffset, endOrdinalExclusive = Number.POSITIVE_INFINITY }: TailOwner,
): Tail {
  let facts = NO_FACTS;
  let readTo: number | undefined;
  if (!threadId) return { facts, readTo };
  readLinesBackward(file, range, (line) => {
    if (line.isClosed) readTo ??= line.offset + (line.end - line.start) + 1;
    if (line.offset === knownOffset || isBlank(line)) return true;
    if (!canStillTell(peekLine(line.buffer, line.start, line.end), facts)) return true;
    const record = readRecord(line);
    if (!record || (record.ordinal ?? 0) >= endOrdinalExclusive) return true;
    const place = { ordinal: record.ordinal ?? UNCOUNTED, timestamp: timestampOf(record, NO_TIME), threadId };
    facts = mergeFacts(factsOfRecord(record, place), facts);
    return true;
  });
  return { facts, readTo };
}

function canStillTell(kind: string, facts: MetadataFacts): boolean {
  switch (kind) {
    case "other":
      return facts.lastItemAt === undefined;
    case "task_started":
    case "turn_started":
      return facts.lastTurnStartedAt === undefined;
    case "token_count":
      return facts.tokenUsage === undefined;
    case "turn_context":
      return facts.model === undefined || facts.sandboxPolicy === undefined;
    case "thread_settings_applied":
      return facts.settingsCwd === undefined || facts.model === undefined;
    case "thread_name_updated":
      return facts.recordedName === undefined;
    case "item_completed":
    case "user_message":
    case "thread_goal_updated":
      return facts.lastItemAt === undefined;
    default:
      return true;
  }
}

/** Every fact in a range, in order: for ranges that may hold the first user message. */
function scanForward(file: OpenFile, range: { start: number; end: number }, threadId: ThreadId | null): Tail {
  let facts = NO_FACTS;
  let readTo: number | undefined;
  if (!threadId) return { facts, readTo };
  let before = NO_TIME;
  readLines(file, range, (line) => {
    if (line.isClosed) readTo = line.offset + (line.end - line.start) + 1;
    if (isBlank(line) || peekLine(line.buffer, line.start, line.end) === "other") return true;
    const record = readRecord(line);
    if (!record) return true;
    before = timestampOf(record, before);
    const place = { ordinal: record.ordinal ?? UNCOUNTED, timestamp: before, threadId };
    facts = mergeFacts(facts, factsOfRecord(record, place));
    return true;
  });
  return { facts, readTo };
}

/** The ordinal of a legacy line whose place was not counted: after every one that was. */
const UNCOUNTED = Number.MAX_SAFE_INTEGER;

interface RecordPlace {
  readonly ordinal: number;
  readonly timestamp: Instant;
  readonly threadId: ThreadId;
}

function factsOfRecord(record: RolloutRecord, { ordinal, timestamp, threadId }: RecordPlace): MetadataFacts {
  const facts = factsOfItem({ ordinal, timestamp, item: record.item }, threadId);
  if (timestamp !== NO_TIME) return facts;
  // A record without a time tells nothing about when.
  const { firstItemAt: _first, lastItemAt: _last, lastTurnStartedAt: _turn, ...timeless } = facts;
  return timeless;
}
