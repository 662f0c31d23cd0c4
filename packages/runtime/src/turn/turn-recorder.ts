import {
  type Clock,
  type HistoryMode,
  type IdSource,
  type JsonObject,
  type RolloutItem,
  systemClock,
  systemIds,
  type ThreadRecorder,
} from "@threadstore/core";
import {
  type AgentMessage,
  addUsage,
  agentItems,
  completedItem,
  eventItem,
  type Reasoning,
  reasoningItems,
  recordedUsage,
  responseItem,
  type TokenUsage,
  type TurnPlace,
  type UserInput,
  userItems,
} from "./turn-items.js";

/** The settings a turn runs with; whoever resumes the thread goes on with them. */
export interface TurnSettings {
  readonly cwd: string;
  readonly model: string;
  /** Default `never`. */
  readonly approvalPolicy?: "untrusted" | "on-failure" | "on-request" | "never";
  /** As Codex records it. Default `{"type":"danger-full-access"}`. */
  readonly sandboxPolicy?: JsonObject;
  readonly reasoningEffort?: string;
  /** Tokens that the model takes. */
  readonly contextWindow?: number;
}

export interface TurnRecorderOptions {
  readonly recorder: ThreadRecorder;
  /** Of the thread: it decides which records show what a person sees. */
  readonly historyMode: HistoryMode;
  readonly settings: TurnSettings;
  /** Default: a new one. */
  readonly turnId?: string;
  /** Tokens of the thread before this turn. Default: none. */
  readonly usageBefore?: TokenUsage;
  readonly clock?: Clock;
  readonly ids?: IdSource;
}

/** Why a turn failed. */
export interface TurnFailure {
  readonly message: string;
  /** Codex's own kind of error. Default `other`. */
  readonly codexErrorInfo?: unknown;
}

const NO_TOKENS: TokenUsage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  reasoningOutputTokens: 0,
  totalTokens: 0,
};

/** Tells the model, when the thread goes on, that its last turn did not end by itself. */
const INTERRUPTED_TEXT =
  "<turn_aborted>\nThe user interrupted the turn before. Tools and commands that were running may have done a part of their work.\n</turn_aborted>";

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
  #startedMs = 0;
  #lastMessage: string | null = null;
  #usage: TokenUsage;

  constructor(options: TurnRecorderOptions) {
    const { clock = systemClock, ids = systemIds, usageBefore = NO_TOKENS } = options;
    this.#options = options;
    this.#clock = clock;
    this.#ids = ids;
    this.#usage = usageBefore;
    this.turnId = options.turnId ?? ids.newId();
  }

  /** Tokens of the thread so far. */
  get usage(): TokenUsage {
    return this.#usage;
  }

  /** Begins the turn with a message of the user. */
  start(input: readonly UserInput[]): Promise<void> {
    const { settings } = this.#options;
    this.#startedMs = this.#clock.nowMs();
    const started = eventItem("task_started", {
      ...this.#turn(),
      started_at: seconds(this.#startedMs),
      model_context_window: settings.contextWindow ?? null,
      collaboration_mode_kind: "default",
    });
    return this.#record([started, { type: "turn_context", payload: this.#context() }, ...this.#userItems(input)]);
  }

  /** Adds what the user says while the turn goes on. */
  steer(input: readonly UserInput[]): Promise<void> {
    return this.#record(this.#userItems(input));
  }

  agentMessage(message: AgentMessage): Promise<void> {
    this.#lastMessage = message.text;
    return this.#record(agentItems(this.#place(), message));
  }

  reasoning(reasoning: Reasoning): Promise<void> {
    return this.#record(reasoningItems(this.#place(), reasoning));
  }

  /** The model calls a function. `args` is the JSON text that it gave. */
  functionCall(call: { readonly callId: string; readonly name: string; readonly args: string }): Promise<void> {
    const { callId, name, args } = call;
    return this.#record([responseItem({ type: "function_call", name, arguments: args, call_id: callId })]);
  }

  /** What the function answered; `seen` is how a person is shown it, where a thread keeps that (paginated ones do). */
  functionOutput(answer: {
    readonly callId: string;
    readonly output: string;
    readonly seen?: JsonObject;
  }): Promise<void> {
    const { callId, output, seen } = answer;
    const shown = seen && this.#options.historyMode === "paginated" ? [completedItem(this.#place(), seen)] : [];
    return this.#record([...shown, responseItem({ type: "function_call_output", call_id: callId, output })]);
  }

  /** Counts the tokens of one answer of the model. */
  tokens(last: TokenUsage): Promise<void> {
    this.#usage = addUsage(this.#usage, last);
    const info = {
      total_token_usage: recordedUsage(this.#usage),
      last_token_usage: recordedUsage(last),
      model_context_window: this.#options.settings.contextWindow ?? null,
    };
    return this.#record([eventItem("token_count", { info, rate_limits: null })]);
  }

  complete(): Promise<void> {
    return this.#end([
      eventItem("task_complete", { ...this.#turn(), last_agent_message: this.#lastMessage, ...this.#times() }),
    ]);
  }

  fail({ message, codexErrorInfo = "other" }: TurnFailure): Promise<void> {
    const error = { message, codex_error_info: codexErrorInfo };
    return this.#end([
      eventItem("task_complete", { ...this.#turn(), last_agent_message: null, error, ...this.#times() }),
    ]);
  }

  interrupt(): Promise<void> {
    const content = [{ type: "input_text", text: INTERRUPTED_TEXT }];
    return this.#end([
      responseItem({ type: "message", role: "user", content }),
      eventItem("turn_aborted", { ...this.#turn(), reason: "interrupted", ...this.#times() }),
    ]);
  }

  async #end(items: readonly RolloutItem[]): Promise<void> {
    await this.#record(items);
    await this.#options.recorder.flush();
  }

  #record(items: readonly RolloutItem[]): Promise<void> {
    return this.#options.recorder.recordItems(items);
  }

  #userItems(input: readonly UserInput[]): RolloutItem[] {
    return userItems(this.#place(), { id: this.#ids.newId(), input });
  }

  #place(): TurnPlace {
    const { recorder, historyMode } = this.#options;
    return { threadId: recorder.threadId, turnId: this.turnId, historyMode, nowMs: this.#clock.nowMs() };
  }

  #turn(): JsonObject {
    return { turn_id: this.turnId, root_turn_id: this.turnId };
  }

  #times(): JsonObject {
    const nowMs = this.#clock.nowMs();
    return {
      started_at: seconds(this.#startedMs),
      completed_at: seconds(nowMs),
      duration_ms: Math.max(0, nowMs - this.#startedMs),
    };
  }

  #context(): JsonObject {
    const { cwd, model, approvalPolicy, sandboxPolicy, reasoningEffort } = this.#options.settings;
    return {
      ...this.#turn(),
      cwd,
      approval_policy: approvalPolicy ?? "never",
      sandbox_policy: sandboxPolicy ?? { type: "danger-full-access" },
      model,
      ...(reasoningEffort === undefined ? {} : { effort: reasoningEffort }),
      summary: "auto",
    };
  }
}

function seconds(ms: number): number {
  return Math.floor(ms / 1_000);
}
