import { formatRolloutLine, type HistoryMode, type Instant, type ThreadId } from "@threadstore/core";
import { conflict, type DriverAppend, type DriverAppendResult } from "@threadstore/core/driver";
import { type AppendKey, hashBlock, hashItems, type TornAppend } from "../journal/append-keys.js";
import type { NewLines, Place } from "./rollout-appender.js";

export interface AppendContext {
  readonly threadId: ThreadId;
  readonly historyMode: HistoryMode;
  readonly rolloutName: string;
  readonly timestamp: Instant;
  readonly place: Place;
  readonly findKey: (key: string) => AppendKey | undefined;
  readonly findTorn: (key: string, items: DriverAppend["items"]) => TornAppend | null;
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
    const torn = key === undefined || known ? null : context.findTorn(key, append.items);
    const refused = known || torn ? undefined : refusalOf(append, nextOrdinal, context);
    if (known || refused) {
      answers.push(refused ?? answerRepeated(append, known as AppendKey, context));
      continue;
    }
    const { itemsThere: itemsBefore } = torn ?? NOTHING_THERE;
    const missing = append.items.slice(itemsBefore);
    const firstOrdinal = torn?.firstOrdinal ?? (missing.length > 0 ? nextOrdinal : null);
    const block = formatBlock(missing, nextOrdinal, context);
    nextOrdinal += missing.length;
    answers.push({ firstOrdinal, nextOrdinal, repeated: torn !== null && missing.length === 0 });
    lines += block;
    if (key === undefined) continue;
    offset = context.place.offset + Buffer.byteLength(lines) - Buffer.byteLength(block);
    const { rolloutName } = context;
    newKeys.set(key, newKey(append, { key, block, offset, firstOrdinal, nextOrdinal, rolloutName, itemsBefore }));
  }
  return { lines, nextOrdinal, answers, newKeys: [...newKeys.values()] };
}

const NOTHING_THERE = { itemsThere: 0 };

function formatBlock(
  items: DriverAppend["items"],
  firstOrdinal: number,
  { historyMode, timestamp }: AppendContext,
): string {
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
    itemsBefore: number;
  },
): AppendKey {
  const { key, firstOrdinal, nextOrdinal, offset, rolloutName, itemsBefore } = written;
  const block = Buffer.from(written.block);
  return {
    type: "key",
    key,
    itemsHash: hashItems(items),
    firstOrdinal,
    nextOrdinal,
    written: {
      rolloutName,
      offset,
      bytes: block.length,
      hash: hashBlock(block),
      ...(itemsBefore > 0 ? { itemsBefore } : {}),
    },
  };
}
