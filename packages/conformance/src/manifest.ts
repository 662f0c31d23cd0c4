import type { StoreCapability } from "@threadstore/core";

/** What each store of this project must be able to do. The kit fails a store that lacks any of it. */
export interface ManifestEntry {
  readonly capabilities: readonly StoreCapability[];
  readonly isWritable: boolean;
}

export const STORE_MANIFEST = {
  memory: { capabilities: ["turns", "edges", "paths", "changes", "forkByReference", "revert"], isWritable: true },
  local: { capabilities: ["turns", "edges", "paths", "changes", "forkByReference", "revert"], isWritable: true },
} as const satisfies Readonly<Record<string, ManifestEntry>>;
