import { asJsonObject, type JsonObject, type RolloutItem, textField } from "@threadstore/core";

/** A turn whose end is not recorded yet. */
export interface OpenTurn {
  readonly turnId: string;
  readonly startedAtMs: number;
  /** Whether anything of the agent is recorded in it. */
  readonly hasAnswer: boolean;
  /** The last thing that the agent said, with its id. */
  readonly lastMessage: { readonly id: string; readonly text: string } | null;
  /** Calls whose output is not recorded yet, by their id. */
  readonly unanswered: ReadonlyMap<string, JsonObject>;
}

const ENDS: ReadonlySet<unknown> = new Set(["task_complete", "turn_complete", "turn_aborted"]);

/** The turn that is open after one more record. */
export function foldOpenTurn(open: OpenTurn | null, { type, payload }: RolloutItem): OpenTurn | null {
  const fields = asJsonObject(payload);
  if (fields === null) return open;
  if (type === "event_msg") return foldEvent(open, fields);
  return type === "response_item" && open ? foldItem(open, fields) : open;
}

function foldEvent(open: OpenTurn | null, event: JsonObject): OpenTurn | null {
  if (ENDS.has(event.type)) return null;
  if (event.type !== "task_started" && event.type !== "turn_started") return open;
  const startedAtMs = typeof event.started_at === "number" ? event.started_at * 1_000 : 0;
  const turnId = textField(event, "turn_id");
  if (turnId === undefined) return null;
  return { turnId, startedAtMs, hasAnswer: false, lastMessage: null, unanswered: new Map() };
}

function foldItem(open: OpenTurn, item: JsonObject): OpenTurn {
  if (item.type === "message" && item.role !== "assistant") return open;
  const turn = { ...open, hasAnswer: true };
  const callId = textField(item, "call_id");
  const text = item.type === "message" ? textOf(item) : "";
  if (text !== "") return { ...turn, lastMessage: { id: textField(item, "id") ?? "", text } };
  if (callId === undefined) return turn;
  const unanswered = new Map(open.unanswered);
  if (String(item.type).endsWith("_call")) unanswered.set(callId, item);
  else unanswered.delete(callId);
  return { ...turn, unanswered };
}

function textOf({ content }: JsonObject): string {
  const parts: readonly unknown[] = Array.isArray(content) ? content : [];
  return parts.map((part) => textField(asJsonObject(part) ?? {}, "text") ?? "").join("");
}
