import {
  type Clock,
  type ExpectedRevision,
  type IdSource,
  isThreadStoreError,
  type LiveThread,
  type ResponseItem,
  type StoredThread,
  type ThreadId,
  type ThreadMetadataPatch,
  type ThreadStore,
  ThreadStoreError,
} from "@threadstore/core";
import type { Agent } from "../agent/agent.js";
import { responseItem, type TokenUsage, type UserInput } from "../turn/turn-items.js";
import type { TurnEnd } from "../turn/turn-recorder.js";
import { settingsAppliedItem, type TurnSettings } from "../turn/turn-settings.js";
import { EventChannel } from "./event-channel.js";
import { OperationQueue } from "./operation-queue.js";
import { revertThread } from "./revert-thread.js";
import { settledWithin } from "./settled-within.js";
import type { LaggedEvent, ThreadEvent, ThreadStatus } from "./thread-event.js";
import type { ThreadIdentity, ThreadSnapshot } from "./thread-identity.js";
import type { SteerOp, ThreadOp, UserTurnOp } from "./thread-op.js";
import { ThreadTurns, type TurnToRun } from "./thread-turns.js";

export interface AgentThreadOptions {
  readonly identity: ThreadIdentity;
  readonly store: ThreadStore;
  readonly live: LiveThread;
  readonly agent: Agent;
  readonly settings: TurnSettings;
  readonly usage: TokenUsage;
  /** Whether it was stored before: it may have a turn without an end, and settings are recorded at once. */
  readonly isStored: boolean;
  /** Events that are kept for a subscriber that is slow. */
  readonly eventBufferMaxEvents: number;
  /** How long an agent that was interrupted may take to stop before the thread is closed without it. */
  readonly agentStopMaxMs: number;
  /** Called when a turn has ended. */
  readonly onTurnEnd: (end: TurnEnd) => void;
  /** Called when the thread is closed. */
  readonly onClosed: () => void;
  readonly clock: Clock;
  readonly ids: IdSource;
}

/**
 * One running thread, seen from outside: operations go in, events come out, and what an agent does in between is recorded. Operations
 * are done one after another; a turn goes on in the background.
 *
 * @see docs/agents.md; spec of the real Codex: CodexThread
 */
export class AgentThread {
  readonly threadId: ThreadId;
  readonly #options: AgentThreadOptions;
  readonly #events: EventChannel<ThreadEvent>;
  readonly #queue = new OperationQueue();
  readonly #turns: ThreadTurns;
  #settings: TurnSettings;
  #status: ThreadStatus = { type: "idle" };
  #isStored: boolean;
  /** Whether the settings were not recorded since the thread was opened or they were changed. */
  #owesSettings = true;
  #isClosing = false;

  constructor(options: AgentThreadOptions) {
    const { identity, eventBufferMaxEvents, isStored, settings } = options;
    this.#options = options;
    this.threadId = identity.threadId;
    this.#events = new EventChannel(eventBufferMaxEvents);
    this.#settings = settings;
    this.#isStored = isStored;
    this.#turns = new ThreadTurns({
      ...options,
      mayHaveUnfinished: isStored,
      publish: (event) => this.#events.publish(event),
      onStatus: (status) => this.#setStatus(status),
    });
  }

  get status(): ThreadStatus {
    return this.#status;
  }

  /** How many read its events. */
  get subscribers(): number {
    return this.#events.subscribers;
  }

  /** The store that holds it: that of the manager, or one in memory for an ephemeral thread. */
  get store(): ThreadStore {
    return this.#options.store;
  }

  snapshot(): ThreadSnapshot {
    const { activeTurnId, usage } = this.#turns;
    return {
      ...this.#options.identity,
      status: this.#status,
      settings: this.#settings,
      usage,
      ...(activeTurnId === undefined ? {} : { activeTurnId }),
    };
  }

  /** What happens from now on, for one reader. A reader that is too slow is told how many events it missed. */
  events(): AsyncIterableIterator<ThreadEvent | LaggedEvent, undefined> {
    return this.#events.subscribe();
  }

  /**
   * Asks for something. Resolves with an id when it is done; for a turn, with the id of the turn when it has begun.
   *
   * @throws ThreadStoreError `thread_not_found` it was closed; `conflict` it is closing, or another turn runs; `unsupported` its
   * agent cannot compact, its store cannot revert; `invalid_request` no such turn, an empty input; else as the store.
   */
  async submit(op: ThreadOp): Promise<string> {
    if (op.type === "shutdown") {
      // What was asked for before may wait for the turn that is running.
      this.#turns.stop();
      return this.#answer(this.#queue.run(() => this.#shutdown()));
    }
    this.#mustBeOpen();
    switch (op.type) {
      case "userTurn":
        return this.#enqueue(() => this.#startOrSteer(op));
      case "compact":
        return this.#enqueue(() => this.#compact());
      case "steer":
        return this.#steer(op);
      case "interrupt":
        return this.#answer(this.#interrupt(op.turnId));
      case "revert":
        return this.#answer(this.#enqueue(() => this.#revert(op.beforeTurnId)));
      case "injectItems":
        return this.#answer(this.#enqueue(() => this.#inject(op.items)));
      case "settings":
        return this.#answer(this.#enqueue(() => this.#changeSettings(op.settings)));
      case "name":
        return this.#answer(this.updateMetadata({ name: op.name }));
      default:
        return unknownOp(op);
    }
  }

  /** Runs a turn of the user to its end. While another turn is running, that one is steered. */
  async runTurn(input: string | readonly UserInput[]): Promise<TurnEnd> {
    const parts = typeof input === "string" ? [{ type: "text", text: input } as const] : input;
    this.#mustBeOpen();
    const { end } = await this.#enqueue(async () => {
      await this.#startOrSteer({ type: "userTurn", input: parts });
      return { end: this.#turns.ended as Promise<TurnEnd> };
    });
    return end;
  }

  /** Resolves when no turn is running, with the end of the one that was. */
  async untilIdle(): Promise<TurnEnd | null> {
    return (await this.#turns.ended) ?? null;
  }

  /** Whether an agent that was told to stop still works: what it does is no longer recorded. */
  get isAgentStopping(): boolean {
    return this.#turns.isAgentStopping;
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Resolves when the agent has stopped, which may be after the turn was interrupted, or never. */
  async agentStopped(): Promise<void> {
    await this.#turns.agentStopped();
  }

  /** Sets metadata in the order of what is recorded. @throws ThreadStoreError `invalid_request` it is ephemeral; as the store. */
  async updateMetadata(patch: ThreadMetadataPatch, expected: ExpectedRevision = {}): Promise<StoredThread> {
    this.#mustBeOpen();
    return this.#enqueue(async () => {
      const { live, identity } = this.#options;
      if (identity.isEphemeral) {
        throw invalid(`ephemeral thread does not support metadata updates: ${this.threadId}`);
      }
      const thread = await live.updateMetadata(patch, expected);
      this.#isStored = true;
      if (patch.name !== undefined) this.#events.publish({ type: "nameChanged", name: patch.name });
      return thread;
    });
  }

  async #startOrSteer({ type: _type, settings, rootTurnId, ...message }: UserTurnOp): Promise<string> {
    if (settings) await this.#changeSettings(settings);
    const steered = message.input.length === 0 ? this.#turns.activeTurnId : this.#turns.steer(message);
    if (steered) return steered;
    const { agent } = this.#options;
    const root = rootTurnId === undefined ? {} : { rootTurnId };
    return this.#startTurn({ message, isCompaction: false, work: (turn) => agent.runTurn(turn), ...root });
  }

  async #compact(): Promise<string> {
    const { agent } = this.#options;
    const { compact } = agent;
    if (!compact) throw new ThreadStoreError("unsupported", "this agent cannot compact", { operation: "compact" });
    await this.#turns.interrupt();
    return this.#startTurn({ message: { input: [] }, isCompaction: true, work: (turn) => compact.call(agent, turn) });
  }

  async #startTurn(turn: Omit<TurnToRun, "settings" | "announcesSettings">): Promise<string> {
    const settings = this.#settings;
    const turnId = await this.#turns.start({ ...turn, settings, announcesSettings: this.#owesSettings });
    this.#isStored = true;
    this.#owesSettings = false;
    return turnId;
  }

  #steer({ type: _type, turnId, ...message }: SteerOp): string {
    if (message.input.length === 0) throw invalid("there is nothing to steer with");
    const steered = this.#turns.steer(message, turnId);
    if (steered !== null) return steered;
    throw new ThreadStoreError("conflict", `thread ${this.threadId} runs no turn ${turnId ?? "that can be steered"}`);
  }

  /** Interrupts at once; when no turn is running, the one that was asked for before. */
  #interrupt(turnId?: string): Promise<void> {
    const interrupt = () => this.#turns.interrupt(turnId);
    return this.#turns.activeTurnId === undefined ? this.#enqueue(interrupt) : interrupt();
  }

  async #revert(beforeTurnId: string): Promise<void> {
    const { store, live, identity } = this.#options;
    await revertThread({
      ...identity,
      store,
      recorder: live,
      beforeTurnId,
      beforeChange: async () => {
        await this.#turns.interrupt();
        await this.#turns.endUnfinished();
      },
    });
    this.#events.publish({ type: "reverted", beforeTurnId });
  }

  async #inject(items: readonly ResponseItem[]): Promise<void> {
    if (items.length === 0 || this.#turns.inject(items)) return;
    // A turn that no longer takes anything is ending.
    await this.#turns.ended;
    await this.#turns.endUnfinished();
    await this.#options.live.recordItems(items.map(responseItem));
    this.#isStored = true;
    await this.#options.live.flush();
  }

  /** Settings of a thread that nothing was recorded of yet are told with its first turn. */
  async #changeSettings(change: Partial<TurnSettings>): Promise<void> {
    const settings = { ...this.#settings, ...change };
    if (this.#isStored) {
      await this.#turns.endUnfinished();
      await this.#options.live.recordItems([settingsAppliedItem(this.threadId, settings)]);
      await this.#options.live.flush();
      this.#owesSettings = false;
    }
    this.#settings = settings;
    this.#events.publish({ type: "settingsChanged", settings });
  }

  async #shutdown(): Promise<void> {
    if (this.#status.type === "notLoaded") return;
    this.#isClosing = true;
    try {
      await this.#turns.interrupt();
      await settledWithin(this.agentStopped(), this.#options.agentStopMaxMs);
      await this.#options.live.shutdown();
    } catch (error) {
      // A writer that is gone is closed.
      if (!isThreadStoreError(error, "thread_not_found")) {
        this.#isClosing = false;
        throw error;
      }
    }
    this.#setStatus({ type: "notLoaded" });
    this.#events.publish({ type: "closed", threadId: this.threadId });
    this.#events.close();
    this.#options.onClosed();
  }

  async #answer(work: Promise<unknown>): Promise<string> {
    const id = this.#options.ids.newId();
    await work;
    return id;
  }

  /** Runs an operation after those before it, unless one of them closed the thread. */
  #enqueue<T>(operation: () => Promise<T>): Promise<T> {
    return this.#queue.run(async () => {
      this.#mustBeOpen();
      return operation();
    });
  }

  #mustBeOpen(): void {
    const { threadId } = this;
    if (this.#status.type === "notLoaded") {
      throw new ThreadStoreError("thread_not_found", `thread ${threadId} is not loaded`, { threadId });
    }
    if (this.#isClosing) throw new ThreadStoreError("conflict", `thread ${threadId} is closing`);
  }

  #setStatus(status: ThreadStatus): void {
    this.#status = status;
    this.#events.publish({ type: "statusChanged", status });
  }
}

function invalid(message: string): ThreadStoreError {
  return new ThreadStoreError("invalid_request", message);
}

function unknownOp(op: never): never {
  throw invalid(`there is no operation ${String((op as ThreadOp).type)}`);
}
