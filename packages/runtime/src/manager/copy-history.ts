import type { LiveThread, ThreadId, ThreadStore } from "@threadstore/core";

/** Items of one append; stores take more. */
const ITEMS_AT_ONCE = 500;

export interface HistoryToCopy {
  readonly store: ThreadStore;
  readonly threadId: ThreadId;
  /** Default: all of it. */
  readonly endOrdinalExclusive?: number;
}

/** Appends the items of a thread to another one, byte for byte; who a thread is, each says by itself. */
export async function copyHistory(source: HistoryToCopy, target: LiveThread): Promise<void> {
  const { store, threadId, endOrdinalExclusive = Number.POSITIVE_INFINITY } = source;
  for await (const { items } of store.readHistory({ threadId, includeArchived: true })) {
    const copied = items
      .filter(({ ordinal, item }) => ordinal < endOrdinalExclusive && item.type !== "session_meta")
      .map(({ json }) => ({ json }));
    for (let at = 0; at < copied.length; at += ITEMS_AT_ONCE) await target.append(copied.slice(at, at + ITEMS_AT_ONCE));
    if ((items.at(-1)?.ordinal ?? 0) >= endOrdinalExclusive - 1) return;
  }
}
