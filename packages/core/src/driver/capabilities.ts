import type { StoreCapability } from "../store/thread-store.js";
import type { Lease, ThreadStoreDriver } from "./thread-store-driver.js";

/** What a store of a driver can do: what is there beyond the operations that every driver has. */
export function capabilitiesOf<L extends Lease>(driver: ThreadStoreDriver<L>): ReadonlySet<StoreCapability> {
  const { search, edges, paths, changes, forkByReference, revert, deleteThread: deletion } = driver;
  const beyond = { search, edges, paths, changes, forkByReference, revert, deletion };
  const present = (Object.keys(beyond) as (keyof typeof beyond)[]).filter((name) => beyond[name] !== undefined);
  // Turns are folded from the history where a driver has none of its own.
  return new Set<StoreCapability>(["turns", ...present]);
}
