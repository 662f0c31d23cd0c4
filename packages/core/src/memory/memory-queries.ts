import { type FoundThread, foundValue, type ThreadSearchPage, type ThreadSearchQuery } from "../driver/search-group.js";
import type { ThreadListPage, ThreadListQuery } from "../driver/thread-store-driver.js";
import { MemoryTurnBook } from "../fold/turn-book.js";
import { foldIntoTurns, newTurnFold } from "../fold/turns.js";
import type { StoredItem } from "../protocol/rollout-item.js";
import type { ThreadId } from "../protocol/thread-id.js";
import { isThreadListed } from "../rules/thread-filter.js";
import { comparePlaces, compareThreads, isFromPosition, isPlaceFrom } from "../rules/thread-order.js";
import { holdsTerm } from "../search/find-matches.js";
import { scanItems } from "../search/scan-items.js";
import type { TextScope } from "../search/searchable-texts.js";
import type { StoredThread } from "../store/records.js";
import { type MemorySegment, type MemoryThread, segmentHistory, titleOf } from "./memory-thread.js";

/** A thread that can be listed, and what lists show of it. */
export interface ListedThread {
  readonly memory: MemoryThread;
  readonly thread: StoredThread;
}

type Related = ReadonlySet<ThreadId> | undefined;

export function listMemoryThreads(
  threads: readonly ListedThread[],
  { query, related }: { readonly query: ThreadListQuery; readonly related: Related },
): ThreadListPage {
  const { position, order, pageSize } = query;
  const listed = threads
    .filter(({ thread, memory }) => isThreadListed({ thread, ...titleOf(memory) }, query, related))
    .map(({ thread }) => thread)
    .sort((a, b) => compareThreads(a, b, order));
  const rest = position ? listed.filter((thread) => isFromPosition(thread, position, order)) : listed;
  return { threads: rest.slice(0, pageSize), more: rest.length > pageSize };
}

/** Looks at every text of every thread: the reference of what a search finds. */
export function searchMemoryThreads(
  threads: readonly ListedThread[],
  { query, related }: { readonly query: ThreadSearchQuery; readonly related: Related },
): ThreadSearchPage {
  const { position, order, pageSize, updatedSince = "" } = query;
  const placeOf = (found: FoundThread) => ({ value: foundValue(found, order.key), threadId: found.thread.threadId });
  const found = threads
    .filter(({ thread }) => thread.updatedAt >= updatedSince && isThreadListed({ thread }, query, related))
    .flatMap((listed) => find(listed, query) ?? [])
    .sort((a, b) => comparePlaces(placeOf(a), placeOf(b), order.direction));
  const rest = position ? found.filter((one) => isPlaceFrom(placeOf(one), position, order.direction)) : found;
  return { threads: rest.slice(0, pageSize), more: rest.length > pageSize };
}

function find({ memory, thread }: ListedThread, { term, scopes }: ThreadSearchQuery): FoundThread | null {
  const name = scopes.has("names") && holdsTerm(thread.name ?? "", term) ? thread.name : undefined;
  const scan = scanItems(ownItems(memory), { term, scopes: scopes as ReadonlySet<TextScope> });
  if (scan) {
    const turnId = turnAt(memory, scan.first.ordinal);
    const rank = scan.texts + (name === undefined ? 0 : 1);
    return { thread, text: scan.first.text, rank, ...(turnId === undefined ? {} : { turnId }) };
  }
  return name === undefined ? null : { thread, text: name, rank: 1 };
}

/** What a thread wrote itself and still holds: since it was last reverted, then before. */
function* ownItems({ segment, threadId }: MemoryThread): Generator<StoredItem> {
  yield* segment.items;
  let cut = segment.base?.endOrdinalExclusive;
  for (let at: MemorySegment | undefined = segment.base?.segment; at; at = at.base?.segment) {
    const end = cut as number;
    if (at.threadId === threadId) for (const item of at.items) if (item.ordinal < end) yield item;
    cut = at.base && Math.min(end, at.base.endOrdinalExclusive);
  }
}

/** The turn that an ordinal belongs to: the last that began at it or before. */
function turnAt(memory: MemoryThread, ordinal: number): string | undefined {
  const state = newTurnFold(memory.threadId, memory.historyMode);
  const book = new MemoryTurnBook();
  for (const item of segmentHistory(memory.segment)) foldIntoTurns(state, book, item);
  return [...book.turns()].findLast((turn) => turn.firstOrdinal <= ordinal)?.turnId;
}
