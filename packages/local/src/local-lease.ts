import type { Lease } from "@threadstore/core/driver";
import type { Touch } from "./journal/thread-state.js";
import type { WriterLock } from "./locks/thread-locks.js";
import type { RolloutWriter } from "./writer/rollout-writer.js";

/** The right to write a thread of a home, and what it is written with. */
export interface LocalLease extends Lease {
  readonly lock: WriterLock;
  readonly writer: RolloutWriter;
  /** A rollout outside the home, which its index does not know. */
  readonly isOutside: boolean;
  /** A time of update that could not be recorded yet; barriers try again. */
  owedTouch?: Touch;
}
