import {
  type HistoryMode,
  type ListThreadsParams,
  newThreadId,
  type ThreadId,
  type ThreadStore,
} from "@threadstore/core";
import type { CodexHome } from "./codex-home.js";
import { makeTurnItems } from "./recorded-turn.js";

export interface OurThreadParams {
  readonly home: CodexHome;
  readonly historyMode: HistoryMode;
  readonly texts: readonly string[];
}

/** What every thread of ours in these tests is born with; the provider is the only one that the home knows. */
export function birthIn(home: CodexHome) {
  return {
    cwd: home.workspace,
    originator: "threadstore_interop",
    cliVersion: "0.0.0",
    source: "vscode",
    modelProvider: "fake",
    model: "fake-model",
    baseInstructions: { text: "You are a demo agent." },
  } as const;
}

/** A thread that our store writes, with one turn for each text, and closes. */
export async function makeOurThread(
  store: ThreadStore,
  { home, historyMode, texts }: OurThreadParams,
): Promise<ThreadId> {
  const threadId = newThreadId();
  await store.createThread({ threadId, historyMode, metadata: birthIn(home) });
  for (const text of texts) await appendTurn(store, { threadId, historyMode, home, text });
  await store.shutdownThread(threadId);
  return threadId;
}

export interface OurTurnParams {
  readonly threadId: ThreadId;
  readonly historyMode: HistoryMode;
  readonly home: CodexHome;
  readonly text: string;
}

/** Appends a turn to a live thread of ours, item by item as an agent does. */
export async function appendTurn(store: ThreadStore, { home, ...turn }: OurTurnParams): Promise<void> {
  await store.appendItems({ threadId: turn.threadId, items: makeTurnItems({ ...turn, cwd: home.workspace }) });
}

/** Opens a stored thread, appends a turn, and closes it. */
export async function resumeForTurn(store: ThreadStore, turn: OurTurnParams): Promise<void> {
  await store.resumeThread({ threadId: turn.threadId });
  await appendTurn(store, turn);
  await store.shutdownThread(turn.threadId);
}

/** All threads of our store in its default order. */
export async function listOurIds(store: ThreadStore, params: ListThreadsParams = {}): Promise<ThreadId[]> {
  const { data } = await store.listThreads({ pageSize: 100, ...params });
  return data.map(({ threadId }) => threadId);
}
