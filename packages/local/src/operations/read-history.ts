import { DEFAULT_LIMITS, type HistoryBatch, type StoredItem, type StoredThreadHistory } from "@threadstore/core";
import { type HistoryQuery, unavailable } from "@threadstore/core/driver";
import { type Lineage, type LineagePart, lineageOf } from "../index/lineage.js";
import type { RolloutRow } from "../index/rollout-row.js";
import type { LocalHome } from "../local-home.js";
import { openRollout } from "../rollout/open-rollout.js";
import { type ItemRange, readItems } from "../rollout/read-items.js";
import { readItemsBackward } from "../rollout/read-items-backward.js";
import { locateThread } from "./locate-thread.js";

/** Reads a thread's items in batches, through every rollout that its history runs through. */
export async function* readHistory(context: LocalHome, query: HistoryQuery): AsyncGenerator<HistoryBatch> {
  const { rollout } = await locateThread(context, query);
  const lineage = await context.index.query((index) => lineageOf(index, rollout), { asIs: true });
  yield* readLineage(context, lineage, query);
}

/** Every item of the history that ends in one rollout. */
export async function loadRolloutHistory(context: LocalHome, rollout: RolloutRow): Promise<StoredThreadHistory> {
  const lineage = await context.index.query((index) => lineageOf(index, rollout), { asIs: true });
  const items: StoredItem[] = [];
  const query = { direction: "asc" as const, batchBytes: DEFAULT_LIMITS.historyBatchBytes };
  for (const batch of readLineage(context, lineage, query)) for (const item of batch.items) items.push(item);
  return { threadId: rollout.threadId ?? "", items };
}

type LineageQuery = Pick<HistoryQuery, "from" | "direction" | "batchBytes">;

/** Reads the items of a lineage in batches. */
export function* readLineage(context: LocalHome, lineage: Lineage, query: LineageQuery): Generator<HistoryBatch> {
  const isAscending = query.direction === "asc";
  const parts = isAscending ? lineage.parts : [...lineage.parts].reverse();
  for (const part of parts) {
    const end = part.endOrdinalExclusive ?? Number.POSITIVE_INFINITY;
    const from = query.from;
    const range = isAscending
      ? { from: from ?? 0, end }
      : { from: 0, end: from === undefined ? end : Math.min(end, from + 1) };
    yield* readPart(context, part, { ...range, batchBytes: query.batchBytes, isAscending });
  }
}

function* readPart(
  { files, home }: LocalHome,
  { rollout }: LineagePart,
  { isAscending, ...range }: ItemRange & { readonly batchBytes: number; readonly isAscending: boolean },
): Generator<HistoryBatch> {
  const file = openRollout(files, `${home}/${rollout.path}`);
  if (!file) throw unavailable(`the rollout ${rollout.path} was moved or removed while it was read`);
  try {
    yield* isAscending
      ? readItems(file, rollout.scan.historyMode, range)
      : readItemsBackward(file, rollout.scan.historyMode, range);
  } finally {
    file.close();
  }
}
