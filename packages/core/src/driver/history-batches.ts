import type { StoredItem } from "../protocol/rollout-item.js";
import type { HistoryBatch } from "../store/records.js";
import type { HistoryQuery } from "./thread-store-driver.js";

/** Cuts a history that is in memory into the batches a query asks for. The last batch carries the rejected count. */
export function* historyBatches(
  history: { readonly items: readonly StoredItem[]; readonly rejected: number },
  query: Pick<HistoryQuery, "from" | "direction" | "batchBytes">,
): Generator<HistoryBatch> {
  const ordered = inDirection(history.items, query);
  let items: StoredItem[] = [];
  let bytes = 0;
  for (const item of ordered) {
    items.push(item);
    bytes += new TextEncoder().encode(item.json).length;
    if (bytes < query.batchBytes) continue;
    yield { items, rejected: 0 };
    items = [];
    bytes = 0;
  }
  if (items.length > 0 || history.rejected > 0) yield { items, rejected: history.rejected };
}

function inDirection(
  items: readonly StoredItem[],
  { from, direction }: Pick<HistoryQuery, "from" | "direction">,
): readonly StoredItem[] {
  if (direction === "asc") return from === undefined ? items : items.filter((item) => item.ordinal >= from);
  const upTo = from === undefined ? items : items.filter((item) => item.ordinal <= from);
  return [...upTo].reverse();
}
