import {
  asJsonObject,
  isThreadStoreError,
  type JsonObject,
  type LoadHistoryParams,
  type RolloutItem,
  type ThreadStore,
  textField,
} from "@threadstore/core";
import { eventItem, responseItem } from "./turn-items.js";

/** Tells the model, when the thread goes on, that its last turn did not end by itself. */
const INTERRUPTED_TEXT =
  "<turn_aborted>\nThe user interrupted the turn before. Tools and commands that were running may have done a part of their work.\n</turn_aborted>";

/** What is recorded of an interruption: what the model is told of it, and the end of the turn. */
export function interruptionItems(turn: JsonObject): RolloutItem[] {
  const content = [{ type: "input_text", text: INTERRUPTED_TEXT }];
  return [responseItem({ type: "message", role: "user", content }), abortedItem(turn)];
}

/** The end of a turn that did not come to its own. */
export function abortedItem(turn: JsonObject): RolloutItem {
  return eventItem("turn_aborted", { ...turn, reason: "interrupted" });
}

/** A turn whose end was not recorded. */
export interface UnfinishedTurn {
  readonly turnId: string;
  readonly rootTurnId: string;
}

const ENDS: ReadonlySet<string> = new Set(["task_complete", "turn_complete", "turn_aborted"]);
const STARTS: ReadonlySet<string> = new Set(["task_started", "turn_started"]);

/**
 * The last turn of a thread when its end was not recorded: it runs somewhere, or the process that ran it died. Reads from the end
 * of the history to the last mark of a turn.
 */
export async function findUnfinishedTurn(
  store: ThreadStore,
  thread: LoadHistoryParams,
): Promise<UnfinishedTurn | null> {
  try {
    for await (const { items } of store.readHistory({ ...thread, direction: "desc" })) {
      for (const { item } of items) {
        const event = item.type === "event_msg" ? asJsonObject(item.payload) : null;
        const type = (event && textField(event, "type")) ?? "";
        if (event && STARTS.has(type)) return turnOf(event);
        if (ENDS.has(type)) return null;
      }
    }
  } catch (error) {
    // A thread that nothing was recorded of yet is seen by nobody.
    if (!isThreadStoreError(error, "thread_not_found")) throw error;
  }
  return null;
}

function turnOf(started: JsonObject): UnfinishedTurn | null {
  const turnId = textField(started, "turn_id");
  return turnId === undefined ? null : { turnId, rootTurnId: textField(started, "root_turn_id") ?? turnId };
}
