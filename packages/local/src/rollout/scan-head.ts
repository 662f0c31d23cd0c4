import {
  asJsonObject,
  type HistoryMode,
  type Instant,
  objectField,
  parseThreadId,
  type RolloutRecord,
  type ThreadId,
  textField,
} from "@threadstore/core";
import { historyModeOf, type MetadataFacts, mergeFacts, NO_FACTS } from "@threadstore/core/driver";
import type { OpenFile } from "../file-system/file-system.js";
import { isBlank, NO_TIME, readRecord, timestampOf } from "./line-item.js";
import { peekLine } from "./line-peek.js";
import { type ByteRange, type LineBytes, readLines } from "./line-reader.js";
import { factsOfRecord } from "./record-facts.js";

/** Where a rollout's inherited prefix lies. */
export interface RolloutBase {
  readonly rolloutId: string;
  readonly endOrdinalExclusive: number;
  readonly endByteOffset?: number;
}

/** What the beginning of a rollout told: whose it is, and the facts that the first line to tell them decides. */
export interface RolloutHead {
  /** The id in the session_meta, else in the file's name; null when neither tells. */
  readonly threadId: ThreadId | null;
  /** Where the session_meta stands; undefined when there is none. */
  readonly metaOffset?: number;
  readonly historyMode: HistoryMode;
  readonly base?: RolloutBase;
  readonly facts: MetadataFacts;
  /** Whether any line was readable. */
  readonly hasItems: boolean;
  /** The ordinal of the next line that lacks one. */
  readonly nextOrdinal: number;
}

/** A head of which nothing was read yet. */
export function newHead(nameId: ThreadId | undefined): RolloutHead {
  return { threadId: nameId ?? null, historyMode: "legacy", facts: NO_FACTS, hasItems: false, nextOrdinal: 0 };
}

/** Whether nothing that follows can change what a head tells. */
export function isHeadComplete({ metaOffset, facts }: RolloutHead): boolean {
  const hasFolder = facts.meta?.cwd !== undefined || facts.contextCwd !== undefined;
  return metaOffset !== undefined && facts.firstUserMessage !== undefined && hasFolder;
}

/** Kinds of lines that may decide a fact by being the first. */
const FIRST_FACT_KINDS: ReadonlySet<string> = new Set([
  "unknown",
  "session_meta",
  "turn_context",
  "user_message",
  "item_completed",
  "thread_goal_updated",
]);

/** Reads on from where a head ended, until it is complete or the range ends. */
export function scanHead(file: OpenFile, range: ByteRange, from: RolloutHead): { head: RolloutHead; end: number } {
  let head = from;
  let before: Instant = from.facts.lastItemAt ?? NO_TIME;
  const end = readLines(file, range, (line) => {
    if (isHeadComplete(head)) return false;
    if (isBlank(line)) return true;
    // Until the session_meta is found every line is parsed: it decides how the others are read.
    const isNeeded = head.metaOffset === undefined || FIRST_FACT_KINDS.has(peekLine(line));
    const record = isNeeded ? readRecord(line) : undefined;
    if (record === null) {
      if (head.historyMode === "legacy") head = { ...head, nextOrdinal: head.nextOrdinal + countOf(line) };
      return true;
    }
    if (record) {
      before = timestampOf(record, before);
      head = withRecord(head, record, { line, timestamp: before });
    } else head = { ...head, hasItems: true, nextOrdinal: head.nextOrdinal + countOf(line) };
    return true;
  });
  return { head, end };
}

/** A last line that is not closed is read again when the file has grown, and counts then. */
function countOf(line: LineBytes): number {
  return line.isClosed ? 1 : 0;
}

function withRecord(
  head: RolloutHead,
  record: RolloutRecord,
  { line, timestamp }: { readonly line: LineBytes; readonly timestamp: Instant },
): RolloutHead {
  const isMeta = record.item.type === "session_meta" && head.metaOffset === undefined;
  const known = isMeta ? { ...head, ...readMeta(record, head.threadId), metaOffset: line.offset } : head;
  const ordinal = (known.historyMode === "paginated" ? record.ordinal : undefined) ?? known.nextOrdinal;
  // Only a session_meta's facts depend on whose rollout it is, and by then that is known.
  const facts = factsOfRecord(record, { ordinal, timestamp, threadId: known.threadId ?? "" });
  return { ...known, facts: mergeFacts(known.facts, facts), hasItems: true, nextOrdinal: ordinal + countOf(line) };
}

function readMeta(
  record: RolloutRecord,
  nameId: ThreadId | null,
): Pick<RolloutHead, "threadId" | "historyMode" | "base"> {
  const fields = asJsonObject(record.item.payload) ?? {};
  const base = readBase(fields);
  return {
    threadId: parseThreadId(textField(fields, "id") ?? "") ?? nameId,
    historyMode: historyModeOf(fields.history_mode),
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
