import type { ThreadId } from "@threadstore/core";
import type { AppServerClient, JsonObject } from "./app-server-client.js";

/** Asks the real Codex for all its threads, and gives their ids in its order. */
export async function listCodexIds(client: AppServerClient, params: JsonObject = {}): Promise<ThreadId[]> {
  const { data } = await client.request("thread/list", { limit: 100, ...params });
  return data.map(({ id }: JsonObject) => id);
}

/** What user and agent say in a thread as the real Codex reads it, in order. */
export async function readCodexMessages(client: AppServerClient, threadId: string): Promise<string[]> {
  const { thread } = await client.request("thread/read", { threadId, includeTurns: true });
  return thread.turns.flatMap(({ items }: JsonObject) => items.flatMap(messageOf));
}

function messageOf(item: JsonObject): string[] {
  if (item.type === "agentMessage") return [item.text];
  return item.type === "userMessage" ? [item.content.map(({ text }: JsonObject) => text).join("")] : [];
}

/** A thread of the real Codex with one turn for each text. */
export async function makeCodexThread(
  client: AppServerClient,
  { texts, ...params }: { readonly texts: readonly string[] } & JsonObject,
): Promise<ThreadId> {
  const { thread } = await client.request("thread/start", params);
  for (const text of texts) await client.runTurn(thread.id, text);
  return thread.id;
}
