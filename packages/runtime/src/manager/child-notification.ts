import type { ResponseItem } from "@threadstore/core";
import { userMessage } from "../context/context-items.js";
import type { ThreadIdentity } from "../thread/thread-identity.js";
import type { TurnEnd } from "../turn/turn-recorder.js";

/** How a model is told, in the words of the real Codex, what became of a sub-agent's turn. */
export function childNotification(child: ThreadIdentity, end: TurnEnd): ResponseItem {
  const told = { agent_path: child.agentPath ?? child.threadId, status: statusOf(end) };
  return userMessage(`<subagent_notification>\n${JSON.stringify(told)}\n</subagent_notification>`);
}

function statusOf({ status, lastMessage, error }: TurnEnd) {
  if (status === "completed") return { completed: lastMessage };
  return status === "failed" ? { errored: error?.message ?? "" } : "interrupted";
}
