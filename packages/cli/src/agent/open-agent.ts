import { type ThreadStore, ThreadStoreError } from "@threadstore/core";
import { type Agent, echoAgent } from "@threadstore/runtime";
import { threadTools } from "./thread-tools.js";

export type AgentKind = "responses" | "echo";

/** The models of threads that are told none. */
export const DEFAULT_MODELS: Readonly<Record<AgentKind, string>> = { responses: "gpt-5", echo: "echo" };

/** What answers in the threads of a command; with a store, its model may look at the threads there. */
export async function openAgent(kind: AgentKind, store: ThreadStore | null): Promise<Agent> {
  if (kind === "echo") return echoAgent();
  if (!process.env.OPENAI_API_KEY) {
    const wanted = "OPENAI_API_KEY is not set: set it, and OPENAI_BASE_URL for another provider, or try --agent echo";
    throw new ThreadStoreError("invalid_request", wanted);
  }
  // Loading the client takes longer than most commands.
  const { responsesAgent } = await import("@threadstore/responses-agent");
  return responsesAgent({ tools: store ? threadTools(store) : [] });
}
