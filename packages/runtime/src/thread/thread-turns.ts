import {
  type Clock,
  type IdSource,
  type LiveThread,
  type ResponseItem,
  type ThreadStore,
  ThreadStoreError,
} from "@threadstore/core";
import type { Agent, WaitingOn } from "../agent/agent.js";
import { abortedItem, findUnfinishedTurn } from "../turn/interruption.js";
import type { TokenUsage, UserMessage } from "../turn/turn-items.js";
import type { TurnEnd } from "../turn/turn-recorder.js";
import type { TurnSettings } from "../turn/turn-settings.js";
import { RunningTurn } from "./running-turn.js";
import type { ThreadEvent, ThreadStatus } from "./thread-event.js";
import type { ThreadIdentity } from "./thread-identity.js";

export interface ThreadTurnsOptions {
  readonly identity: ThreadIdentity;
  readonly store: ThreadStore;
  readonly live: LiveThread;
  /** Tokens of the thread so far. */
  readonly usage: TokenUsage;
  /** Whether a process that died may have left a turn without an end. */
  readonly mayHaveUnfinished: boolean;
  readonly publish: (event: ThreadEvent) => void;
  readonly onStatus: (status: ThreadStatus) => void;
  readonly onTurnEnd: (end: TurnEnd) => void;
  readonly clock: Clock;
  readonly ids: IdSource;
}

/** A turn that is to begin. */
export interface TurnToRun {
  readonly message: UserMessage;
  /** A turn that compacts the thread takes nothing that is said. */
  readonly isCompaction: boolean;
  readonly work: Agent["runTurn"];
  readonly settings: TurnSettings;
  readonly announcesSettings: boolean;
  readonly rootTurnId?: string;
}

/** The turns of a running thread: one at a time. Its callers begin them one after another; an end may come at any time. */
export class ThreadTurns {
  readonly #options: ThreadTurnsOptions;
  #turn: RunningTurn | undefined;
  #ended: Promise<TurnEnd> | undefined;
  #usage: TokenUsage;
  #mayHaveUnfinished: boolean;
  /** Agents that were told to stop and have not yet. */
  readonly #stopping = new Set<Promise<void>>();

  constructor(options: ThreadTurnsOptions) {
    this.#options = options;
    this.#usage = options.usage;
    this.#mayHaveUnfinished = options.mayHaveUnfinished;
  }

  get activeTurnId(): string | undefined {
    return this.#turn?.turnId;
  }

  get usage(): TokenUsage {
    return this.#turn?.usage ?? this.#usage;
  }

  /** The end of the turn that is running, or of the last one. Never rejects. */
  get ended(): Promise<TurnEnd> | undefined {
    return this.#ended;
  }

  get isAgentStopping(): boolean {
    return this.#stopping.size > 0;
  }

  async agentStopped(): Promise<void> {
    await Promise.all(this.#stopping);
  }

  /** Begins a turn, after the end of one that no longer takes what is said. Rejects when it cannot be recorded. */
  async start(toRun: TurnToRun): Promise<string> {
    await this.#ended;
    await this.endUnfinished();
    const turn = this.#newTurn(toRun);
    this.#turn = turn;
    this.#options.onStatus({ type: "active", waitingOn: [] });
    const started = turn.start();
    this.#ended = this.#finish(turn, started);
    await started;
    return turn.turnId;
  }

  /** Adds what the user says to the turn that is running; null when none takes it. */
  steer(message: UserMessage, turnId = this.#turn?.turnId): string | null {
    const turn = this.#turn;
    return turn && turn.turnId === turnId && turn.steer(message) ? turn.turnId : null;
  }

  /** Adds what the model is told to the turn that is running. Whether it takes it. */
  inject(items: readonly ResponseItem[]): boolean {
    return this.#turn?.inject(items) ?? false;
  }

  /** Tells the agent of the turn that is running to stop. */
  stop(): void {
    this.#turn?.interrupt();
  }

  /** Ends the turn that is running; resolves when that is recorded. @throws ThreadStoreError `conflict` it is another one. */
  async interrupt(turnId = this.#turn?.turnId): Promise<void> {
    const turn = this.#turn;
    if (!turn) return;
    if (turn.turnId !== turnId) {
      throw new ThreadStoreError("conflict", `turn ${turn.turnId} is running, not ${turnId}`);
    }
    turn.interrupt();
    await this.#ended;
  }

  /** Ends, before anything else is recorded, the turn that a process left behind which died. */
  async endUnfinished(): Promise<void> {
    if (!this.#mayHaveUnfinished) return;
    const { store, live } = this.#options;
    const left = await findUnfinishedTurn(store, { threadId: live.threadId, includeArchived: true });
    if (left) await live.recordItems([abortedItem({ turn_id: left.turnId, root_turn_id: left.rootTurnId })]);
    this.#mayHaveUnfinished = false;
  }

  #newTurn({ rootTurnId, ...toRun }: TurnToRun): RunningTurn {
    const { identity, store, live, publish, clock, ids, onStatus } = this.#options;
    const { threadId, sessionId, historyMode, instructions } = identity;
    return new RunningTurn({
      threadId,
      sessionId,
      historyMode,
      ...(instructions === undefined ? {} : { instructions }),
      store,
      recorder: live,
      ...toRun,
      ...(rootTurnId === undefined ? {} : { rootTurnId }),
      usageBefore: this.#usage,
      publish,
      onWaiting: (waitingOn: readonly WaitingOn[]) => onStatus({ type: "active", waitingOn }),
      clock,
      ids,
    });
  }

  async #finish(turn: RunningTurn, started: Promise<void>): Promise<TurnEnd> {
    const { publish, onStatus, onTurnEnd } = this.#options;
    let end: TurnEnd;
    try {
      await started;
      end = await turn.run();
      this.#leave(turn);
      onStatus({ type: "idle" });
    } catch (error) {
      end = this.#failed(error, turn);
    }
    publish({ type: "turnEnded", ...end });
    onTurnEnd(end);
    return end;
  }

  /** What happened could not be recorded: the thread stays open, and its next turn tries again. */
  #failed(error: unknown, turn: RunningTurn): TurnEnd {
    const message = error instanceof Error ? error.message : String(error);
    this.#leave(turn);
    this.#mayHaveUnfinished = true;
    this.#options.onStatus({ type: "systemError", message });
    return { turnId: turn.turnId, status: "failed", error: { message }, lastMessage: null, durationMs: 0 };
  }

  #leave(turn: RunningTurn): void {
    this.#usage = turn.usage;
    this.#turn = undefined;
    const stopping = turn.agentStopped().finally(() => this.#stopping.delete(stopping));
    this.#stopping.add(stopping);
  }
}
