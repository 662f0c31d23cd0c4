import type { ThreadStore } from "@threadstore/core";
import { defineThreadStore, type ThreadStoreOptions } from "@threadstore/core/driver";
import { type LocalHomeOptions, openLocalHome } from "./local-home.js";
import { LocalThreadStoreDriver } from "./local-thread-store-driver.js";

export interface LocalThreadStoreOptions extends LocalHomeOptions, ThreadStoreOptions {}

/**
 * Opens the threads of a local home. Nothing is read before the first call, and reads change nothing in the home but the
 * folder `threadstore/`.
 *
 * @throws ThreadStoreError `unavailable` there is no such folder.
 * @see docs/contract.md, docs/index.md
 */
export function openLocalThreadStore(options: LocalThreadStoreOptions): ThreadStore {
  const { limits, defaults, onCall, ...homeOptions } = options;
  const storeOptions = {
    ...(limits ? { limits } : {}),
    ...(defaults ? { defaults } : {}),
    ...(onCall ? { onCall } : {}),
  };
  return defineThreadStore(new LocalThreadStoreDriver(openLocalHome(homeOptions)), storeOptions);
}
