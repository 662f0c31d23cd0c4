import { defineThreadStore, type Operation, type ThreadStoreOptions } from "../driver/define-thread-store.js";
import { type Clock, systemClock } from "../protocol/clock.js";
import type { ThreadStore } from "../store/thread-store.js";
import { MemoryThreadStoreDriver } from "./memory-thread-store-driver.js";

/** A store in memory. It counts the calls made to it, for tests that look at how a store is used. */
export interface MemoryThreadStore extends ThreadStore {
  /** How often each operation was called since the store was opened. */
  calls(): ReadonlyMap<Operation, number>;
}

export interface MemoryThreadStoreOptions extends Omit<ThreadStoreOptions, "onCall"> {
  /** Default: the system's clock. */
  readonly clock?: Clock;
}

const sharedDrivers = new Map<string, MemoryThreadStoreDriver>();

/** Opens a memory store of its own: nobody else sees its threads. */
export function openMemoryThreadStore(options: MemoryThreadStoreOptions = {}): MemoryThreadStore {
  return storeOver(newDriver("memory", options), options);
}

/** Shared memory stores by id: every store opened for an id shows the same threads, until the id is removed. */
export const MemoryThreadStore = {
  /** Opens the store of an id, which is made when it is new. A clock given then is the one that counts. */
  forId(id: string, options: MemoryThreadStoreOptions = {}): MemoryThreadStore {
    const driver = sharedDrivers.get(id) ?? newDriver(`memory:${id}`, options);
    sharedDrivers.set(id, driver);
    return storeOver(driver, options);
  },

  /** Forgets an id and its threads; stores that are open keep what they have. Whether there was one. */
  removeId(id: string): boolean {
    return sharedDrivers.delete(id);
  },
};

function newDriver(storeId: string, options: MemoryThreadStoreOptions): MemoryThreadStoreDriver {
  return new MemoryThreadStoreDriver({ storeId, clock: options.clock ?? systemClock });
}

function storeOver(driver: MemoryThreadStoreDriver, options: MemoryThreadStoreOptions): MemoryThreadStore {
  const { clock: _clock, ...storeOptions } = options;
  const counts = new Map<Operation, number>();
  const onCall = (operation: Operation) => {
    counts.set(operation, (counts.get(operation) ?? 0) + 1);
  };
  const store = defineThreadStore(driver, { ...storeOptions, onCall });
  return Object.assign(store, { calls: () => new Map(counts) });
}
