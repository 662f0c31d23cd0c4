import {
  asJsonObject,
  type JsonObject,
  objectField,
  type RolloutItem,
  type ThreadStore,
  textField,
} from "@threadstore/core";

/** Each record of a thread in a word or two, its session_meta left out. */
export async function recordsOf(store: ThreadStore, threadId: string): Promise<string[]> {
  return (await itemsOf(store, threadId)).map(wordOf);
}

/** The records of the last turn, its beginning left out: what the user says last is the first of them. */
export async function lastTurnOf(store: ThreadStore, threadId: string): Promise<string[]> {
  const words = await recordsOf(store, threadId);
  return words.slice(words.lastIndexOf("turn_context") + 1).filter((word) => word !== "thread_settings_applied");
}

/** The payloads of a thread's records of one kind. */
export async function payloadsOf(store: ThreadStore, threadId: string, word: string): Promise<JsonObject[]> {
  const items = await itemsOf(store, threadId);
  return items.filter((item) => wordOf(item) === word).map(({ payload }) => payload as JsonObject);
}

/** All that is stored of a thread, as one text. */
export async function textOfThread(store: ThreadStore, threadId: string): Promise<string> {
  return JSON.stringify((await store.loadHistory({ threadId, includeArchived: true })).items);
}

async function itemsOf(store: ThreadStore, threadId: string): Promise<RolloutItem[]> {
  const { items } = await store.loadHistory({ threadId, includeArchived: true });
  return items.map(({ item }) => item).filter(({ type }) => type !== "session_meta");
}

function wordOf({ type, payload }: RolloutItem): string {
  const fields = asJsonObject(payload) ?? {};
  if (type === "response_item") return responseWord(fields);
  if (type !== "event_msg") return type;
  const item = objectField(fields, "item");
  return item ? `seen ${textField(item, "type")}` : (textField(fields, "type") ?? type);
}

function responseWord(fields: JsonObject): string {
  const { type, role, name, output, content } = fields;
  if (type === "message") return `${role}: ${firstLineOf(content)}`;
  return [type, name ?? output].filter((word) => word !== undefined).join(" ");
}

function firstLineOf(content: unknown): string {
  const [part] = content as readonly unknown[];
  return (textField(asJsonObject(part) ?? {}, "text") ?? "").split("\n")[0] ?? "";
}
