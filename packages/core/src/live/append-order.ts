import type { PersistencePolicy } from "../protocol/history-mode.js";
import type { AppendedItem, ItemInput, RolloutItem } from "../protocol/rollout-item.js";
import { readRolloutRecord } from "../protocol/rollout-line.js";
import { applyPersistencePolicy } from "../rules/persistence-policy.js";
import type { AppendResult } from "../store/records.js";

/** An append whose answer is waited for. */
interface Slot {
  isAnswered: boolean;
  items: readonly AppendedItem[];
}

/**
 * Passes on what a store kept of each append, in the order of the history, whatever the order of the answers. An append
 * whose answer was lost is passed on when it is repeated.
 */
export class AppendOrder {
  readonly #policy: PersistencePolicy;
  readonly #observe: (items: readonly RolloutItem[]) => void;
  readonly #slots: Slot[] = [];
  /** The keys of appends that failed: a store may have taken them all the same. */
  readonly #unanswered = new Set<string>();

  constructor(policy: PersistencePolicy, observe: (items: readonly RolloutItem[]) => void) {
    this.#policy = policy;
    this.#observe = observe;
  }

  /** Waits for the answer of an append that was just made. */
  async answerOf(
    call: Promise<AppendResult>,
    { items, key }: { readonly items: readonly AppendedItem[]; readonly key: string | undefined },
  ): Promise<AppendResult> {
    const slot: Slot = { isAnswered: false, items: [] };
    this.#slots.push(slot);
    try {
      const result = await call;
      const isNew = !result.repeated || (key !== undefined && this.#unanswered.delete(key));
      if (isNew && result.firstOrdinal !== null) slot.items = items;
      return result;
    } catch (error) {
      if (key !== undefined) this.#unanswered.add(key);
      throw error;
    } finally {
      slot.isAnswered = true;
      this.#passOn();
    }
  }

  #passOn(): void {
    while (this.#slots[0]?.isAnswered) {
      const { items } = this.#slots.shift() as Slot;
      const kept = items.map(itemOf).filter((item) => applyPersistencePolicy(item, this.#policy) !== null);
      if (kept.length > 0) this.#observe(kept);
    }
  }
}

/** An item as its store accepted it: it is known to be readable. */
function itemOf(appended: AppendedItem): RolloutItem {
  if ("type" in appended) return appended as RolloutItem;
  return readRolloutRecord((appended as ItemInput).json)?.item as RolloutItem;
}
