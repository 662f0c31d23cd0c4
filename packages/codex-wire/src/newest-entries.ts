import {
  encodeOrdinalCursor,
  type StoredTurn,
  type StoredTurnItem,
  type ThreadId,
  type ThreadStore,
} from "@threadstore/core";
import { recordedEndOf } from "./recorded-end.js";
import { compareTimelineKeys, type TimelineKey, timelineKeyOf } from "./timeline-cursor.js";
import { type ApiTimelineEntry, toTimelineItem, toTurnCompleted, toTurnStarted } from "./timeline-entry.js";

/** Which entries of a timeline to read. */
export interface TimelineWindow {
  readonly threadId: ThreadId;
  /** Only what stands before it; null: from the end of the thread. */
  readonly before: TimelineKey | null;
  readonly count: number;
}

const TURNS_AT_ONCE = 8;
/** A turn may end after the next ones began: so many turns that began before the entries read may still end among them. */
const OVERLAPPING_TURNS_MAX = 2;

/** The last entries of a timeline, newest first. Reads about as much of the thread as these entries cover. */
export async function readNewestEntries(store: ThreadStore, window: TimelineWindow): Promise<ApiTimelineEntry[]> {
  const items = await readNewestItems(store, window);
  let newest = newestOf(items.map(toTimelineItem), window);
  let turnsBelow = 0;
  for await (const turn of turnsBackward(store, window)) {
    newest = newestOf([...newest, toTurnStarted(turn), ...(await endOf(store, { turn, window, items }))], window);
    const lowest = newest.length < window.count ? undefined : newest.at(-1);
    if (lowest && turn.firstOrdinal < lowest.position) turnsBelow++;
    if (turnsBelow > OVERLAPPING_TURNS_MAX) break;
  }
  return newest;
}

function newestOf(entries: readonly ApiTimelineEntry[], { before, count }: TimelineWindow): ApiTimelineEntry[] {
  return entries
    .map((entry) => ({ entry, key: timelineKeyOf(entry) }))
    .filter(({ key }) => before === null || compareTimelineKeys(key, before) < 0)
    .sort((a, b) => compareTimelineKeys(b.key, a.key))
    .slice(0, count)
    .map(({ entry }) => entry);
}

/** The last items up to where the window ends. One more than it holds: the item at its very end may be outside of it. */
async function readNewestItems(store: ThreadStore, window: TimelineWindow): Promise<readonly StoredTurnItem[]> {
  const page = await store.listItems({ ...backwardFrom(window, "items"), pageSize: window.count + 1 });
  return page.data;
}

/** The turns that began up to where the window ends, newest first, read as they are asked for. */
async function* turnsBackward(store: ThreadStore, window: TimelineWindow): AsyncGenerator<StoredTurn> {
  const query = { ...backwardFrom(window, "turns"), pageSize: TURNS_AT_ONCE, itemsView: "notLoaded" } as const;
  let page = await store.listTurns(query);
  yield* page.data;
  while (page.nextCursor !== null) {
    page = await store.listTurns({ ...query, cursor: page.nextCursor });
    yield* page.data;
  }
}

function backwardFrom({ threadId, before }: TimelineWindow, kind: "turns" | "items") {
  const scope = { threadId, kind };
  const cursor = before && encodeOrdinalCursor(scope, { ordinal: before.position, inclusive: true });
  return { threadId, sortDirection: "desc", ...(cursor === null ? {} : { cursor }) } as const;
}

interface TurnInWindow {
  readonly turn: StoredTurn;
  readonly window: TimelineWindow;
  readonly items: readonly StoredTurnItem[];
}

/** The end of a turn, when there was one. It is the last thing in the turn, unless an item was completed later. */
async function endOf(store: ThreadStore, { turn, window, items }: TurnInWindow): Promise<ApiTimelineEntry[]> {
  if (turn.completedAt === undefined) return [];
  const last = turn.endOrdinalExclusive - 1;
  const isSeen = window.before === null || last <= window.before.position;
  const isItem = isSeen
    ? items.some(({ ordinal }) => ordinal === last)
    : await isItemAt(store, { threadId: window.threadId, ordinal: last });
  const position = isItem ? await recordedEndOf(store, { threadId: window.threadId, turn }) : last;
  return [toTurnCompleted(turn, position)];
}

async function isItemAt(
  store: ThreadStore,
  { threadId, ordinal }: { readonly threadId: ThreadId; readonly ordinal: number },
): Promise<boolean> {
  const cursor = encodeOrdinalCursor({ threadId, kind: "items" }, { ordinal, inclusive: true });
  const { data } = await store.listItems({ threadId, cursor, pageSize: 1, sortDirection: "desc" });
  return data[0]?.ordinal === ordinal;
}
