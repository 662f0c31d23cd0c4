import { asJsonObject, type RolloutItem, textField } from "@threadstore/core";
import type { UIMessage } from "ai";

/** Stands beside the payload of each record of a message, where Codex passes over it: the message's id. */
const MARK = "ai_sdk_message_id";

/** Stands beside the payload of the last record of a message: the message itself. */
const MESSAGE = "ai_sdk_message";

/** The records of a message, told from all others. */
export function messageRecords(message: UIMessage, records: readonly RolloutItem[]): RolloutItem[] {
  const last = records.length - 1;
  return records.map((record, at) => ({
    ...record,
    [MARK]: message.id ?? "",
    ...(at === last ? { [MESSAGE]: message } : {}),
  }));
}

/** Whether a record is one of a message that was saved. */
export function isMarked(record: RolloutItem): boolean {
  return textField(record, MARK) !== undefined;
}

/** The message whose last record this is; null for others. */
export function readMessage(record: RolloutItem): UIMessage | null {
  return asJsonObject(record[MESSAGE]) as UIMessage | null;
}
