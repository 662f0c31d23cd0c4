import {
  isThreadStoreError,
  LiveThread,
  type StoredItem,
  systemClock,
  systemIds,
  type ThreadId,
  type ThreadStore,
  ThreadStoreError,
} from "@threadstore/core";
import { isDeepEqualData, type UIMessage } from "ai";
import { birthMetadata, type ChatOptions } from "./chat-options.js";
import { inTurn } from "./save-queue.js";
import { foldMessages, type StoredMessage } from "./stored/message-fold.js";
import { messageRecords } from "./stored/message-records.js";
import { MessageScribe } from "./turn/message-scribe.js";
import { openTurnOf } from "./turn/open-turn.js";

export interface SaveMessagesParams extends ChatOptions {
  /** The thread, which is made when it is not there. */
  readonly threadId: ThreadId;
  /** All messages of the chat, the oldest first. */
  readonly messages: readonly UIMessage[];
}

/**
 * Saves the messages of a chat: what is stored already stays, what is new is appended. From the first message on that is another
 * one than the stored one, or is there no more, the thread is reverted first. Saves of one thread in a store follow one another.
 *
 * @throws ThreadStoreError `conflict` another writer has the thread, or a message that others recorded would be lost;
 * `unsupported`, `invalid_request` a message changed and the store, or a legacy thread, cannot be reverted: nothing is saved.
 * @see docs/ai-sdk.md
 */
export async function saveMessages(store: ThreadStore, params: SaveMessagesParams): Promise<void> {
  // As they are now: a chat changes its messages while an answer comes in.
  const messages = JSON.parse(JSON.stringify(params.messages)) as UIMessage[];
  await inTurn(store, params.threadId, async () => {
    const history = await loadHistory(store, params.threadId);
    const stored = foldMessages(history ?? []);
    if (stored.length === messages.length && sameCount(stored, messages) === messages.length) return;
    const live = await openThread(store, params, history !== null);
    try {
      await writeMessages(store, { ...params, messages }, live);
      await live.shutdown();
    } catch (error) {
      // What failed first is told, also when this fails too.
      await live.discard().catch(() => undefined);
      throw error;
    }
  });
}

/** Writes to a thread that is open: only now nobody else does. */
async function writeMessages(store: ThreadStore, params: SaveMessagesParams, live: LiveThread): Promise<void> {
  const { threadId, messages } = params;
  const history = (await loadHistory(store, threadId)) ?? [];
  const stored = foldMessages(history);
  const kept = sameCount(stored, messages);
  const cut = cutBefore(stored.slice(kept), threadId);
  if (cut !== null) await store.revertThread({ threadId, endOrdinalExclusive: cut });
  const left = history.filter(({ ordinal }) => cut === null || ordinal < cut);
  const scribe = await openScribe(store, params, left);
  const records = [];
  for (const message of messages.slice(kept)) records.push(...messageRecords(message, await scribe.record(message)));
  await live.append(records);
}

async function openScribe(
  store: ThreadStore,
  params: SaveMessagesParams,
  history: readonly StoredItem[],
): Promise<MessageScribe> {
  const { threadId, clock = systemClock, ids = systemIds, model = "unknown", historyMode = "paginated" } = params;
  const thread = history.length > 0 ? await store.readThread({ threadId }) : null;
  const settings = { cwd: thread?.cwd ?? birthMetadata(params).cwd ?? "/", model };
  const options = { threadId, historyMode: thread?.historyMode ?? historyMode, settings, clock, ids };
  return new MessageScribe(options, openTurnOf(history));
}

/** How many messages are stored as they are, from the first one on. */
function sameCount(stored: readonly StoredMessage[], messages: readonly UIMessage[]): number {
  const differs = stored.findIndex(({ message }, at) => !isDeepEqualData(message, messages[at]));
  return differs < 0 ? stored.length : differs;
}

/** The ordinal before which everything stays; null when nothing goes. */
function cutBefore(going: readonly StoredMessage[], threadId: ThreadId): number | null {
  const foreign = going.find(({ isOwn }) => !isOwn);
  if (!foreign) return going[0]?.firstOrdinal ?? null;
  throw new ThreadStoreError(
    "conflict",
    `thread ${threadId} has messages that others recorded from ordinal ${foreign.firstOrdinal} on, and the messages to save lack them`,
  );
}

/** Null when the thread is not there. */
async function loadHistory(store: ThreadStore, threadId: ThreadId): Promise<readonly StoredItem[] | null> {
  try {
    return (await store.loadHistory({ threadId })).items;
  } catch (error) {
    if (isThreadStoreError(error, "thread_not_found")) return null;
    throw error;
  }
}

function openThread(store: ThreadStore, params: SaveMessagesParams, isStored: boolean): Promise<LiveThread> {
  const { threadId, historyMode = "paginated", clock } = params;
  const options = clock ? { clock } : {};
  if (isStored) return LiveThread.resume(store, { threadId }, options);
  return LiveThread.create(store, { threadId, historyMode, metadata: birthMetadata(params) }, options);
}
