import type { Instant } from "@threadstore/core";
import type { ItemRole } from "@threadstore/core/driver";

/** Where a line of a history lies. */
export interface LineRef {
  /** Which rollout of the history, counted from its root. */
  readonly part: number;
  readonly offset: number;
  /** Bytes, without the newline. */
  readonly length: number;
  /** When the record was written, where its line does not say so itself. */
  readonly timestamp?: Instant;
}

/** A turn item as the index keeps it: not what it says, but the lines it is made of. */
export interface ItemRef {
  /** Reasoning is told apart because its pieces are put together; for a summary it is like any other item. */
  readonly role: ItemRole | "reasoning";
  readonly ordinal: number;
  /** The number of an item that is called by its number, such as `item-7`; of others only `idHash` is kept. */
  readonly number: number | null;
  /** Tells most ids apart; equal ones are told apart by their lines. 0 for items that are called by their number. */
  readonly idHash: number;
  /** The line that made it, then those that changed it. */
  readonly lines: readonly LineRef[];
}

const NUMBERED_ID = /^item-([1-9]\d{0,14})$/;

/** How an id is kept: as its number, or as a hash of 16 bits (FNV-1a, folded). */
export function idKeyOf(itemId: string): Pick<ItemRef, "number" | "idHash"> {
  const number = itemId.startsWith("item-") ? NUMBERED_ID.exec(itemId)?.[1] : undefined;
  if (number !== undefined) return { number: Number(number), idHash: 0 };
  let hash = 0x811c9dc5;
  for (let at = 0; at < itemId.length; at++) hash = Math.imul(hash ^ itemId.charCodeAt(at), 0x01000193);
  return { number: null, idHash: ((hash >>> 16) ^ hash) & 0xffff };
}
