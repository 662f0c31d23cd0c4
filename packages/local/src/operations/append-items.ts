import type { DriverAppend, DriverAppendResult } from "@threadstore/core/driver";
import type { LocalHome } from "../local-home.js";
import type { LocalLease } from "../local-lease.js";
import { recordOwedTouch, touchAt } from "./touch.js";

/** Appends to a live thread. Resolves when the operating system has the bytes. */
export async function appendItems(
  home: LocalHome,
  lease: LocalLease,
  append: DriverAppend,
): Promise<DriverAppendResult> {
  const result = await lease.writer.append(append);
  if (append.updatedAt === undefined || result.firstOrdinal === null || result.repeated) return result;
  lease.owedTouch = touchAt(lease, append.updatedAt);
  try {
    await recordOwedTouch(home, lease);
  } catch {
    // The items are stored: what was not recorded beside them is owed, and the next barrier reports it.
  }
  return result;
}
