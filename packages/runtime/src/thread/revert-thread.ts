import {
  type HistoryMode,
  type ResponseItem,
  type RolloutItem,
  type StoredTurn,
  type ThreadId,
  type ThreadRecorder,
  type ThreadStore,
  ThreadStoreError,
} from "@threadstore/core";
import { isUserMessage } from "../context/context-items.js";
import { eventItem } from "../turn/turn-items.js";
import { turnsBackTo } from "./turns-back-to.js";

export interface RevertParams {
  readonly threadId: ThreadId;
  readonly historyMode: HistoryMode;
  readonly store: ThreadStore;
  readonly recorder: ThreadRecorder;
  readonly beforeTurnId: string;
  /** Called when the turn was found, before anything is changed. Default: nothing. */
  readonly beforeChange?: () => Promise<void>;
}

/**
 * Lets a live thread go on as if a turn, and what came after it, had not been. A legacy thread, whose items stay where they are, is
 * told that its last turns were rolled back, as Codex 0.128 does.
 *
 * @throws ThreadStoreError `invalid_request` no such turn; `unsupported`; `conflict` Codex's own database has the thread.
 */
export async function revertThread(params: RevertParams): Promise<void> {
  const { recorder, beforeChange } = params;
  // What is refused is refused before anything is changed. A turn that was interrupted has more in it afterwards.
  await revertOf(params);
  await beforeChange?.();
  const revert = await revertOf(params);
  await revert();
  await recorder.flush();
}

/** How the thread is to be changed. */
async function revertOf(params: RevertParams): Promise<() => Promise<void>> {
  const { store, threadId, historyMode, recorder, beforeTurnId: turnId } = params;
  if (historyMode === "legacy") {
    const rollback = await rollbackTo(store, { threadId, turnId });
    return () => recorder.recordItems([rollback]);
  }
  if (!store.capabilities.has("revert")) {
    throw new ThreadStoreError("unsupported", "this store cannot revert a thread", { operation: "revertThread" });
  }
  const { firstOrdinal } = (await turnsBackTo(store, { threadId, turnId, itemsView: "notLoaded" })).at(
    -1,
  ) as StoredTurn;
  return () => store.revertThread({ threadId, endOrdinalExclusive: firstOrdinal });
}

/** A rollback is counted twice, in turns for people and in messages of users for the model: both must come to the same turn. */
async function rollbackTo(
  store: ThreadStore,
  { threadId, turnId }: { readonly threadId: ThreadId; readonly turnId: string },
): Promise<RolloutItem> {
  const turns = await turnsBackTo(store, { threadId, turnId, itemsView: "full" });
  const told = await toldFrom(store, { threadId, from: (turns.at(-1) as StoredTurn).firstOrdinal });
  const isCountedAlike =
    turns.every(({ items }) => items.filter(({ item }) => item.type === "UserMessage").length === 1) &&
    told.filter(({ payload }) => isUserMessage(payload as ResponseItem)).length === turns.length &&
    !told.some(({ type }) => type === "compacted");
  if (isCountedAlike) return eventItem("thread_rolled_back", { num_turns: turns.length });
  const why = "it, or what came after it, has more or less than one message of a user a turn, or a compaction";
  throw new ThreadStoreError("invalid_request", `a legacy thread cannot go back to before that turn: ${why}`);
}

/** What the model was told from an ordinal on. */
async function toldFrom(
  store: ThreadStore,
  range: { readonly threadId: ThreadId; readonly from: number },
): Promise<RolloutItem[]> {
  const told: RolloutItem[] = [];
  for await (const { items } of store.readHistory({ ...range, includeArchived: true })) {
    told.push(...items.map(({ item }) => item).filter(({ type }) => type === "response_item" || type === "compacted"));
  }
  return told;
}
