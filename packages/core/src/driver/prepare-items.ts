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
  let characters = 0;
  for (const [index, item] of appended.entries()) {
    const line = isItemInput(item) ? readItem(item.json, index) : serializeItem(item, index);
    const kept = applyPersistencePolicy(line.item, policy);
    if (kept === null) continue;
    const json = kept === line.item ? oneLine(line.json) : JSON.stringify(kept);
    requireLineFits(json, index, limits);
    characters += json.length;
    if (characters > limits.appendMaxCharacters) {
      throw resourceExhausted(`an append takes at most ${limits.appendMaxCharacters} characters; split it`);
    }
    items.push({ json });
  }
  return { items, dropped: appended.length - items.length };
}

type PreparedItem = Pick<RolloutLine, "json" | "item">;

function readItem(text: string, index: number): PreparedItem {
  const line = readRolloutLine(text);
  if (line === null) throw invalidRequest(`items[${index}] is not a JSON object with a "type"`);
  return line;
}

/** An item object is serialised once; one that brings an envelope of its own is read like any other text. */
function serializeItem(item: RolloutItem, index: number): PreparedItem {
  const json = stringifyItem(item, index);
  const isPlain =
    typeof item?.type === "string" && !("timestamp" in item) && !("ordinal" in item) && !("toJSON" in item);
  return isPlain && !Array.isArray(item) ? { json, item } : readItem(json, index);
}

function stringifyItem(item: RolloutItem, index: number): string {
  if (typeof item !== "object" || item === null) return "";
  try {
    return JSON.stringify(item) ?? "";
  } catch (cause) {
    throw invalidRequest(`items[${index}] cannot be written as JSON`, cause);
  }
}

function isItemInput(item: AppendedItem): item is ItemInput {
  return typeof (item as ItemInput)?.json === "string" && (item as RolloutItem).type === undefined;
}

/** A record is one line of well-formed UTF-8. JSON strings hold no raw line breaks, so breaks are only layout. */
function oneLine(json: string): string {
  const isOneLine = !json.includes("\n") && !json.includes("\r");
  const line = isOneLine ? json : json.replace(/[\r\n]+/g, " ");
  return line.isWellFormed() ? line : escapeLoneSurrogates(line);
}

const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

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
