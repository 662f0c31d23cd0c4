import type { AgentInputItem } from "@openai/agents-core";
import { asJsonObject, isHarnessText, type RolloutItem, type StoredItem, textField } from "@threadstore/core";
import { StoredForms } from "../wire/stored-form.js";
import { readCompaction, readItemRecord } from "./item-record.js";

/** An item of a session, and where it is recorded. */
export interface SessionItem {
  readonly item: AgentInputItem;
  readonly ordinal: number;
}

/** What a thread's history says of a session. */
export interface SessionHistory {
  readonly items: readonly SessionItem[];
  /** Knows the calls of the history, so that their outputs can be written. */
  readonly forms: StoredForms;
}

/** Kinds that no model is sent: notes of Codex to itself. */
const NOTES: ReadonlySet<string> = new Set(["ghost_snapshot", "compaction_trigger", "other"]);

/** The items of a session, the oldest first: those that a model is told, as they were added. */
export function readSessionHistory(history: readonly StoredItem[]): SessionHistory {
  const forms = new StoredForms();
  let items: SessionItem[] = [];
  for (const { item: record, ordinal } of history) {
    const placed = (item: AgentInputItem): SessionItem => ({ item, ordinal });
    if (record.type === "response_item") {
      const item = isNote(record) ? null : readItemRecord(forms, record);
      if (item) items.push(placed(item));
    } else if (record.type === "compacted") {
      const left = readCompaction(forms, record)?.map(placed);
      items = left ?? [...items.filter(({ item }) => isOfUser(item)), ...summaryOf(record).map(placed)];
    } else items = withoutRolledBack(items, record);
  }
  return { items, forms };
}

function isNote({ payload }: RolloutItem): boolean {
  return NOTES.has(textField(asJsonObject(payload) ?? {}, "type") ?? "");
}

/** Older compactions tell a summary alone: what users said stays before it. */
function summaryOf({ payload }: RolloutItem): AgentInputItem[] {
  const summary = textField(asJsonObject(payload) ?? {}, "message") ?? "";
  return summary === "" ? [] : [{ type: "message", role: "user", content: summary }];
}

/** Codex takes back the last turns of users, with all that followed. */
function withoutRolledBack(items: SessionItem[], { type, payload }: RolloutItem): SessionItem[] {
  const event = type === "event_msg" ? asJsonObject(payload) : null;
  if (event?.type !== "thread_rolled_back" || typeof event.num_turns !== "number") return items;
  const starts = items.flatMap(({ item }, at) => (isOfUser(item) ? [at] : []));
  const turns = Math.max(0, event.num_turns);
  if (turns === 0) return items;
  return items.slice(0, starts.at(-turns) ?? starts[0] ?? items.length);
}

function isOfUser(item: AgentInputItem): boolean {
  if (!("role" in item) || item.role !== "user") return false;
  const texts =
    typeof item.content === "string" ? [item.content] : item.content.map((part) => ("text" in part ? part.text : ""));
  return !texts.some(isHarnessText);
}
