import { asJsonObject, type JsonObject } from "@threadstore/core";
import type { AgentTurn, FunctionCall, FunctionOutput } from "@threadstore/runtime";
import { boundedOutput } from "./bounded-output.js";
import type { ApprovalHook, FunctionTool, ToolCall } from "./function-tool.js";
import { TimeoutError, withinTime } from "./within-time.js";

export interface ToolRunOptions {
  readonly tools: ReadonlyMap<string, FunctionTool>;
  readonly approve?: ApprovalHook;
  readonly toolTimeoutMs: number;
  readonly outputMaxCharacters: number;
}

/**
 * Answers a call of the model. Whatever goes wrong with it (no such tool, arguments that are no JSON, a refusal, an error, too long
 * a time) is told to the model as the output of a call that failed: it can do better next time.
 */
export async function runToolCall(
  call: FunctionCall,
  turn: AgentTurn,
  options: ToolRunOptions,
): Promise<FunctionOutput> {
  try {
    const output = await answerOf(call, turn, options);
    return { callId: call.callId, output: boundedOutput(textOf(output), options.outputMaxCharacters) };
  } catch (error) {
    const output = boundedOutput(messageOf(error), options.outputMaxCharacters);
    return { callId: call.callId, output, success: false };
  }
}

async function answerOf(call: FunctionCall, turn: AgentTurn, options: ToolRunOptions): Promise<unknown> {
  const tool = options.tools.get(call.name);
  if (!tool) throw new Error(`there is no tool ${call.name}`);
  const args = parsedArgs(call.args);
  const about = callOf(call, turn);
  if (tool.needsApproval) await mustBeApproved({ ...about, args }, turn, options.approve);
  const timeoutMs = tool.timeoutMs ?? options.toolTimeoutMs;
  return withinTime(timeoutMs, turn.signal, (signal) => tool.run(args, { ...about, signal }));
}

function callOf({ callId, name }: FunctionCall, { threadId, turnId, rootTurnId, signal }: AgentTurn): ToolCall {
  return { threadId, turnId, rootTurnId, callId, name, signal };
}

/** A tool that needs approval is never run where nobody can give it. */
async function mustBeApproved(
  call: ToolCall & { readonly args: JsonObject },
  turn: AgentTurn,
  approve: ApprovalHook | undefined,
): Promise<void> {
  const answer = approve ? await answerOfPerson(approve, call, turn) : "nobody can approve it here";
  if (answer === true) return;
  throw new Error(`the call was declined${typeof answer === "string" ? `: ${answer}` : " by the user"}`);
}

/** A person may take as long as the turn goes on. */
function answerOfPerson(
  approve: ApprovalHook,
  call: Parameters<ApprovalHook>[0],
  turn: AgentTurn,
): Promise<boolean | string> {
  return turn.whileWaiting("approval", () => withinTime(null, turn.signal, (signal) => approve({ ...call, signal })));
}

function parsedArgs(args: string): JsonObject {
  let parsed: unknown;
  try {
    parsed = JSON.parse(args === "" ? "{}" : args);
  } catch {
    throw new Error("the arguments are no JSON");
  }
  const object = asJsonObject(parsed);
  if (!object) throw new Error("the arguments are no JSON object");
  return object;
}

function textOf(output: unknown): string {
  return typeof output === "string" ? output : (JSON.stringify(output) ?? "");
}

/** A tool may throw anything, and none of it keeps the other calls from being answered. */
function messageOf(error: unknown): string {
  if (error instanceof Error) return error instanceof TimeoutError ? error.message : `error: ${error.message}`;
  try {
    return `error: ${textOf(error)}`;
  } catch {
    return "error";
  }
}
