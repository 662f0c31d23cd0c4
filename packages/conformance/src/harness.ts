import type { Clock, StoreCapability, StoredItem, StoreLimits, ThreadId, ThreadStore } from "@threadstore/core";

/** How the kit opens a store that is to be checked. */
export interface StoreHarness {
  /** The name the report gives the store. */
  readonly name: string;
  /** The capabilities this store must have; the kit checks that it has them, and runs their cases. */
  readonly capabilities: readonly StoreCapability[];
  /** False for a store that only reads what others wrote: then `seed` is needed. */
  readonly isWritable: boolean;
  /** Opens an empty store that nothing else uses. */
  open(options: OpenOptions): Promise<StoreUnderTest>;
}

export interface OpenOptions {
  /** Tells the store what time it is. */
  readonly clock: Clock;
  readonly limits?: Partial<StoreLimits>;
}

export interface StoreUnderTest {
  readonly store: ThreadStore;
  /** Opens the same threads a second time, as another process would. The kit closes it. */
  reopen(): Promise<ThreadStore>;
  /** Puts threads into the store as a foreign writer would. */
  seed?(threads: readonly SeedThread[]): Promise<void>;
  /** Closes the store and removes what it left. */
  destroy(): Promise<void>;
}

/** A thread as a foreign writer leaves it. */
export interface SeedThread {
  readonly threadId: ThreadId;
  readonly historyMode: "paginated" | "legacy";
  /** What the thread wrote itself, its session_meta first; inherited items are not among them. */
  readonly items: readonly StoredItem[];
  readonly isArchived: boolean;
  readonly name?: string;
}
