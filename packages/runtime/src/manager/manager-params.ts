import type {
  Clock,
  GitInfo,
  HistoryMode,
  IdSource,
  ResponseItem,
  SessionSource,
  ThreadId,
  ThreadStore,
} from "@threadstore/core";
import type { Agent } from "../agent/agent.js";
import type { ThreadIdentity } from "../thread/thread-identity.js";
import type { UserInput } from "../turn/turn-items.js";
import type { TurnSettings } from "../turn/turn-settings.js";

/** Bounds of a manager; each can be set. */
export interface RuntimeLimits {
  /** Events that are kept for a subscriber that is slow. Default 1,024. */
  readonly eventBufferMaxEvents: number;
  /** How long an interrupted agent may take to stop before its thread is closed without it. Default 1,000. */
  readonly agentStopMaxMs: number;
  /** How long `shutdownAll` takes at most. Default 10,000. */
  readonly shutdownMaxMs: number;
  /** How many spawns deep a thread may be. Default 1, as in Codex: sub-agents spawn none. */
  readonly spawnMaxDepth: number;
  /** Sub-agents of one tree that are loaded at the same time. Default 6, as in Codex. */
  readonly spawnMaxAgents: number;
}

export const DEFAULT_RUNTIME_LIMITS: RuntimeLimits = {
  eventBufferMaxEvents: 1_024,
  agentStopMaxMs: 1_000,
  shutdownMaxMs: 10_000,
  spawnMaxDepth: 1,
  spawnMaxAgents: 6,
};

export interface ThreadManagerOptions {
  readonly store: ThreadStore;
  /** What answers in the threads; a function, where that depends on the thread (its role, its provider). */
  readonly agent: Agent | ((thread: ThreadIdentity) => Agent);
  /** What threads run with that are not told otherwise. */
  readonly settings: TurnSettings & { readonly modelProvider: string };
  /** The program that makes the threads, and its version. */
  readonly originator: string;
  readonly version: string;
  /** Who starts threads. Default `exec`. */
  readonly source?: SessionSource;
  readonly limits?: Partial<RuntimeLimits>;
  readonly clock?: Clock;
  readonly ids?: IdSource;
}

export interface StartThreadParams {
  /** Default: a new one. */
  readonly threadId?: ThreadId;
  /** Over those of the manager. */
  readonly settings?: Partial<TurnSettings>;
  /** Default `paginated`. */
  readonly historyMode?: HistoryMode;
  /** Keeps the thread in memory only: it is in no store and no list. Default false. */
  readonly isEphemeral?: boolean;
  /** What the model is told before everything else. */
  readonly instructions?: string;
  readonly gitInfo?: GitInfo;
  /** Default: that of the manager. */
  readonly source?: SessionSource;
  /** A word of the caller for who uses the thread. */
  readonly threadSource?: string;
}

/** What to go on with: a stored thread, by its id or its rollout, or what was said elsewhere, in a new thread. */
export type ResumeThreadParams = ResumeOptions &
  (
    | { readonly threadId: ThreadId; readonly rolloutPath?: string }
    /** Needs a store with capability `paths`. */
    | { readonly rolloutPath: string }
    | ({ readonly responseItems: readonly ResponseItem[] } & StartThreadParams)
  );

interface ResumeOptions {
  /** Over those that the thread last ran with. */
  readonly settings?: Partial<TurnSettings>;
  /** Default false: an archived thread is refused. */
  readonly includeArchived?: boolean;
  /** Takes the thread from its present writer. Default false. */
  readonly takeOver?: boolean;
}

export interface ForkThreadParams extends Omit<StartThreadParams, "historyMode"> {
  /** The thread to fork; it need not be loaded. */
  readonly from: ThreadId;
  /** Where the fork leaves its source. Default: at its end, where a turn that is running is interrupted in the fork. */
  readonly at?: { readonly throughTurnId: string } | { readonly beforeTurnId: string };
  /** The fork holds the items itself and needs its source no more. Default false; ephemeral threads are always copied. */
  readonly byCopy?: boolean;
}

export interface SpawnChildParams {
  /** A loaded thread. */
  readonly parentThreadId: ThreadId;
  /** What the child is to do: its first turn begins at once. */
  readonly input?: readonly UserInput[];
  /** The turn of the user that the child works for. */
  readonly rootTurnId?: string;
  /** Default: one that no other sub-agent of the tree has. */
  readonly nickname?: string;
  readonly role?: string;
  /** Makes the agent path of the child: that of the parent (`/root`), `/`, and this. Small letters, digits, - and _. */
  readonly taskName?: string;
  /** Over those of the parent. */
  readonly settings?: Partial<TurnSettings>;
  /** Default: those of the parent. */
  readonly instructions?: string;
}

/** What happens to the threads of a manager. */
export type ManagerEvent =
  | { readonly type: "created"; readonly threadId: ThreadId; readonly parentThreadId?: ThreadId }
  | { readonly type: "resumed"; readonly threadId: ThreadId }
  | { readonly type: "closed"; readonly threadId: ThreadId };
