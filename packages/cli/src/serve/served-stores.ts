import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openMemoryThreadStore, type ThreadStore, type ThreadStoreProvider } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";

export interface ServedStoresOptions {
  /** Null: threads are kept in memory. */
  readonly home: string | null;
  /** Whether every tenant has a home of its own, below this one. */
  readonly hasTenants: boolean;
}

/** The stores that a server serves, opened when they are first asked for. */
export class ServedStores implements ThreadStoreProvider, AsyncDisposable {
  readonly #options: ServedStoresOptions;
  readonly #stores = new Map<string, ThreadStore>();

  constructor(options: ServedStoresOptions) {
    this.#options = options;
  }

  async forTenant(tenantId: string): Promise<ThreadStore> {
    const known = this.#stores.get(tenantId);
    if (known) return known;
    const store = this.#open(tenantId);
    this.#stores.set(tenantId, store);
    return store;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const store of this.#stores.values()) await store[Symbol.asyncDispose]();
  }

  #open(tenantId: string): ThreadStore {
    const { home, hasTenants } = this.#options;
    if (home === null) return openMemoryThreadStore();
    if (!hasTenants) return openLocalThreadStore({ home });
    const own = join(home, tenantId);
    mkdirSync(own, { recursive: true, mode: 0o700 });
    return openLocalThreadStore({ home: own });
  }
}
