import type { StoreCapability } from "../store/thread-store.js";
import type { Lease, ThreadStoreDriver } from "./thread-store-driver.js";

/** What a store of a driver can do: the groups that are there. */
export function capabilitiesOf<L extends Lease>(driver: ThreadStoreDriver<L>): ReadonlySet<StoreCapability> {
  const groups = ["search", "edges", "paths", "changes", "forkByReference", "revert"] as const;
  // Turns are folded from the history where a driver has none of its own.
  return new Set<StoreCapability>(["turns", ...groups.filter((group) => driver[group] !== undefined)]);
}
