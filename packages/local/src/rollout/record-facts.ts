import type { Instant, RolloutRecord, ThreadId } from "@threadstore/core";
import { factsOfItem, type MetadataFacts } from "@threadstore/core/driver";
import { NO_TIME } from "./line-item.js";

/** Where a record stands, and whose rollout it stands in. */
export interface RecordPlace {
  readonly ordinal: number;
  readonly timestamp: Instant;
  readonly threadId: ThreadId;
}

/** The facts of a record of a rollout. One without a time tells nothing about when. */
export function factsOfRecord(record: RolloutRecord, { ordinal, timestamp, threadId }: RecordPlace): MetadataFacts {
  const facts = factsOfItem({ ordinal, timestamp, item: record.item }, threadId);
  if (timestamp !== NO_TIME) return facts;
  const { firstItemAt: _first, lastItemAt: _last, lastTurnStartedAt: _turn, ...timeless } = facts;
  return timeless;
}
