import {
  asJsonObject,
  type JsonObject,
  objectField,
  type RolloutItem,
  type ThreadStore,
  textField,
} from "@threadstore/core";
import { loadModelContext } from "../../src/index.js";

/** Each record of a thread in a word or two, its session_meta left out: the kind of an item, or who said what. */
export async function recordsOf(store: ThreadStore, threadId: string): Promise<string[]> {
  const { items } = await store.loadHistory({ threadId, includeArchived: true });
  return items.filter(({ item }) => item.type !== "session_meta").map(({ item }) => wordOf(item));
}

/** The payloads of a thread's records of one kind. */
export async function payloadsOf(store: ThreadStore, threadId: string, word: string): Promise<JsonObject[]> {
  const { items } = await store.loadHistory({ threadId, includeArchived: true });
  return items.filter(({ item }) => wordOf(item) === word).map(({ item }) => item.payload as JsonObject);
}

/** The turns of a thread, the oldest first: their status and what a person sees of them. */
export async function turnsOf(store: ThreadStore, threadId: string): Promise<string[]> {
  const query = { threadId, itemsView: "full", sortDirection: "asc", includeArchived: true } as const;
  const { data } = await store.listTurns(query);
  return data.map(({ status, items }) => [status, ...items.map(({ item }) => shown(item))].join(" | "));
}

/** What a model is told of a thread. */
export async function toldOf(store: ThreadStore, threadId: string): Promise<string[]> {
  const { items } = await loadModelContext(store, { threadId, includeArchived: true });
  return items.map((payload) => wordOf({ type: "response_item", payload }));
}

function wordOf({ type, payload }: RolloutItem): string {
  const fields = asJsonObject(payload) ?? {};
  if (type === "response_item") return responseWord(fields);
  if (type !== "event_msg") return type;
  const item = objectField(fields, "item");
  return item ? `seen ${textField(item, "type")}` : (textField(fields, "type") ?? type);
}

function responseWord(fields: JsonObject): string {
  const type = textField(fields, "type") ?? "";
  if (type === "message") return `${textField(fields, "role")}: ${textOf(fields)}`;
  return type.endsWith("_output") ? `${type} ${String(fields.output)}` : type;
}

function shown(item: JsonObject): string {
  const type = String(item.type);
  const text = textOf(item);
  return text === "" ? type : `${type} ${text}`;
}

/** The first line of the first text. */
function textOf({ content }: JsonObject): string {
  const [part] = Array.isArray(content) ? (content as readonly unknown[]) : [];
  const [line] = (textField(asJsonObject(part) ?? {}, "text") ?? "").split("\n");
  return line ?? "";
}
