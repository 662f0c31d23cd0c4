import type { JsonObject, ThreadId } from "@threadstore/core";

/** A function that the model may call. */
export interface FunctionTool {
  readonly name: string;
  /** Tells the model what it does and when to call it. */
  readonly description: string;
  /** JSON Schema of the arguments: an object. */
  readonly parameters: JsonObject;
  /** Whether the provider holds the model to the schema to the letter. Default false. */
  readonly strict?: boolean;
  /** Whether the approval hook is asked before each call. Default false. */
  readonly needsApproval?: boolean;
  /** Default: that of the agent. */
  readonly timeoutMs?: number;
  /** Answers a call: a text as it is, anything else as JSON. What it throws is told to the model. */
  run(args: JsonObject, call: ToolCall): unknown;
}

/** One call of a tool. */
export interface ToolCall {
  readonly threadId: ThreadId;
  readonly turnId: string;
  /** The turn of the user that the call belongs to; give it to sub-agents. */
  readonly rootTurnId: string;
  readonly callId: string;
  readonly name: string;
  /** Aborted when the turn is interrupted, or the call took too long. */
  readonly signal: AbortSignal;
}

/** Asks whether a call may be made. Anything but `true` declines it; a text is why, and the model is told. */
export type ApprovalHook = (
  call: ToolCall & { readonly args: JsonObject },
) => boolean | string | Promise<boolean | string>;
