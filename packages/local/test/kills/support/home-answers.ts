import { isThreadStoreError, type ThreadStore } from "@threadstore/core";

/** Everything that a store answers about a home, as text that can be compared. A call that fails is an answer too. */
export async function answersOf(store: ThreadStore, threadIds: readonly string[]): Promise<Record<string, string>> {
  const calls: Record<string, () => Promise<unknown>> = {
    active: () => store.listThreads({ sources: "all", pageSize: 1_000 }),
    archived: () => store.listThreads({ sources: "all", archived: true, sortKey: "updatedAt" }),
    searched: () => store.listThreads({ sources: "all", searchTerm: "naïve", sortKey: "recencyAt" }),
    named: () => store.findThreadByName({ name: "the name", sources: "all" }),
  };
  for (const threadId of threadIds) {
    const asked = { threadId, includeArchived: true };
    calls[`thread ${threadId}`] = () => store.readThread(asked);
    calls[`history ${threadId}`] = async () => (await store.loadHistory(asked)).items.map(({ json }) => json);
    calls[`turns ${threadId}`] = () => store.listTurns({ ...asked, itemsView: "full", sortDirection: "asc" });
    calls[`items ${threadId}`] = () => store.listItems(asked);
    calls[`edges ${threadId}`] = () => store.listThreadSpawnEdges({ threadId });
  }
  const answers: Record<string, string> = {};
  for (const [name, call] of Object.entries(calls)) answers[name] = await answerOf(call);
  return answers;
}

async function answerOf(call: () => Promise<unknown>): Promise<string> {
  try {
    return JSON.stringify(await call());
  } catch (error) {
    if (!isThreadStoreError(error)) throw error;
    return `${error.code}: ${error.message} (${(error.cause as Error | undefined)?.message ?? "no cause"})`;
  }
}

/** The calls that were not answered as they must be, each with what it answered. */
export function wrongAnswers(
  answers: Readonly<Record<string, string>>,
  expected: Readonly<Record<string, string>>,
): string[] {
  const wrong = Object.keys(expected).filter((name) => answers[name] !== expected[name]);
  return wrong.map((name) => `${name}: ${answers[name]?.slice(0, 200)}`);
}
