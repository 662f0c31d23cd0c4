import { formatRolloutLine, type StoredItem, type ThreadStore } from "@threadstore/core";
import { itemsForCodex } from "./items-for-codex.js";

export interface HistoryRequest {
  readonly threadId: string;
  readonly includeArchived: boolean;
  /** Every item as it is stored, with its time and ordinal, instead of those that the real Codex can read. */
  readonly isWhole: boolean;
}

/** The items of a thread as they are sent: `{"type", "payload"}` each. */
export async function historyItems(store: ThreadStore, request: HistoryRequest): Promise<string[]> {
  const { threadId, includeArchived, isWhole } = request;
  const texts: string[] = [];
  const toTexts = isWhole ? wholeItems : itemsForCodex();
  for await (const { items } of store.readHistory({ threadId, includeArchived })) texts.push(...toTexts(items));
  return texts;
}

function wholeItems(items: readonly StoredItem[]): string[] {
  return items.map(({ timestamp, ordinal, json }) => formatRolloutLine({ timestamp, ordinal, json }).trimEnd());
}
