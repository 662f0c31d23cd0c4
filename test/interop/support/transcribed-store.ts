import { isThreadStoreError, type RolloutItem, type StoredItem, type ThreadStore } from "@threadstore/core";
import { listMessages } from "./stored-messages.js";
import type { Transcript } from "./transcript.js";

/** Operations that answer once; what answers in parts, or at once, is not told. */
const TOLD = new Set<PropertyKey>([
  "createThread",
  "resumeThread",
  "appendItems",
  "flushThread",
  "shutdownThread",
  "loadHistory",
  "readThread",
  "listThreads",
  "updateThreadMetadata",
  "archiveThread",
  "unarchiveThread",
  "deleteThread",
  "revertThread",
  "listThreadSpawnEdges",
]);

type Operation = (params: unknown) => Promise<unknown>;

/** Tells in the transcript what is asked of a store of ours and what it answers. */
export function transcribeStore(store: ThreadStore, transcript: Transcript): ThreadStore {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      const operation = member.bind(target) as Operation;
      return TOLD.has(name)
        ? (params: unknown) => tell(transcript, { name: String(name), operation, params })
        : operation;
    },
  });
}

async function tell(
  transcript: Transcript,
  { name, operation, params }: { name: string; operation: Operation; params: unknown },
): Promise<unknown> {
  transcript.request(`ours ${name}`, typeof params === "string" ? { threadId: params } : withoutItems(params));
  try {
    const result = await operation(params);
    transcript.answer(result === undefined ? {} : withoutItems(result));
    return result;
  } catch (error) {
    if (!isThreadStoreError(error)) throw error;
    transcript.answer({ error: { code: error.code, message: error.message } });
    throw error;
  }
}

/** Items are told by their number and by what people say in them. */
function withoutItems(value: unknown): unknown {
  const { items, ...fields } = value as { readonly items?: readonly (RolloutItem | StoredItem)[] };
  if (items === undefined) return value;
  const messages = listMessages(items.map((item) => ("item" in item ? (item as StoredItem).item : item)));
  return { ...fields, items: items.length, messages };
}
