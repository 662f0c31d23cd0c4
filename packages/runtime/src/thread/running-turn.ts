import type {
  Clock,
  HistoryMode,
  IdSource,
  ResponseItem,
  ThreadId,
  ThreadRecorder,
  ThreadStore,
  TurnItem,
} from "@threadstore/core";
import type { AgentDelta, AgentEvent, AgentTurn, FunctionOutput, WaitingOn } from "../agent/agent.js";
import { isAgentFailure } from "../agent/agent-failure.js";
import { loadModelContext } from "../context/model-context.js";
import {
  type FunctionCall,
  type SeenItem,
  type TokenUsage,
  type UserInput,
  type UserMessage,
  userMessageOf,
} from "../turn/turn-items.js";
import { type TurnEnd, type TurnFailure, TurnRecorder } from "../turn/turn-recorder.js";
import type { TurnSettings } from "../turn/turn-settings.js";
import { type AgentOutcome, AgentRun } from "./agent-run.js";
import type { ThreadEvent } from "./thread-event.js";
import { completedToolItem, startedToolItem } from "./tool-items.js";

export interface RunningTurnOptions {
  readonly threadId: ThreadId;
  readonly sessionId: string;
  readonly historyMode: HistoryMode;
  readonly store: ThreadStore;
  readonly recorder: ThreadRecorder;
  readonly message: UserMessage;
  /** A turn that compacts the thread takes nothing that is said. */
  readonly isCompaction: boolean;
  readonly work: (turn: AgentTurn) => AsyncIterable<AgentEvent>;
  readonly settings: TurnSettings;
  readonly announcesSettings: boolean;
  readonly instructions?: string;
  readonly rootTurnId?: string;
  readonly usageBefore: TokenUsage;
  readonly publish: (event: ThreadEvent) => void;
  readonly onWaiting: (waitingOn: readonly WaitingOn[]) => void;
  readonly clock: Clock;
  readonly ids: IdSource;
}

/** What was said while a turn goes on: it is recorded when its agent takes it, so never between a call and its output. */
type PendingInput =
  | ({ readonly type: "said" } & UserMessage)
  | { readonly type: "injected"; readonly items: readonly ResponseItem[] };

/** A turn that an agent works on: what the agent does is recorded, then told. */
export class RunningTurn {
  readonly turnId: string;
  readonly rootTurnId: string;
  readonly #options: RunningTurnOptions;
  readonly #recorder: TurnRecorder;
  readonly #stopper = new AbortController();
  readonly #waitingOn: WaitingOn[] = [];
  readonly #calls = new Map<string, FunctionCall>();
  readonly #begunItems = new Set<string>();
  #pending: PendingInput[] = [];
  #isOpen = true;
  #run: AgentRun | undefined;

  constructor(options: RunningTurnOptions) {
    const { rootTurnId, publish } = options;
    const onItem = (seen: SeenItem) => publish({ type: "itemCompleted", turnId: this.turnId, ...seen });
    this.#options = options;
    this.turnId = options.ids.newId();
    this.#recorder = new TurnRecorder({ ...options, turnId: this.turnId, onItem });
    this.rootTurnId = rootTurnId ?? this.turnId;
  }

  get usage(): TokenUsage {
    return this.#recorder.usage;
  }

  /** Records the beginning. */
  async start(): Promise<void> {
    const { turnId, rootTurnId } = this;
    const { message, publish } = this.#options;
    const started = this.#recorder.start(message.input, message.clientId);
    publish({ type: "turnStarted", turnId, rootTurnId, startedAtMs: this.#recorder.startedAtMs });
    await started;
  }

  /** Lets the agent work and records the end. Rejects when something cannot be recorded. */
  async run(): Promise<TurnEnd> {
    try {
      const outcome = await this.#runAgent();
      return await this.#recordEnd(outcome);
    } finally {
      this.#isOpen = false;
      this.#stopper.abort();
    }
  }

  /** Adds what the user says. Whether the turn takes it: one that compacts the thread does not, nor one that is ending. */
  steer(message: UserMessage): boolean {
    return !this.#options.isCompaction && this.#add({ ...message, type: "said" });
  }

  /** Adds what the model is told. Whether the turn takes it: one that is ending does not. */
  inject(items: readonly ResponseItem[]): boolean {
    return this.#add({ type: "injected", items });
  }

  interrupt(): void {
    this.#stopper.abort();
  }

  /** Resolves when the agent has stopped, which may be after the turn was interrupted. */
  async agentStopped(): Promise<void> {
    await this.#run?.stop();
  }

  #add(pending: PendingInput): boolean {
    if (this.#isOpen) this.#pending.push(pending);
    return this.#isOpen;
  }

  /** The agent is run again with what was said and not taken: nothing that a user says is lost. */
  async #runAgent(): Promise<AgentOutcome> {
    let { input } = this.#options.message;
    for (;;) {
      const turn = this.#turnOf(input);
      const outcome = await this.#pass(() => this.#options.work(turn));
      const said = this.#pending.flatMap((pending) => (pending.type === "said" ? pending.input : []));
      // What is said after this moment begins a turn of its own.
      if (outcome.type !== "done" || said.length === 0) this.#isOpen = false;
      if (!this.#isOpen) return outcome;
      try {
        await this.#takePending();
      } catch (error) {
        return { type: "failed", error };
      }
      input = said;
    }
  }

  async #pass(begin: () => AsyncIterable<AgentEvent>): Promise<AgentOutcome> {
    this.#run = new AgentRun(begin, this.#stopper.signal);
    for (;;) {
      const step = await this.#run.next();
      if (step.type !== "event") return step;
      try {
        await this.#take(step.event);
      } catch (error) {
        // An item that the store refuses is the failure of its turn; one that cannot be recorded either is the thread's.
        return { type: "failed", error };
      }
    }
  }

  async #recordEnd(outcome: AgentOutcome): Promise<TurnEnd> {
    this.#isOpen = false;
    const last = await this.#takeAllPending(outcome);
    if (last.type === "done") return this.#recorder.complete();
    if (last.type === "failed") return this.#recorder.fail(failureOf(last.error));
    return this.#recorder.interrupt();
  }

  #turnOf(input: readonly UserInput[]): AgentTurn {
    const { threadId, settings, instructions, store } = this.#options;
    return {
      threadId,
      turnId: this.turnId,
      rootTurnId: this.rootTurnId,
      settings,
      ...(instructions === undefined ? {} : { instructions }),
      input,
      usage: this.usage,
      signal: this.#stopper.signal,
      history: async () => (await loadModelContext(store, { threadId, includeArchived: true })).items,
      takeInput: async () => (this.#isOpen && !this.#stopper.signal.aborted ? this.#takePending() : []),
      whileWaiting: (on, work) => this.#whileWaiting(on, work),
    };
  }

  /** What a store refuses of it is the failure of the turn. */
  async #takeAllPending(outcome: AgentOutcome): Promise<AgentOutcome> {
    let last = outcome;
    while (this.#pending.length > 0) {
      try {
        await this.#takePending();
      } catch (error) {
        last = { type: "failed", error };
      }
    }
    return last;
  }

  async #takePending(): Promise<ResponseItem[]> {
    const items: ResponseItem[] = [];
    // What is said while this is recorded is taken another time; what one record fails to take stays.
    for (let left = this.#pending.length; left > 0; left -= 1) {
      const pending = this.#pending.shift();
      if (!pending) break;
      items.push(...(await this.#record(pending)));
    }
    return items;
  }

  async #record(pending: PendingInput): Promise<readonly ResponseItem[]> {
    if (pending.type === "said") {
      await this.#recorder.steer(pending.input, pending.clientId);
      return [userMessageOf(pending.input)];
    }
    await this.#recorder.items(pending.items);
    return pending.items;
  }

  async #whileWaiting<T>(on: WaitingOn, work: () => Promise<T>): Promise<T> {
    this.#waitingOn.push(on);
    this.#tellWaiting();
    try {
      return await work();
    } finally {
      this.#waitingOn.splice(this.#waitingOn.indexOf(on), 1);
      this.#tellWaiting();
    }
  }

  /** What an agent waits for after its turn was interrupted is nobody's concern. */
  #tellWaiting(): void {
    const isRunning = this.#isOpen && !this.#stopper.signal.aborted;
    if (isRunning) this.#options.onWaiting([...new Set(this.#waitingOn)]);
  }

  async #take(event: AgentEvent): Promise<void> {
    const { publish } = this.#options;
    const { turnId } = this;
    switch (event.type) {
      case "messageDelta":
      case "reasoningDelta":
        this.#beginItem(event);
        return publish({ turnId, ...event });
      case "message":
        return this.#recorder.agentMessage(event);
      case "reasoning":
        return this.#recorder.reasoning(event);
      case "functionCall":
        this.#calls.set(event.callId, event);
        await this.#recorder.functionCall(event);
        return this.#tellStart(startedToolItem(event));
      case "functionOutput":
        return this.#recorder.functionOutput({ callId: event.callId, output: event.output, ...this.#seenOf(event) });
      case "item":
        return this.#recorder.item(event.item, event.seen);
      case "tokens":
        await this.#recorder.tokens(event.usage, event.responseId);
        return publish({ type: "tokens", turnId, last: event.usage, total: this.usage });
      case "compaction":
        return this.#recorder.compact(event);
      case "warning":
        return publish({ type: "warning", turnId, message: event.message });
      default:
        return assertNever(event);
    }
  }

  /** A text that is said in parts has begun with the first of them. */
  #beginItem({ id, type }: AgentDelta): void {
    if (this.#begunItems.has(id)) return;
    this.#begunItems.add(id);
    const item =
      type === "messageDelta"
        ? { type: "AgentMessage", id, content: [] }
        : { type: "Reasoning", id, summary_text: [], raw_content: [] };
    this.#tellStart(item);
  }

  #tellStart(item: TurnItem): void {
    const startedAtMs = this.#recorder.beginItem(item.id);
    this.#options.publish({ type: "itemStarted", turnId: this.turnId, item, startedAtMs });
  }

  #seenOf(output: FunctionOutput): { readonly seen?: TurnItem } {
    const call = this.#calls.get(output.callId);
    this.#calls.delete(output.callId);
    if (output.seen) return { seen: output.seen };
    return output.seen === null || !call ? {} : { seen: completedToolItem(call, output) };
  }
}

function failureOf(error: unknown): TurnFailure {
  const message = error instanceof Error ? error.message : String(error);
  return isAgentFailure(error) ? { message, codexErrorInfo: error.codexErrorInfo } : { message };
}

function assertNever(event: never): never {
  throw new TypeError(`an agent yielded an event of no known type: ${String((event as AgentEvent).type)}`);
}
