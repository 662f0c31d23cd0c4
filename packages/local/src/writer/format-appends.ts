import { formatRolloutLine, type HistoryMode, type Instant, type ThreadId } from "@threadstore/core";
import { conflict, type DriverAppend, type DriverAppendResult } from "@threadstore/core/driver";
import { type AppendKey, hashBlock, hashItems } from "../journal/append-keys.js";
import type { NewLines, Place } from "./rollout-appender.js";

export interface AppendContext {
  readonly threadId: ThreadId;
  readonly historyMode: HistoryMode;
  readonly rolloutName: string;
  readonly timestamp: Instant;
  readonly place: Place;
  readonly findKey: (key: string) => AppendKey | undefined;
}

/** Appends that are written together, decided one after the other. */
export interface FormattedAppends extends NewLines {
  /** What each append is answered once the lines are written. */
  readonly answers: readonly (DriverAppendResult | Error)[];
  readonly newKeys: readonly AppendKey[];
}

/** Decides appends in turn and formats the lines of those that are accepted. */
export function formatAppends(appends: readonly DriverAppend[], context: AppendContext): FormattedAppends {
  const newKeys = new Map<string, AppendKey>();
  const answers: (DriverAppendResult | Error)[] = [];
  let { ordinal: nextOrdinal, offset } = context.place;
  let lines = "";
  for (const append of appends) {
    const { idempotencyKey: key } = append;
    const known = key === undefined ? undefined : (newKeys.get(key) ?? context.findKey(key));
    const refused = known ? undefined : refusalOf(append, nextOrdinal, context);
    if (known || refused) {
      answers.push(refused ?? answerRepeated(append, known as AppendKey, context));
      continue;
    }
    const firstOrdinal = append.items.length > 0 ? nextOrdinal : null;
    const block = formatBlock(append, nextOrdinal, context);
    nextOrdinal += append.items.length;
    answers.push({ firstOrdinal, nextOrdinal, repeated: false });
    lines += block;
    if (key === undefined) continue;
    offset = context.place.offset + Buffer.byteLength(lines) - Buffer.byteLength(block);
    newKeys.set(
      key,
      newKey(append, { key, block, offset, firstOrdinal, nextOrdinal, rolloutName: context.rolloutName }),
    );
  }
  return { lines, nextOrdinal, answers, newKeys: [...newKeys.values()] };
}

function formatBlock({ items }: DriverAppend, firstOrdinal: number, { historyMode, timestamp }: AppendContext): string {
  const isPaginated = historyMode === "paginated";
  let block = "";
  let ordinal = firstOrdinal;
  for (const { json } of items) {
    block += formatRolloutLine({ timestamp, ordinal: isPaginated ? ordinal : undefined, json });
    ordinal++;
  }
  return block;
}

function refusalOf({ expectedOrdinal }: DriverAppend, nextOrdinal: number, { threadId }: AppendContext) {
  if (expectedOrdinal === undefined || expectedOrdinal === nextOrdinal) return undefined;
  return conflict(`thread ${threadId} is at ordinal ${nextOrdinal}, expected ${expectedOrdinal}`);
}

function answerRepeated({ items }: DriverAppend, known: AppendKey, { threadId }: AppendContext) {
  if (known.itemsHash !== hashItems(items)) {
    return conflict(`thread ${threadId}: the idempotency key was used for other items`);
  }
  return { firstOrdinal: known.firstOrdinal, nextOrdinal: known.nextOrdinal, repeated: true };
}

function newKey(
  { items }: DriverAppend,
  written: Pick<AppendKey, "key" | "firstOrdinal" | "nextOrdinal"> & {
    block: string;
    offset: number;
    rolloutName: string;
  },
): AppendKey {
  const { key, firstOrdinal, nextOrdinal, offset, rolloutName } = written;
  const block = Buffer.from(written.block);
  return {
    type: "key",
    key,
    itemsHash: hashItems(items),
    firstOrdinal,
    nextOrdinal,
    written: { rolloutName, offset, bytes: block.length, hash: hashBlock(block) },
  };
}
