import {
  asJsonObject,
  type StoredItem,
  type StoredTurn,
  type ThreadId,
  type ThreadStore,
  textField,
} from "@threadstore/core";

const END_EVENTS: ReadonlySet<string | undefined> = new Set(["task_complete", "turn_complete", "turn_aborted"]);

/** Where a turn's end was recorded, looked for from the last thing in the turn on back. */
export async function recordedEndOf(
  store: ThreadStore,
  { threadId, turn }: { readonly threadId: ThreadId; readonly turn: StoredTurn },
): Promise<number> {
  const last = turn.endOrdinalExclusive - 1;
  for await (const { items } of store.readHistory({ threadId, from: last, direction: "desc" })) {
    for (const item of items) {
      if (item.ordinal < turn.firstOrdinal) return last;
      if (isEndOf(turn, item)) return item.ordinal;
    }
  }
  return last;
}

/** An end that names no turn is that of the one that was open. */
function isEndOf({ turnId }: StoredTurn, { item }: StoredItem): boolean {
  const event = item.type === "event_msg" ? asJsonObject(item.payload) : null;
  return event !== null && END_EVENTS.has(textField(event, "type")) && (event.turn_id ?? turnId) === turnId;
}
