import {
  formatRolloutLine,
  type JsonObject,
  type LoadHistoryParams,
  type ReadHistoryParams,
  type StoredItem,
  type ThreadStore,
} from "@threadstore/core";
import { itemsForCodex } from "./items-for-codex.js";

/** UTF-8 bytes after which a piece of a history ends: most histories are one, and few of them fill a server's memory. */
const PIECE_BYTES = 16 * 1024 * 1024;

/** A store is asked for less at a time: what it read beyond the end of a piece is read again for the next one. */
const BATCH_BYTES = PIECE_BYTES / 16;

interface Cancellable {
  readonly signal: AbortSignal;
}

/** All items of a thread as the real Codex can read them: `{"type", "payload"}` each. */
export async function historyForCodex(
  store: ThreadStore,
  { signal, ...thread }: LoadHistoryParams & Cancellable,
): Promise<string[]> {
  const texts: string[] = [];
  const toTexts = itemsForCodex();
  for await (const { items } of store.readHistory(thread, { signal })) texts.push(...toTexts(items));
  return texts;
}

/** What is said beside a piece of a history. */
export interface HistoryPiece {
  /** Lines on the way that could not be read. */
  readonly rejected: number;
  /** The ordinal with which the history goes on; null at its end. */
  readonly next: number | null;
}

/** A piece of a history: its items as rollout lines, with their times and ordinals. */
export async function historyPiece(
  store: ThreadStore,
  { threadId, signal, ...params }: { readonly threadId: string } & Cancellable & JsonObject,
): Promise<{ readonly lines: string[]; readonly piece: HistoryPiece }> {
  const query: ReadHistoryParams = { ...params, threadId, batchBytes: BATCH_BYTES };
  const lines: string[] = [];
  let last: StoredItem | undefined;
  let bytes = 0;
  let rejected = 0;
  for await (const batch of store.readHistory(query, { signal })) {
    for (const item of batch.items) {
      // Items of one ordinal stay together: the next piece begins with another one.
      const isNext = bytes >= PIECE_BYTES && item.ordinal !== last?.ordinal;
      if (isNext) return { lines, piece: { rejected, next: item.ordinal } };
      const line = formatRolloutLine(item).trimEnd();
      lines.push(line);
      bytes += Buffer.byteLength(line);
      last = item;
    }
    rejected += batch.rejected;
  }
  return { lines, piece: { rejected, next: null } };
}
