import { asJsonObject, type JsonObject, type StoredItem } from "@threadstore/core";
import type { UIMessage } from "ai";
import { ForeignMessage } from "./foreign-message.js";
import { isMarked, readMessage } from "./message-records.js";
import { seenUserParts } from "./seen-user-parts.js";

/** A message of a thread, and where it begins. */
export interface StoredMessage {
  readonly message: UIMessage;
  /** Of its first record. */
  readonly firstOrdinal: number;
  /** Whether it was saved as a message; others are told from what was recorded. */
  readonly isOwn: boolean;
}

const TURN_ENDS: ReadonlySet<unknown> = new Set(["task_complete", "turn_complete", "turn_aborted"]);

/** The messages of a history, the oldest first. */
export function foldMessages(history: readonly StoredItem[]): StoredMessage[] {
  const fold = new MessageFold();
  for (const stored of history) fold.take(stored);
  return fold.finish();
}

class MessageFold {
  #messages: StoredMessage[] = [];
  /** What an agent did since the last message. */
  #agent: ForeignMessage | null = null;
  /** Where the message begins whose records are being read. */
  #ownStart: number | null = null;

  take(stored: StoredItem): void {
    if (isMarked(stored.item)) this.#takeOwn(stored);
    else {
      const fields = asJsonObject(stored.item.payload);
      if (fields && stored.item.type === "response_item") this.#takeItem(stored, fields);
      else if (fields && stored.item.type === "event_msg") this.#takeEvent(stored, fields);
    }
  }

  finish(): StoredMessage[] {
    this.#closeAgent();
    return this.#messages;
  }

  #takeOwn({ item, ordinal }: StoredItem): void {
    this.#closeAgent();
    this.#ownStart ??= ordinal;
    const message = readMessage(item);
    if (message === null) return;
    this.#messages.push({ message, firstOrdinal: this.#ownStart, isOwn: true });
    this.#ownStart = null;
  }

  #takeItem({ ordinal }: StoredItem, item: JsonObject): void {
    const isOfAgent = item.type !== "message" || item.role === "assistant";
    if (!isOfAgent) return;
    this.#agent ??= new ForeignMessage(ordinal);
    this.#agent.take(item);
  }

  #takeEvent({ ordinal }: StoredItem, event: JsonObject): void {
    if (event.type === "thread_rolled_back") this.#rollBack(event);
    else if (TURN_ENDS.has(event.type)) this.#agent?.endTurn();
    const parts = seenUserParts(event);
    if (parts === null) return;
    this.#closeAgent();
    const message: UIMessage = { id: `item-${ordinal}`, role: "user", parts };
    this.#messages.push({ message, firstOrdinal: ordinal, isOwn: false });
  }

  /** Codex takes back the last turns of users, with all that followed. */
  #rollBack({ num_turns }: JsonObject): void {
    this.#closeAgent();
    const turns = typeof num_turns === "number" ? Math.max(0, num_turns) : 0;
    const starts = this.#messages.flatMap(({ message }, at) => (message.role === "user" ? [at] : []));
    if (turns > 0) this.#messages = this.#messages.slice(0, starts.at(-turns) ?? starts[0]);
  }

  #closeAgent(): void {
    const agent = this.#agent;
    this.#agent = null;
    if (!agent || agent.isEmpty) return;
    this.#messages.push({ message: agent.message, firstOrdinal: agent.firstOrdinal, isOwn: false });
  }
}
