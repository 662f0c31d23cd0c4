import type { HistoryMode } from "../protocol/history-mode.js";
import { type Instant, instantFromMs } from "../protocol/instant.js";
import { asJsonObject, type JsonObject, objectField, textField } from "../protocol/json-value.js";
import type { RolloutItem } from "../protocol/rollout-item.js";
import { parseThreadId, type ThreadId } from "../protocol/thread-id.js";
import type { TurnItem } from "../protocol/turn-item.js";
import type { StoredTurnError, StoredTurnItem } from "../store/records.js";
import {
  countedItemOf,
  hookPromptFragments,
  LEGACY_ITEM_EVENTS,
  RECORDED_IN_LEGACY,
  reasoningOf,
  toolItemOf,
} from "./legacy-turn-items.js";
import type { FoldedItem } from "./metadata.js";
import type { TurnBook, TurnHeader } from "./turn-book.js";

/** Where a fold of items into turns stands. Plain data: may be stored as JSON and gone on with. */
export interface TurnFoldState {
  readonly threadId: ThreadId;
  readonly historyMode: HistoryMode;
  /** The turn that is open; events that name no turn belong to it. */
  currentTurnId: string | null;
  /** Whether the open turn was started by an event, not by the first thing in it. */
  isExplicit: boolean;
  /** Whether the open turn was opened by a compaction and has nothing else yet. */
  isCompactionOnly: boolean;
  /** The number of the next item of a legacy thread that has no id of its own. Never given twice. */
  nextItemNumber: number;
  /** Where the segment that is being read begins. */
  segmentStart: number;
  /** Items before this ordinal are not of this thread's own, and not shown. */
  hiddenBefore: number;
}

export function newTurnFold(threadId: ThreadId, historyMode: HistoryMode): TurnFoldState {
  return {
    threadId,
    historyMode,
    currentTurnId: null,
    isExplicit: false,
    isCompactionOnly: false,
    nextItemNumber: 1,
    segmentStart: 0,
    hiddenBefore: 0,
  };
}

const TURN_MARKS = [
  "task_started",
  "turn_started",
  "task_complete",
  "turn_complete",
  "turn_aborted",
  "item_completed",
  "error",
];

/** The events that turns are made of; readers may pass over all others without parsing them. */
export const TURN_EVENTS: Readonly<Record<HistoryMode, ReadonlySet<string>>> = {
  paginated: new Set(TURN_MARKS),
  legacy: new Set([...TURN_MARKS, ...LEGACY_ITEM_EVENTS, "thread_rolled_back"]),
};

/** The kinds of items, beside events, that turns are made of. */
export const TURN_KINDS: Readonly<Record<HistoryMode, ReadonlySet<string>>> = {
  paginated: new Set(["session_meta"]),
  legacy: new Set(["session_meta", "compacted", "response_item"]),
};

/** Whether an item can tell anything of turns. */
export function isForTurns({ type, payload }: RolloutItem, historyMode: HistoryMode): boolean {
  if (type !== "event_msg") return TURN_KINDS[historyMode].has(type);
  return TURN_EVENTS[historyMode].has(textField(asJsonObject(payload) ?? {}, "type") ?? "");
}

/** Folds one item of a history into its turns. Items come in replay order, inherited ones first. */
export function foldIntoTurns(state: TurnFoldState, book: TurnBook, item: FoldedItem): void {
  new TurnStep(state, book, item).take();
}

type ItemTimes = Pick<StoredTurnItem, "startedAt" | "completedAt">;

const NO_TIMES: ItemTimes = {};

/** One item on its way into the turns. */
class TurnStep {
  readonly #state: TurnFoldState;
  readonly #book: TurnBook;
  readonly #item: FoldedItem;

  constructor(state: TurnFoldState, book: TurnBook, item: FoldedItem) {
    this.#state = state;
    this.#book = book;
    this.#item = item;
  }

  take(): void {
    const { type, payload } = this.#item.item;
    const fields = asJsonObject(payload);
    if (fields === null || this.#item.ordinal < this.#state.hiddenBefore) return;
    if (type === "event_msg") this.#takeEvent(fields);
    else if (type === "session_meta") this.#takeMeta(fields);
    else if (type === "compacted" && this.#isLegacy) this.#takeCompaction();
    else if (type === "response_item" && this.#isLegacy) this.#takeHookPrompt(fields);
  }

  get #isLegacy(): boolean {
    return this.#state.historyMode === "legacy";
  }

  /** A segment of the thread's own begins. What an attached thread or a sub-agent inherits is not shown as its turns. */
  #takeMeta(meta: JsonObject): void {
    if (parseThreadId(textField(meta, "id") ?? "") !== this.#state.threadId) return;
    this.#state.segmentStart = this.#item.ordinal;
    this.#state.hiddenBefore = ownHistoryStart(meta, this.#item.ordinal);
    this.#book.removeBefore(this.#state.hiddenBefore);
    if (!this.#open()) this.#close();
  }

  #takeEvent(event: JsonObject): void {
    const { type } = event;
    if (type === "task_started" || type === "turn_started") this.#startTurn(event);
    else if (type === "task_complete" || type === "turn_complete") this.#completeTurn(event);
    else if (type === "turn_aborted") this.#abortTurn(event);
    else if (type === "item_completed") this.#completeItem(event);
    else if (type === "error") this.#failTurn(event);
    else if (this.#isLegacy) this.#takeLegacyEvent(event);
  }

  #takeLegacyEvent(event: JsonObject): void {
    const isNewMessage = event.type === "user_message";
    if (isNewMessage && !this.#state.isExplicit && !this.#state.isCompactionOnly) this.#close();
    const counted = countedItemOf(event, itemIdOf(this.#state.nextItemNumber));
    const reasoning = counted ? null : reasoningOf(event);
    if (counted) {
      this.#state.nextItemNumber++;
      this.#putItem(this.#current(), counted);
    } else if (reasoning) this.#addReasoning(reasoning);
    else if (event.type === "thread_rolled_back") this.#rollBack(event);
    else this.#takeTool(event);
  }

  #takeTool(event: JsonObject): void {
    const tool = toolItemOf(event);
    const turn = tool && this.#turnOf(event);
    if (tool && turn) this.#putItem(turn, tool);
  }

  /** A turn whose start is told again while it is open goes on; one that starts again later takes the place of the old one. */
  #startTurn(event: JsonObject): void {
    const turnId = textField(event, "turn_id") ?? this.#implicitTurnId();
    const open = this.#state.currentTurnId === turnId ? this.#open() : undefined;
    if (!open) this.#book.remove(turnId);
    this.#close();
    const rootTurnId = textField(event, "root_turn_id");
    this.#state.currentTurnId = turnId;
    this.#state.isExplicit = true;
    const { ordinal, timestamp } = this.#item;
    const turn: TurnHeader = {
      turnId,
      firstOrdinal: open ? open.firstOrdinal : ordinal,
      endOrdinalExclusive: ordinal + 1,
      status: "inProgress",
      startedAt: secondsOf(event.started_at) ?? timestamp,
    };
    this.#book.put(rootTurnId === undefined ? turn : { ...turn, rootTurnId });
  }

  #completeTurn(event: JsonObject): void {
    const turn = this.#named(event) ?? this.#open();
    if (!turn) return;
    const error = errorOf(objectField(event, "error"));
    const isOver = turn.status === "failed" || turn.status === "interrupted";
    const status = error ? "failed" : isOver ? turn.status : "completed";
    const ended: TurnHeader = { ...turn, status, ...this.#ended(event) };
    this.#end(turn, error ? { ...ended, error } : ended, event);
    if (turn.turnId === this.#state.currentTurnId) this.#close();
  }

  /** An aborted turn stays open for what still belongs to it. */
  #abortTurn(event: JsonObject): void {
    const turn = this.#named(event) ?? this.#open();
    if (!turn) return;
    const error = errorOf(objectField(event, "error"));
    const errors = error ? { error } : {};
    this.#end(turn, { ...turn, status: "interrupted", ...errors, ...this.#ended(event) }, event);
  }

  /**
   * Puts down the end of a turn. One whose beginning was not recorded, or was in another segment, stands where it ended: that
   * is where this thread tells of it first.
   */
  #end(turn: TurnHeader, ended: TurnHeader, event: JsonObject): void {
    const isInherited = turn.firstOrdinal < this.#state.segmentStart && ended.status === "interrupted";
    if (this.#isLegacy || !(turn.startedAt === undefined || isInherited)) {
      this.#put(ended);
      return;
    }
    const startedAt = turn.startedAt ?? secondsOf(event.started_at);
    const rootTurnId = turn.rootTurnId ?? textField(event, "root_turn_id");
    this.#book.moveToEnd({
      ...ended,
      firstOrdinal: this.#item.ordinal,
      endOrdinalExclusive: this.#item.ordinal + 1,
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(rootTurnId === undefined ? {} : { rootTurnId }),
    });
  }

  #failTurn(event: JsonObject): void {
    const turn = this.#open();
    const error = endsTurn(event) ? errorOf(event) : undefined;
    if (turn && error) this.#put({ ...turn, status: "failed", error });
  }

  #completeItem(event: JsonObject): void {
    const item = objectField(event, "item");
    const type = item && textField(item, "type");
    const id = item && textField(item, "id");
    if (!item || !type || !id || (this.#isLegacy && !RECORDED_IN_LEGACY.has(type))) return;
    const turn = this.#turnOf(event);
    if (!turn) return;
    const startedAt = millisecondsOf(event.started_at_ms);
    const completedAt = millisecondsOf(event.completed_at_ms);
    this.#putItem(turn, item as unknown as TurnItem, {
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(completedAt === undefined ? {} : { completedAt }),
    });
  }

  /** The turn an event names, finished or not; the open one when it names none. Of an unknown one nothing is known. */
  #turnOf(event: JsonObject): TurnHeader | undefined {
    const turnId = textField(event, "turn_id");
    if (turnId === undefined) return this.#current();
    const known = this.#book.find(turnId);
    if (known || this.#isLegacy) return known;
    // A writer that left out how the turn began: what it completed is shown all the same.
    this.#book.put(this.#newTurn(turnId, "completed"));
    return this.#book.find(turnId);
  }

  #takeCompaction(): void {
    if (this.#open()) return;
    this.#current();
    this.#state.isCompactionOnly = true;
  }

  #takeHookPrompt(payload: JsonObject): void {
    const fragments = hookPromptFragments(payload);
    if (fragments.length === 0) return;
    const id = textField(payload, "id") ?? this.#nextItemId();
    this.#putItem(this.#current(), { type: "HookPrompt", id, fragments });
  }

  #addReasoning({ field, text }: NonNullable<ReturnType<typeof reasoningOf>>): void {
    const turn = this.#current();
    const last = this.#book.lastItem(turn.turnId);
    if (last?.item.type === "Reasoning") {
      const texts = [...((last.item[field] as readonly string[]) ?? []), text];
      this.#book.reach(turn.turnId, this.#item.ordinal + 1);
      this.#book.putItem({ ...last, item: { ...last.item, [field]: texts } });
      return;
    }
    const empty = { summary_text: [], raw_content: [] };
    this.#putItem(turn, { type: "Reasoning", id: this.#nextItemId(), ...empty, [field]: [text] });
  }

  #rollBack(event: JsonObject): void {
    this.#close();
    this.#book.dropLast(typeof event.num_turns === "number" ? event.num_turns : 0);
  }

  #putItem(turn: TurnHeader, item: TurnItem, times: ItemTimes = NO_TIMES): void {
    const { ordinal, timestamp } = this.#item;
    const createdAt = times.startedAt ?? timestamp;
    const stored = { turnId: turn.turnId, itemId: item.id, ordinal, createdAt, ...times, item };
    this.#book.reach(turn.turnId, ordinal + 1);
    this.#book.putItem(stored);
    if (turn.turnId === this.#state.currentTurnId) this.#state.isCompactionOnly = false;
  }

  #named(event: JsonObject): TurnHeader | undefined {
    const turnId = textField(event, "turn_id");
    return turnId === undefined ? undefined : this.#book.find(turnId);
  }

  #open(): TurnHeader | undefined {
    return this.#state.currentTurnId === null ? undefined : this.#book.find(this.#state.currentTurnId);
  }

  /** The open turn; one is opened when there is none. */
  #current(): TurnHeader {
    const open = this.#open();
    if (open) return open;
    const turn = this.#newTurn(this.#implicitTurnId(), "completed");
    this.#book.put(turn);
    this.#state.currentTurnId = turn.turnId;
    this.#state.isExplicit = false;
    this.#state.isCompactionOnly = false;
    return turn;
  }

  #close(): void {
    this.#state.currentTurnId = null;
    this.#state.isExplicit = false;
    this.#state.isCompactionOnly = false;
  }

  #newTurn(turnId: string, status: TurnHeader["status"]): TurnHeader {
    const { ordinal } = this.#item;
    return { turnId, firstOrdinal: ordinal, endOrdinalExclusive: ordinal + 1, status };
  }

  /** Puts a turn that this item belongs to. */
  #put(turn: TurnHeader): void {
    this.#book.put(turn);
    this.#book.reach(turn.turnId, this.#item.ordinal + 1);
  }

  #ended({ completed_at, duration_ms }: JsonObject): Pick<TurnHeader, "completedAt" | "durationMs"> {
    const completedAt = secondsOf(completed_at) ?? this.#item.timestamp;
    return typeof duration_ms === "number" ? { completedAt, durationMs: duration_ms } : { completedAt };
  }

  #implicitTurnId(): string {
    return `rollout-${this.#item.ordinal}`;
  }

  #nextItemId(): string {
    return itemIdOf(this.#state.nextItemNumber++);
  }
}

/**
 * The ordinal at which what an own session_meta (at `ordinal`) calls the thread's own history begins: an attached thread and a
 * sub-agent do not show what they inherit. 0 when nothing is hidden.
 */
export function ownHistoryStart(meta: JsonObject, ordinal: number): number {
  const { attached_thread, forked_from_ordinal_exclusive, subagent_history_start_ordinal } = meta;
  if (typeof subagent_history_start_ordinal === "number") return subagent_history_start_ordinal;
  if (attached_thread !== true) return 0;
  return typeof forked_from_ordinal_exclusive === "number" ? forked_from_ordinal_exclusive : ordinal;
}

/** Errors about a request that was refused; the turn goes on. */
const ERRORS_BESIDE_TURNS: ReadonlySet<string> = new Set(["thread_rollback_failed", "active_turn_not_steerable"]);

function endsTurn({ codex_error_info: info }: JsonObject): boolean {
  const [name] = typeof info === "string" ? [info] : Object.keys(asJsonObject(info) ?? {});
  return name === undefined || !ERRORS_BESIDE_TURNS.has(name);
}

function errorOf(error: JsonObject | null): StoredTurnError | undefined {
  const message = error && textField(error, "message");
  if (!message) return undefined;
  const details = textField(error, "additional_details");
  const info = error.codex_error_info;
  return {
    message,
    ...(details === undefined ? {} : { additionalDetails: details }),
    ...(info === undefined || info === null ? {} : { codexErrorInfo: info }),
  };
}

/** The id of an item of a legacy thread that has none of its own. */
export function itemIdOf(number: number): string {
  return `item-${number}`;
}

function secondsOf(value: unknown): Instant | undefined {
  return typeof value === "number" ? instantFromMs(value * 1_000) : undefined;
}

function millisecondsOf(value: unknown): Instant | undefined {
  return typeof value === "number" ? instantFromMs(value) : undefined;
}
