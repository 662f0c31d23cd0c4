import type { AppendedItem } from "../protocol/rollout-item.js";
import type { ThreadId } from "../protocol/thread-id.js";
import type { FlushResult } from "../store/records.js";

/** What an agent needs of its thread's persistence: somewhere to put items, and barriers. */
export interface ThreadRecorder {
  readonly threadId: ThreadId;
  /** Records items in order; resolves when every reader sees them. */
  recordItems(items: readonly AppendedItem[]): Promise<void>;
  /** Makes the thread readable, also when nothing was recorded yet. */
  persist(): Promise<void>;
  /** Resolves when everything recorded survives what the store's `description.durability` says. */
  flush(): Promise<FlushResult>;
  /** Flushes and closes. A failed one can be tried again. */
  shutdown(): Promise<void>;
}
