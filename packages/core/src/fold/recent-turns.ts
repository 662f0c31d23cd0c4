import { asJsonObject, type JsonObject, textField } from "../protocol/json-value.js";
import { parseThreadId, type ThreadId } from "../protocol/thread-id.js";
import type { StoredTurn } from "../store/records.js";
import type { FoldedItem } from "./metadata.js";
import { MemoryTurnBook } from "./turn-book.js";
import { foldIntoTurns, isForTurns, newTurnFold } from "./turns.js";

/**
 * The last turns of a paginated history, folded from its end: items are given newest first until enough is known. The turns
 * are exactly those that a fold of the whole history would end in. (Ids in legacy histories count what came before.)
 */
export class RecentTurns {
  readonly #threadId: ThreadId;
  /** What was given that tells of turns, newest first. */
  readonly #items: FoldedItem[] = [];
  readonly #started = new Set<string>();
  /** Turns that were named and whose start was not met yet. */
  readonly #awaited = new Set<string>();
  #isWhole = false;
  /** Turns stand by their ordinals: where these do not ascend, only the whole history tells which turns are the last. */
  #isInOrder = true;

  constructor(threadId: ThreadId) {
    this.#threadId = threadId;
  }

  /** How many turns were seen to start. */
  get startedTurns(): number {
    return this.#started.size;
  }

  /** Whether nothing before the items given so far can matter. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Takes the item before those taken so far. Returns whether a turn starts with it, which is where `turns` may know more. */
  take(item: FoldedItem): boolean {
    if (this.#isWhole || !isForTurns(item.item, "paginated")) return false;
    const payload = asJsonObject(item.item.payload);
    if (payload === null) return false;
    this.#isInOrder &&= item.ordinal < (this.#items.at(-1)?.ordinal ?? Number.POSITIVE_INFINITY);
    this.#items.push(item);
    if (item.item.type === "session_meta") this.#isWhole = this.#hidesInherited(payload);
    return item.item.type === "event_msg" && this.#takeEvent(payload);
  }

  /** Told that there is nothing before the items given. */
  end(): void {
    this.#isWhole = true;
  }

  /**
   * The last turns, oldest first, as far as they are known for certain; null when that is fewer than `count` and older items
   * could tell. `segmentStart` is the ordinal at which the segment of the oldest item given begins.
   */
  turns({
    count,
    segmentStart,
  }: {
    readonly count: number;
    readonly segmentStart: number;
  }): readonly StoredTurn[] | null {
    const isEnough = this.#isInOrder && this.#awaited.size === 0 && this.#started.size > count;
    if (!this.#isWhole && !isEnough) return null;
    const state = newTurnFold(this.#threadId, "paginated");
    state.segmentStart = segmentStart;
    const book = new MemoryTurnBook();
    const items = this.#isWhole ? this.#items : this.#items.slice(0, this.#lastStart() + 1);
    for (const item of items.toReversed()) foldIntoTurns(state, book, item);
    const turns = [...book.turns()].sort((a, b) => a.firstOrdinal - b.firstOrdinal || (a.turnId < b.turnId ? -1 : 1));
    if (this.#isWhole) return turns;
    // The oldest turn may have been open already when its start was told: where it began is not known.
    const [oldest, ...others] = turns;
    const first = items.at(-1);
    return first && oldest?.firstOrdinal === first.ordinal && others.length >= count ? others : null;
  }

  #takeEvent(event: JsonObject): boolean {
    const turnId = textField(event, "turn_id");
    const isStart = event.type === "task_started" || event.type === "turn_started";
    if (isStart && turnId !== undefined) {
      this.#started.add(turnId);
      this.#awaited.delete(turnId);
    } else if (turnId !== undefined) this.#awaited.add(turnId);
    return isStart;
  }

  /** What an attached thread or a sub-agent inherits is not shown as its turns. */
  #hidesInherited(meta: JsonObject): boolean {
    const isOwn = parseThreadId(textField(meta, "id") ?? "") === this.#threadId;
    return isOwn && (meta.attached_thread === true || typeof meta.subagent_history_start_ordinal === "number");
  }

  #lastStart(): number {
    return this.#items.findLastIndex(({ item }) => {
      const type = asJsonObject(item.payload)?.type;
      return item.type === "event_msg" && (type === "task_started" || type === "turn_started");
    });
  }
}
