import { uuidv7 } from "uuidv7";
import type { ThreadId } from "./thread-id.js";

/** Where time comes from; a parameter, so that a run can be replayed. */
export interface Clock {
  /** Milliseconds since 1970. */
  nowMs(): number;
}

/** Where new ids come from. */
export interface IdSource {
  newId(): string;
}

export const systemClock: Clock = { nowMs: () => Date.now() };

export const systemIds: IdSource = { newId: () => uuidv7() };

/** A new thread id: a UUID of version 7, so that ids sort by the time they were made. */
export function newThreadId(): ThreadId {
  return systemIds.newId();
}
