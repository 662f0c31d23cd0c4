import type { FlushResult, RolloutItem, ThreadId, ThreadRecorder } from "@threadstore/core";

/** Holds what a {@link TurnRecorder} records, so that its caller can append it, or more than one turn, at once. */
export class RecordBuffer implements ThreadRecorder {
  readonly threadId: ThreadId;
  #records: RolloutItem[] = [];

  constructor(threadId: ThreadId) {
    this.threadId = threadId;
  }

  async recordItems(items: readonly RolloutItem[]): Promise<void> {
    this.#records.push(...items);
  }

  /** What was recorded since the last time. */
  take(): RolloutItem[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }

  async persist(): Promise<void> {}

  async flush(): Promise<FlushResult> {
    return { durableOrdinal: null };
  }

  async shutdown(): Promise<void> {}
}
