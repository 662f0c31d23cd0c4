import { asJsonObject, type JsonObject, textField } from "../protocol/json-value.js";
import { parseThreadId, type ThreadId } from "../protocol/thread-id.js";
import type { StoredTurn } from "../store/records.js";
import type { FoldedItem } from "./metadata.js";
import { MemoryTurnBook } from "./turn-book.js";
import { foldIntoTurns, isForTurns, newTurnFold, ownHistoryStart } from "./turns.js";

/** In place of the id of a turn that an event does not name. */
const NAMELESS = Symbol("nameless");

/**
 * The last turns of a paginated history, folded from its end: items are given newest first until enough is known. The turns
 * are exactly those that a fold of the whole history would end in. (Ids in legacy histories count what came before.)
 */
export class RecentTurns {
  readonly #threadId: ThreadId;
  readonly #hiddenBefore: number;
  /** What was given that tells of turns, newest first. */
  readonly #items: FoldedItem[] = [];
  readonly #started = new Set<string>();
  /** Turns that were named and whose start was not met yet. */
  readonly #awaited = new Set<string>();
  readonly #aborted = new Set<string | typeof NAMELESS>();
  #isWhole = false;
  /** Whether ordinals ascend and session_metas agree; otherwise only the whole history tells which turns are the last. */
  #isRegular = true;

  /** `hiddenBefore` is where the last session_meta of the thread says that its own history begins (see `ownHistoryStart`). */
  constructor(threadId: ThreadId, hiddenBefore = 0) {
    this.#threadId = threadId;
    this.#hiddenBefore = hiddenBefore;
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
    this.#isRegular &&= item.ordinal < (this.#items.at(-1)?.ordinal ?? Number.POSITIVE_INFINITY);
    this.#items.push(item);
    if (item.item.type === "session_meta") this.#takeMeta(payload, item.ordinal);
    this.#isWhole = this.#isRegular && this.#hiddenBefore > 0 && item.ordinal <= this.#hiddenBefore;
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
    const isEnough = this.#isRegular && this.#awaited.size === 0 && this.#started.size > count;
    if (!this.#isWhole && !isEnough) return null;
    const items = this.#isWhole ? this.#items : this.#items.slice(0, this.#lastStart() + 1);
    const turns = this.#fold(items, segmentStart);
    if (this.#isWhole) return turns;
    // The oldest turn may have been open already when its start was told: where it began is not known.
    const [oldest, ...others] = turns;
    const isKnown = oldest !== undefined && oldest.firstOrdinal === items.at(-1)?.ordinal;
    return isKnown && !this.#mayMove(oldest, segmentStart) && others.length >= count ? others : null;
  }

  /** In the order in which lists show them. */
  #fold(items: readonly FoldedItem[], segmentStart: number): StoredTurn[] {
    const state = newTurnFold(this.#threadId, "paginated");
    state.segmentStart = segmentStart;
    state.hiddenBefore = this.#isRegular ? this.#hiddenBefore : 0;
    const book = new MemoryTurnBook();
    for (const item of items.toReversed()) foldIntoTurns(state, book, item);
    return [...book.turns()].sort((a, b) => a.firstOrdinal - b.firstOrdinal || (a.turnId < b.turnId ? -1 : 1));
  }

  /** Whether a turn would stand elsewhere, had it begun in an older segment: inherited ones stand where they are interrupted. */
  #mayMove({ turnId }: StoredTurn, segmentStart: number): boolean {
    return segmentStart > 0 && (this.#aborted.has(turnId) || this.#aborted.has(NAMELESS));
  }

  #takeEvent(event: JsonObject): boolean {
    const turnId = textField(event, "turn_id");
    const isStart = event.type === "task_started" || event.type === "turn_started";
    if (event.type === "turn_aborted") this.#aborted.add(turnId ?? NAMELESS);
    if (turnId === undefined) return isStart;
    if (!isStart) this.#awaited.add(turnId);
    else {
      this.#started.add(turnId);
      this.#awaited.delete(turnId);
    }
    return isStart;
  }

  #takeMeta(meta: JsonObject, ordinal: number): void {
    if (parseThreadId(textField(meta, "id") ?? "") !== this.#threadId) return;
    this.#isRegular &&= ownHistoryStart(meta, ordinal) === this.#hiddenBefore;
  }

  #lastStart(): number {
    return this.#items.findLastIndex(({ item }) => {
      const type = asJsonObject(item.payload)?.type;
      return item.type === "event_msg" && (type === "task_started" || type === "turn_started");
    });
  }
}
