import {
  type Clock,
  type HistoryMode,
  type IdSource,
  type JsonObject,
  type ResponseItem,
  type RolloutItem,
  systemClock,
  systemIds,
  type ThreadRecorder,
  type TurnItem,
} from "@threadstore/core";
import { interruptionItems } from "./interruption.js";
import {
  type AgentMessage,
  addUsage,
  agentItems,
  compactionItems,
  completedItem,
  eventItem,
  type FunctionCall,
  functionCallOf,
  functionOutputOf,
  NO_TOKENS,
  type Reasoning,
  type RecordedItems,
  reasoningItems,
  recordedUsage,
  responseItem,
  type SeenItem,
  seenItem,
  subtractUsage,
  type TokenUsage,
  type TurnPlace,
  type UserInput,
  userItems,
} from "./turn-items.js";
import { settingsAppliedItem, type TurnSettings, turnContextItem } from "./turn-settings.js";

export interface TurnRecorderOptions {
  readonly recorder: ThreadRecorder;
  /** Of the thread: it decides which records show what a person sees. */
  readonly historyMode: HistoryMode;
  readonly settings: TurnSettings;
  /** Whether the settings are told as those of the thread from now on, as Codex does when it opens one. Default false. */
  readonly announcesSettings?: boolean;
  /** Default: a new one. */
  readonly turnId?: string;
  /** The turn of the user that this one is a part of, for sub-agents. Default: this turn. */
  readonly rootTurnId?: string;
  /** Of the thread. Default: its id. */
  readonly sessionId?: string;
  /** Tokens of the thread before this turn. Default: none. */
  readonly usageBefore?: TokenUsage;
  /** Called with each item that a person sees, in both history modes, when it is recorded. */
  readonly onItem?: (seen: SeenItem) => void;
  readonly clock?: Clock;
  readonly ids?: IdSource;
}

/** Why a turn failed. */
export interface TurnFailure {
  readonly message: string;
  /** Codex's own kind of error. Default `other`. */
  readonly codexErrorInfo?: unknown;
}

/** How a turn ended. */
export interface TurnEnd {
  readonly turnId: string;
  readonly status: "completed" | "failed" | "interrupted";
  readonly error?: TurnFailure;
  /** The last thing the agent said; null when it said nothing, or did not come to its end. */
  readonly lastMessage: string | null;
  readonly durationMs: number;
}

/**
 * Records one turn of an agent, line for line what the real Codex records of one, so that it can list, show, resume and continue
 * the thread. Calls are recorded in the order in which they are made. A turn ends with `complete`, `fail` or `interrupt`, which
 * flush the thread.
 *
 * @see docs/recording-turns.md
 */
export class TurnRecorder {
  readonly turnId: string;
  readonly #options: TurnRecorderOptions;
  readonly #clock: Clock;
  readonly #ids: IdSource;
  readonly #usageBefore: TokenUsage;
  readonly #startsMs = new Map<string, number>();
  #startedMs = 0;
  #lastMessage: string | null = null;
  #usage: TokenUsage;
  /** Tokens are counted for a person after the outputs of the tools that an answer called, as Codex does. */
  #owedCount: RolloutItem | undefined;

  constructor(options: TurnRecorderOptions) {
    const { clock = systemClock, ids = systemIds, usageBefore = NO_TOKENS } = options;
    this.#options = options;
    this.#clock = clock;
    this.#ids = ids;
    this.#usageBefore = usageBefore;
    this.#usage = usageBefore;
    this.turnId = options.turnId ?? ids.newId();
  }

  /** Tokens of the thread so far. */
  get usage(): TokenUsage {
    return this.#usage;
  }

  /** When the turn began, in Unix milliseconds. */
  get startedAtMs(): number {
    return this.#startedMs;
  }

  /** Begins the turn with a message of the user; without one, as a turn that only compacts has none, nothing is said. */
  start(input: readonly UserInput[], clientId?: string): Promise<void> {
    const { settings } = this.#options;
    this.#startedMs = this.#clock.nowMs();
    const started = eventItem("task_started", {
      ...this.#turn(),
      started_at: seconds(this.#startedMs),
      model_context_window: settings.contextWindow ?? null,
      collaboration_mode_kind: "default",
    });
    if (input.length === 0) return this.#record({ records: [started] });
    return this.#record(after([started, ...this.#settings()], this.#userItems(input, clientId)));
  }

  /** Adds what the user says while the turn goes on. */
  steer(input: readonly UserInput[], clientId?: string): Promise<void> {
    return this.#record(this.#userItems(input, clientId));
  }

  /** Notes when an item began that a person sees; it is recorded when it is done. Unix milliseconds. */
  beginItem(id: string): number {
    const startedAtMs = this.#startsMs.get(id) ?? this.#clock.nowMs();
    this.#startsMs.set(id, startedAtMs);
    return startedAtMs;
  }

  agentMessage(message: AgentMessage): Promise<void> {
    this.#lastMessage = message.text;
    return this.#record(agentItems(this.#place(), message));
  }

  reasoning(reasoning: Reasoning): Promise<void> {
    return this.#record(reasoningItems(this.#place(), reasoning));
  }

  functionCall(call: FunctionCall): Promise<void> {
    return this.item(functionCallOf(call));
  }

  /** What the function answered; `seen` is how a person is shown it, where a thread keeps that (paginated ones do). */
  functionOutput(answer: {
    readonly callId: string;
    readonly output: string;
    readonly seen?: TurnItem;
  }): Promise<void> {
    return this.#tell(this.#shownItem(functionOutputOf(answer), answer.seen));
  }

  /** Any other item of the model's conversation; `seen` is how a person is shown it, where a thread keeps that. */
  item(item: ResponseItem, seen?: TurnItem): Promise<void> {
    return this.#record(this.#shownItem(item, seen));
  }

  /** What the model is told beside what a user says; nobody is shown it. */
  items(items: readonly ResponseItem[]): Promise<void> {
    return this.#record({ records: items.map(responseItem) });
  }

  /** Counts the tokens of one answer of the model; `responseId` is what its provider calls it. */
  tokens(last: TokenUsage, responseId?: string): Promise<void> {
    this.#usage = addUsage(this.#usage, last);
    const info = {
      total_token_usage: recordedUsage(this.#usage),
      last_token_usage: recordedUsage(last),
      model_context_window: this.#options.settings.contextWindow ?? null,
    };
    const owed = this.#takeOwedCount();
    this.#owedCount = eventItem("token_count", { info, rate_limits: null });
    const record = responseId === undefined ? [] : [this.#usageRecord(last, responseId)];
    return this.#tell({ records: [...owed, ...record] });
  }

  /** From here on the model is told these items instead of all before: `summary` is what they say of it. */
  compact(compaction: {
    readonly summary: string;
    readonly replacementHistory: readonly ResponseItem[];
  }): Promise<void> {
    const { summary, replacementHistory } = compaction;
    const compacted = { type: "compacted", payload: { message: summary, replacement_history: replacementHistory } };
    return this.#record(after([compacted, ...this.#settings()], compactionItems(this.#place(), this.#ids.newId())));
  }

  complete(): Promise<TurnEnd> {
    const times = this.#times();
    const ended = { ...this.#turn(), last_agent_message: this.#lastMessage, ...times };
    return this.#end("completed", [eventItem("task_complete", ended)], times);
  }

  fail(error: TurnFailure): Promise<TurnEnd> {
    const { message, codexErrorInfo = "other" } = error;
    const recorded = { message, codex_error_info: codexErrorInfo };
    const times = this.#times();
    const ended = { ...this.#turn(), last_agent_message: null, error: recorded, ...times };
    return this.#end("failed", [eventItem("task_complete", ended)], { ...times, error });
  }

  interrupt(): Promise<TurnEnd> {
    const times = this.#times();
    return this.#end("interrupted", interruptionItems({ ...this.#turn(), ...times }), times);
  }

  async #end(
    status: TurnEnd["status"],
    items: readonly RolloutItem[],
    { duration_ms: durationMs, error }: { readonly duration_ms: number; readonly error?: TurnFailure },
  ): Promise<TurnEnd> {
    await this.#record({ records: items });
    await this.#options.recorder.flush();
    const lastMessage = status === "completed" ? this.#lastMessage : null;
    return { turnId: this.turnId, status, lastMessage, durationMs, ...(error ? { error } : {}) };
  }

  /** A count that is owed stays owed when what it was to be recorded with is refused. */
  async #record(recorded: RecordedItems): Promise<void> {
    const owed = this.#takeOwedCount();
    try {
      await this.#tell(after(owed, recorded));
    } catch (error) {
      this.#owedCount ??= owed[0];
      throw error;
    }
  }

  async #tell({ records, seen }: RecordedItems): Promise<void> {
    await this.#options.recorder.recordItems(records);
    if (seen) this.#options.onItem?.(seen);
  }

  #shownItem(item: ResponseItem, seen?: TurnItem): RecordedItems {
    if (!seen) return { records: [responseItem(item)] };
    const place = this.#place();
    const shown = seenItem(place, seen);
    const kept = place.historyMode === "paginated" ? [completedItem(place, shown)] : [];
    return { records: [...kept, responseItem(item)], seen: shown };
  }

  #takeOwedCount(): RolloutItem[] {
    const owed = this.#owedCount;
    this.#owedCount = undefined;
    return owed ? [owed] : [];
  }

  #userItems(input: readonly UserInput[], clientId?: string): RecordedItems {
    return userItems(this.#place(), {
      id: this.#ids.newId(),
      input,
      ...(clientId === undefined ? {} : { clientId }),
    });
  }

  #settings(): RolloutItem[] {
    const { recorder, settings, announcesSettings = false } = this.#options;
    const context = turnContextItem(this.#turn(), settings);
    return announcesSettings ? [context, settingsAppliedItem(recorder.threadId, settings)] : [context];
  }

  #usageRecord(last: TokenUsage, responseId: string): RolloutItem {
    const { recorder, sessionId = recorder.threadId } = this.#options;
    const payload = {
      thread_id: recorder.threadId,
      session_id: sessionId,
      ...this.#turn(),
      response_id: responseId,
      usage: recordedUsage(last),
      turn_token_usage: recordedUsage(subtractUsage(this.#usage, this.#usageBefore)),
      thread_token_usage: recordedUsage(this.#usage),
    };
    return { type: "token_usage_record", payload };
  }

  #place(): TurnPlace {
    const { recorder, historyMode } = this.#options;
    const nowMs = this.#clock.nowMs();
    return { threadId: recorder.threadId, turnId: this.turnId, historyMode, nowMs, startsMs: this.#startsMs };
  }

  #turn(): JsonObject {
    return { turn_id: this.turnId, root_turn_id: this.#options.rootTurnId ?? this.turnId };
  }

  #times() {
    const nowMs = this.#clock.nowMs();
    return {
      started_at: seconds(this.#startedMs),
      completed_at: seconds(nowMs),
      duration_ms: Math.max(0, nowMs - this.#startedMs),
    };
  }
}

function after(before: readonly RolloutItem[], { records, ...rest }: RecordedItems): RecordedItems {
  return { records: [...before, ...records], ...rest };
}

function seconds(ms: number): number {
  return Math.floor(ms / 1_000);
}
