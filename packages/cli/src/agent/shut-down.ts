import type { AgentSession } from "./agent-options.js";

/** Shuts the threads of a command down. @throws what kept one from closing. */
export async function shutDown({ manager }: AgentSession): Promise<void> {
  const { failed, timedOut } = await manager.shutdownAll();
  const [first] = failed;
  if (first) throw first.error;
  if (timedOut.length > 0) throw new Error(`thread ${timedOut.join(", ")} could not be closed in time`);
}
