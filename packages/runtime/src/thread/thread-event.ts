import type { ThreadId, TurnItem } from "@threadstore/core";
import type { AgentDelta, WaitingOn } from "../agent/agent.js";
import type { SeenItem, TokenUsage } from "../turn/turn-items.js";
import type { TurnEnd } from "../turn/turn-recorder.js";
import type { TurnSettings } from "../turn/turn-settings.js";

/** Whether a thread works, waits, or cannot be written to. */
export type ThreadStatus =
  | { readonly type: "notLoaded" }
  | { readonly type: "idle" }
  | { readonly type: "active"; readonly waitingOn: readonly WaitingOn[] }
  /** What happened could not be recorded. The next turn tries again. */
  | { readonly type: "systemError"; readonly message: string };

/** What happens in a running thread, in its order. What is told here of items is recorded already, but for deltas. */
export type ThreadEvent =
  | {
      readonly type: "turnStarted";
      readonly turnId: string;
      readonly rootTurnId: string;
      readonly startedAtMs: number;
    }
  | { readonly type: "itemStarted"; readonly turnId: string; readonly item: TurnItem; readonly startedAtMs: number }
  | ({ readonly turnId: string } & AgentDelta)
  | ({ readonly type: "itemCompleted"; readonly turnId: string } & SeenItem)
  | { readonly type: "tokens"; readonly turnId: string; readonly last: TokenUsage; readonly total: TokenUsage }
  | { readonly type: "warning"; readonly turnId: string; readonly message: string }
  /** The end is flushed when it is told. */
  | ({ readonly type: "turnEnded" } & TurnEnd)
  | { readonly type: "statusChanged"; readonly status: ThreadStatus }
  | { readonly type: "settingsChanged"; readonly settings: TurnSettings }
  | { readonly type: "nameChanged"; readonly name: string | null }
  | { readonly type: "reverted"; readonly beforeTurnId: string }
  | { readonly type: "closed"; readonly threadId: ThreadId }
  /** The subscriber was too slow: so many events were left out here. The thread's history has what they told. */
  | LaggedEvent;

export interface LaggedEvent {
  readonly type: "lagged";
  readonly missed: number;
}
