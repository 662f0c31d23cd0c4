import type { ResponseItem } from "@threadstore/core";
import { agentMessageOf, functionCallOf, functionOutputOf, reasoningOf } from "../turn/turn-items.js";
import type { AgentEvent } from "./agent.js";

/** What a model is told of an event from then on, as {@link AgentTurn.history} would tell it; null for what it is not told. */
export function responseItemOf(event: AgentEvent): ResponseItem | null {
  switch (event.type) {
    case "message":
      return agentMessageOf(event);
    case "reasoning":
      return reasoningOf(event);
    case "functionCall":
      return functionCallOf(event);
    case "functionOutput":
      return functionOutputOf(event);
    case "item":
      return event.item;
    default:
      return null;
  }
}
