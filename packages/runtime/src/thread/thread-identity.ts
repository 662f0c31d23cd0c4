import type { HistoryMode, ThreadId } from "@threadstore/core";
import type { TokenUsage } from "../turn/turn-items.js";
import type { TurnSettings } from "../turn/turn-settings.js";
import type { ThreadStatus } from "./thread-event.js";

/** What does not change about a running thread. */
export interface ThreadIdentity {
  readonly threadId: ThreadId;
  /** The root of the tree of sub-agents that it belongs to; its own id for a root. */
  readonly sessionId: string;
  readonly historyMode: HistoryMode;
  /** Kept in memory only: it is gone when it is closed. */
  readonly isEphemeral: boolean;
  readonly modelProvider: string;
  readonly forkedFromId?: ThreadId;
  readonly parentThreadId?: ThreadId;
  /** How many spawns deep it is; 0 for a root. */
  readonly depth: number;
  readonly agentNickname?: string;
  readonly agentRole?: string;
  readonly agentPath?: string;
  /** What its model is told before everything else. */
  readonly instructions?: string;
}

/** A running thread as it is at this moment. */
export interface ThreadSnapshot extends ThreadIdentity {
  readonly status: ThreadStatus;
  readonly settings: TurnSettings;
  readonly usage: TokenUsage;
  readonly activeTurnId?: string;
}
