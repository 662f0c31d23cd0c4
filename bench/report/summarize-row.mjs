import { median } from "../measure/median.mjs";

/**
 * A piece of work as a bench measured it.
 *
 * @typedef {object} MeasuredRow
 * @property {string} work
 * @property {"ms" | "us/item" | "us/call" | "us/turn" | "us/thread" | "an item" | "KB" | "MB" | "files" | "%"} unit
 * @property {readonly number[]} values one a run
 * @property {{ name: string, values: readonly number[] }} [baseline] of the same unit, measured in the same runs
 * @property {number} [target] the most that the median may be
 * @property {number} [mostRatio] the most that the ratio to the baseline may be
 */

/** A measured row with its median, its ratio to the baseline, and whether the target is met. */
export function summarizeRow({ work, unit, values, baseline, target, mostRatio }) {
  const middle = median(values);
  const measured = { work, unit, median: middle, min: Math.min(...values), max: Math.max(...values) };
  return {
    ...measured,
    ...(baseline ? comparison(middle, baseline) : {}),
    ...(target === undefined ? {} : { target, isMet: middle <= target }),
    ...(mostRatio === undefined ? {} : { mostRatio, isMet: middle / median(baseline.values) <= mostRatio }),
    values,
  };
}

function comparison(value, { name, values }) {
  const middle = median(values);
  return { baseline: { name, median: middle }, ratio: value / middle };
}
