import type { ThreadStore, ThreadStoreProvider } from "@threadstore/core";
import { OpenThreads } from "../codex-v1/open-threads.js";

/** The store of one tenant, and its threads that remote clients write. */
export interface Tenant {
  readonly store: ThreadStore;
  readonly open: OpenThreads;
}

/** The tenants that called so far. */
export class Tenants {
  readonly #provider: ThreadStoreProvider;
  readonly #idleMs: number | undefined;
  readonly #tenants = new Map<string, Promise<Tenant>>();

  constructor(provider: ThreadStoreProvider, idleMs?: number) {
    this.#provider = provider;
    this.#idleMs = idleMs;
  }

  find(tenantId: string): Promise<Tenant> {
    const known = this.#tenants.get(tenantId);
    if (known) return known;
    const opened = this.#open(tenantId);
    this.#tenants.set(tenantId, opened);
    // What failed once is tried again by the next call.
    opened.catch(() => this.#tenants.delete(tenantId));
    return opened;
  }

  /** How many threads are open. */
  async countOpen(): Promise<number> {
    const tenants = await Promise.all(this.#tenants.values());
    return tenants.reduce((sum, { open }) => sum + open.size, 0);
  }

  /** Flushes and gives back every thread. */
  async closeAll(): Promise<void> {
    for (const tenant of this.#tenants.values()) await (await tenant).open.closeAll();
  }

  async #open(tenantId: string): Promise<Tenant> {
    const store = await this.#provider.forTenant(tenantId);
    const idle = this.#idleMs === undefined ? {} : { idleMs: this.#idleMs };
    return { store, open: new OpenThreads({ store, ...idle }) };
  }
}
