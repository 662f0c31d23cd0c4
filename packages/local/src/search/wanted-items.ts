import type { IndexDatabase } from "../index/index-database.js";
import type { Lineage } from "../index/lineage.js";
import type { ItemRef, LineRef } from "../turns/item-ref.js";
import type { LineRange } from "./text-document.js";
import { rangesOf } from "./thread-texts.js";

/** Tells of the items of a history which may hold what the text index is asked for, by where their lines lie. */
export function wantedItems(
  index: IndexDatabase,
  { lineage, expression }: { readonly lineage: Lineage; readonly expression: string | null },
): (ref: ItemRef) => boolean {
  const ranges = lineage.parts.map(({ rollout }) => {
    return rangesOf(index, { path: rollout.path, size: Number.POSITIVE_INFINITY, expression });
  });
  const isIn = ({ part, offset }: LineRef) => holds(ranges[part] ?? [], offset);
  return ({ role, lines }) => role !== "reasoning" && lines.some(isIn);
}

/** Whether an offset lies in one of some ranges, which are in order and apart. */
function holds(ranges: readonly LineRange[], offset: number): boolean {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ranges[middle] as LineRange).end <= offset) low = middle + 1;
    else high = middle;
  }
  const range = ranges[low];
  return range !== undefined && range.start <= offset;
}
