import type { Instant } from "@threadstore/core";
import type { DriverAppend, DriverAppendResult } from "@threadstore/core/driver";
import type { LocalHome } from "../local-home.js";
import type { LocalLease } from "../local-lease.js";
import { recordOwedTouch, touchAt } from "./touch.js";

/** Appends to a live thread. Resolves when the operating system has the bytes. */
export function appendItems(home: LocalHome, lease: LocalLease, append: DriverAppend): Promise<DriverAppendResult> {
  const { updatedAt } = append;
  const appended = lease.writer.append(append);
  return updatedAt === undefined ? appended : appendAt(home, { lease, appended, updatedAt });
}

/** An append that says when it was: that is recorded beside its items. */
async function appendAt(
  home: LocalHome,
  { lease, appended, updatedAt }: { lease: LocalLease; appended: Promise<DriverAppendResult>; updatedAt: Instant },
): Promise<DriverAppendResult> {
  const result = await appended;
  if (result.firstOrdinal === null || result.repeated) return result;
  lease.owedTouch = touchAt(lease, updatedAt);
  try {
    await recordOwedTouch(home, lease);
  } catch {
    // The items are stored: what was not recorded beside them is owed, and the next barrier reports it.
  }
  return result;
}
