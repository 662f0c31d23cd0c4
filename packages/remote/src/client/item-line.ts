import { readRolloutLine, type StoredItem, storedItem } from "@threadstore/core";
import { internal } from "@threadstore/core/driver";

/** An item as a server sends it: a rollout line. @throws `internal` it is none. */
export function readItemLine(text: string): StoredItem {
  const { timestamp, ordinal, json, item } = readRolloutLine(text) ?? {};
  if (timestamp === undefined || ordinal === undefined || json === undefined || item === undefined) {
    throw internal("the server sent an item that cannot be read");
  }
  return storedItem({ timestamp, ordinal, json, item });
}
