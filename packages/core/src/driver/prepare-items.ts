import type { PersistencePolicy } from "../protocol/history-mode.js";
import type { AppendedItem, ItemInput, RolloutItem } from "../protocol/rollout-item.js";
import { type RolloutLine, readRolloutLine } from "../protocol/rollout-line.js";
import { applyPersistencePolicy } from "../rules/persistence-policy.js";
import { invalidRequest, resourceExhausted } from "../store/errors.js";
import type { StoreLimits } from "../store/limits.js";

export interface PreparedItems {
  readonly items: readonly ItemInput[];
  readonly dropped: number;
}

/** Checks and serialises what a caller appends, and applies the policy. @throws `invalid_request`, `resource_exhausted`. */
export function prepareItems(
  appended: readonly AppendedItem[],
  policy: PersistencePolicy,
  limits: StoreLimits,
): PreparedItems {
  if (appended.length > limits.appendMaxItems) {
    throw resourceExhausted(`an append takes at most ${limits.appendMaxItems} items, found ${appended.length}`);
  }
  const items: ItemInput[] = [];
  for (const [index, item] of appended.entries()) {
    const line = readItem(item, index);
    const kept = applyPersistencePolicy(line.item, policy);
    if (kept === null) continue;
    const json = kept === line.item ? oneLine(line.json) : JSON.stringify(kept);
    requireLineFits(json, index, limits);
    items.push({ json });
  }
  return { items, dropped: appended.length - items.length };
}

function readItem(item: AppendedItem, index: number): RolloutLine {
  const line = readRolloutLine(textOf(item, index));
  if (line === null) throw invalidRequest(`items[${index}] is not a JSON object with a "type"`);
  return line;
}

function textOf(item: AppendedItem, index: number): string {
  if (typeof item !== "object" || item === null) return "";
  if (isItemInput(item)) return item.json;
  try {
    return JSON.stringify(item) ?? "";
  } catch (cause) {
    throw invalidRequest(`items[${index}] cannot be written as JSON`, cause);
  }
}

function isItemInput(item: AppendedItem): item is ItemInput {
  return typeof (item as ItemInput).json === "string" && (item as RolloutItem).type === undefined;
}

/** A record is one line of well-formed UTF-8. JSON strings hold no raw line breaks, so breaks are only layout. */
function oneLine(json: string): string {
  const line = /[\r\n]/.test(json) ? json.replace(/[\r\n]+/g, " ") : json;
  return isWellFormed(line) ? line : escapeLoneSurrogates(line);
}

const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

function isWellFormed(text: string): boolean {
  return text.search(LONE_SURROGATE) < 0;
}

/** A lone surrogate cannot be written as UTF-8; inside a JSON string its escape says the same. */
function escapeLoneSurrogates(json: string): string {
  return json.replace(LONE_SURROGATE, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);
}

function requireLineFits(json: string, index: number, limits: StoreLimits): void {
  // Three bytes a character is the most UTF-8 needs, so most items are settled without counting.
  if (json.length * 3 <= limits.lineMaxBytes) return;
  const bytes = new TextEncoder().encode(json).length;
  if (bytes <= limits.lineMaxBytes) return;
  throw resourceExhausted(`items[${index}] has ${bytes} bytes; an item has at most ${limits.lineMaxBytes}`);
}
