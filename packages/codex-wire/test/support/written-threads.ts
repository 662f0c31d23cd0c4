import {
  type CreateThreadParams,
  type HistoryMode,
  openMemoryThreadStore,
  type RolloutItem,
  type ThreadId,
  type ThreadStore,
} from "@threadstore/core";

export const THREAD_ID: ThreadId = "01900000-0000-7000-8000-000000000001";

const METADATA: CreateThreadParams["metadata"] = {
  cwd: "/project",
  originator: "test",
  cliVersion: "1.0.0",
  source: "cli",
  modelProvider: "provider",
};

/** A store with one thread, in which these items were written. */
export async function storeWith(historyMode: HistoryMode, items: readonly RolloutItem[]): Promise<ThreadStore> {
  const store = openMemoryThreadStore();
  await store.createThread({ threadId: THREAD_ID, historyMode, metadata: METADATA });
  await store.persistThread(THREAD_ID);
  if (items.length > 0) await store.appendItems({ threadId: THREAD_ID, items });
  return store;
}

export function event(type: string, fields: Readonly<Record<string, unknown>> = {}): RolloutItem {
  return { type: "event_msg", payload: { type, ...fields } };
}

export function turnStart(turnId: string): RolloutItem {
  return event("task_started", { turn_id: turnId, started_at: 1_000 });
}

export function turnEnd(turnId: string): RolloutItem {
  return event("task_complete", { turn_id: turnId, completed_at: 1_001 });
}

/** A message of the agent, as paginated threads record it. */
export function itemOf(turnId: string, itemId: string): RolloutItem {
  const item = { type: "AgentMessage", id: itemId, content: [{ type: "Text", text: itemId }] };
  return event("item_completed", { turn_id: turnId, item });
}

export function wholeTurn(turnId: string, itemIds: readonly string[]): RolloutItem[] {
  return [turnStart(turnId), ...itemIds.map((itemId) => itemOf(turnId, itemId)), turnEnd(turnId)];
}
