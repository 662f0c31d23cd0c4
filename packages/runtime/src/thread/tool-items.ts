import type { JsonObject, TurnItem } from "@threadstore/core";
import type { FunctionOutput } from "../agent/agent.js";
import type { FunctionCall } from "../turn/turn-items.js";

/** How a person is shown a call of a tool that was not answered yet. */
export function startedToolItem({ callId, name, args }: FunctionCall): TurnItem {
  return { type: "DynamicToolCall", id: callId, tool: name, arguments: parsedArgs(args), status: "in_progress" };
}

/** How a person is shown a call of a tool with its answer, as the real Codex shows the tools of its clients. */
export function completedToolItem(call: FunctionCall, { output, success = true }: FunctionOutput): TurnItem {
  const status = success ? "completed" : "failed";
  return { ...startedToolItem(call), status, content_items: [{ type: "inputText", text: output }], success };
}

/** What the model gave; a text that is not JSON is shown as it is. */
function parsedArgs(args: string): JsonObject | string {
  try {
    return JSON.parse(args) as JsonObject;
  } catch {
    return args;
  }
}
