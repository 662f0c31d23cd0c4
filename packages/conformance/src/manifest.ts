import type { StoreCapability } from "@threadstore/core";

/** What each store of this project must be able to do. The kit fails a store that lacks any of it. */
export interface ManifestEntry {
  readonly capabilities: readonly StoreCapability[];
  readonly isWritable: boolean;
}

const WHOLE = ["turns", "search", "edges", "paths", "changes", "forkByReference", "revert", "deletion"] as const;

export const STORE_MANIFEST = {
  memory: { capabilities: WHOLE, isWritable: true },
  local: { capabilities: WHOLE, isWritable: true },
  /** Over `codex.thread_store.v1`, which knows of no deletion, edges, paths or changes. */
  "remote-codex.v1": { capabilities: ["turns"], isWritable: true },
} as const satisfies Readonly<Record<string, ManifestEntry>>;
