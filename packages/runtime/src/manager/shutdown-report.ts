import type { ThreadId } from "@threadstore/core";
import type { AgentThread } from "../thread/agent-thread.js";
import { settledWithin } from "../thread/settled-within.js";

/** What became of the threads that were to be shut down; ids in order. */
export interface ShutdownReport {
  /** Flushed, and their writers closed. */
  readonly completed: readonly ThreadId[];
  /** Not closed; they stay loaded. */
  readonly failed: readonly { readonly threadId: ThreadId; readonly error: unknown }[];
  /** Not done in time; they stay loaded, and may still come to an end. */
  readonly timedOut: readonly ThreadId[];
  /** Closed, but their agents did not heed that they were to stop. What these do is not recorded. */
  readonly stillWorking: readonly ThreadId[];
}

type Fate = { readonly type: "completed" | "timedOut" } | { readonly type: "failed"; readonly error: unknown };

/** Shuts threads down at the same time, and tells after so many milliseconds what became of them. */
export async function shutdownThreads(threads: readonly AgentThread[], maxMs: number): Promise<ShutdownReport> {
  const sorted = [...threads].sort((a, b) => (a.threadId < b.threadId ? -1 : 1));
  const fates = await Promise.all(sorted.map((thread) => fateOf(thread, maxMs)));
  const idsOf = (type: Fate["type"]) =>
    sorted.filter((_, at) => fates[at]?.type === type).map(({ threadId }) => threadId);
  const isWorking = new Set(sorted.filter(({ isAgentStopping }) => isAgentStopping).map(({ threadId }) => threadId));
  return {
    completed: idsOf("completed"),
    failed: sorted.flatMap(({ threadId }, at) => {
      const fate = fates[at];
      return fate?.type === "failed" ? [{ threadId, error: fate.error }] : [];
    }),
    timedOut: idsOf("timedOut"),
    stillWorking: idsOf("completed").filter((id) => isWorking.has(id)),
  };
}

async function fateOf(thread: AgentThread, maxMs: number): Promise<Fate> {
  let fate: Fate = { type: "timedOut" };
  const shutdown = thread.submit({ type: "shutdown" }).then(
    () => {
      fate = { type: "completed" };
    },
    (error: unknown) => {
      fate = { type: "failed", error };
    },
  );
  await settledWithin(shutdown, maxMs);
  return fate;
}
