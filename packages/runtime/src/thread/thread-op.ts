import type { ResponseItem } from "@threadstore/core";
import type { UserMessage } from "../turn/turn-items.js";
import type { TurnSettings } from "../turn/turn-settings.js";

/** What can be asked of a thread that is running. */
export type ThreadOp =
  | UserTurnOp
  | SteerOp
  /** Ends the turn that is running; resolves when that is recorded. Without one nothing happens. */
  | { readonly type: "interrupt"; readonly turnId?: string }
  /** Interrupts the turn that is running, then lets the agent shorten what the model is told, in a turn of its own. */
  | { readonly type: "compact" }
  /** Lets the thread go on as if this turn, and what came after it, had not been. Interrupts the turn that is running. */
  | { readonly type: "revert"; readonly beforeTurnId: string }
  /** Tells the model more than a user said. While a turn is running its agent takes it, and it is recorded then. */
  | { readonly type: "injectItems"; readonly items: readonly ResponseItem[] }
  /** Changes what the next turns run with. */
  | { readonly type: "settings"; readonly settings: Partial<TurnSettings> }
  | { readonly type: "name"; readonly name: string | null }
  /** Interrupts the turn that is running and closes the thread. */
  | { readonly type: "shutdown" };

/**
 * Begins a turn. While one is running it is steered instead, as the real Codex does: the id is that of the running turn. One that
 * compacts the thread is not steered: the turn begins after it.
 */
export interface UserTurnOp extends UserMessage {
  readonly type: "userTurn";
  /** Settings of this turn and those after it. */
  readonly settings?: Partial<TurnSettings>;
  /** The turn of the user that this one is a part of, for sub-agents. Default: this turn. */
  readonly rootTurnId?: string;
}

/** Adds to the turn that is running. */
export interface SteerOp extends UserMessage {
  readonly type: "steer";
  /** `conflict` when another turn is running. */
  readonly turnId?: string;
}
