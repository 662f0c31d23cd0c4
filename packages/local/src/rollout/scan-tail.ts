import type { ThreadId } from "@threadstore/core";
import { type MetadataFacts, mergeFacts, NO_FACTS } from "@threadstore/core/driver";
import type { OpenFile } from "../file-system/file-system.js";
import { isBlank, NO_TIME, readRecord, timestampOf } from "./line-item.js";
import { peekLine } from "./line-peek.js";
import { type ByteRange, readLinesBackward } from "./line-reader.js";
import { factsOfRecord } from "./record-facts.js";

/** What the end of a range told: the facts that the last line to tell them decides. */
export interface RolloutTail {
  readonly facts: MetadataFacts;
  /** The offset after the last closed line; undefined when there was none. */
  readonly readTo: number | undefined;
}

/** Whose facts are looked for, and which lines do not count. */
export interface TailOptions {
  readonly threadId: ThreadId;
  /** Where a line stands that is known already. */
  readonly knownOffset?: number | undefined;
  /** Lines from this ordinal on do not count. */
  readonly endOrdinalExclusive?: number;
}

/**
 * The last facts in a range, found from its end backwards: a line is only parsed while it can still tell something that no
 * later line told.
 */
export function scanTail(file: OpenFile, range: ByteRange, options: TailOptions): RolloutTail {
  const { threadId, knownOffset, endOrdinalExclusive = Number.POSITIVE_INFINITY } = options;
  let facts = NO_FACTS;
  let readTo: number | undefined;
  readLinesBackward(file, range, (line) => {
    if (line.isClosed) readTo ??= line.offset + (line.end - line.start) + 1;
    if (isBlank(line) || (line.offset === knownOffset && facts.lastItemAt !== undefined)) return true;
    if (!canStillTell(peekLine(line), facts)) return true;
    const record = readRecord(line);
    if (!record || (record.ordinal ?? 0) >= endOrdinalExclusive) return true;
    const place = { ordinal: record.ordinal ?? 0, timestamp: timestampOf(record, NO_TIME), threadId };
    facts = mergeFacts(lastFactsOf(factsOfRecord(record, place)), facts);
    return true;
  });
  return { facts, readTo };
}

/** First facts that happen to be seen from the end are not the first ones. */
function lastFactsOf(facts: MetadataFacts): MetadataFacts {
  const { firstUserMessage: _message, firstGoal: _goal, contextCwd: _cwd, firstItemAt: _first, ...last } = facts;
  return last;
}

function canStillTell(kind: string, facts: MetadataFacts): boolean {
  switch (kind) {
    case "unknown":
    case "session_meta":
      return true;
    case "task_started":
    case "turn_started":
      return facts.lastTurnStartedAt === undefined;
    case "token_count":
      return facts.tokenUsage === undefined || facts.lastItemAt === undefined;
    case "turn_context":
      return facts.model === undefined || lacksPermissions(facts);
    case "thread_settings_applied":
      return facts.settingsCwd === undefined || facts.model === undefined || lacksPermissions(facts);
    case "thread_name_updated":
      return facts.recordedName === undefined;
    default:
      return facts.lastItemAt === undefined;
  }
}

function lacksPermissions({ approvalMode, sandboxPolicy, permissionProfile }: MetadataFacts): boolean {
  return approvalMode === undefined || sandboxPolicy === undefined || permissionProfile === undefined;
}
