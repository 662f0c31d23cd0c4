import type { StoredItem } from "../protocol/rollout-item.js";
import { holdsTerm } from "./find-matches.js";
import { searchableTexts, type TextScope } from "./searchable-texts.js";

/** Where a term stands in the items of a thread. */
interface FoundText {
  readonly text: string;
  readonly ordinal: number;
}

/** What a scan found in a thread. */
export interface ScanResult {
  /** The first text with the term. */
  readonly first: FoundText;
  /** How many different texts have it. What is recorded both for people and for the model counts once. */
  readonly texts: number;
}

/** Looks at every text of some items; null when none has the folded term. What other ways of searching are tested against. */
export function scanItems(
  items: Iterable<Pick<StoredItem, "item" | "ordinal">>,
  { term, scopes }: { readonly term: string; readonly scopes: ReadonlySet<TextScope> },
): ScanResult | null {
  let first: FoundText | undefined;
  const found = new Set<string>();
  for (const { item, ordinal } of items) {
    for (const { scope, text } of searchableTexts(item)) {
      if (!scopes.has(scope) || found.has(text) || !holdsTerm(text, term)) continue;
      found.add(text);
      first ??= { text, ordinal };
    }
  }
  return first ? { first, texts: found.size } : null;
}
