import type { Instant } from "@threadstore/core";
import type { Touch } from "../journal/thread-state.js";
import type { LocalHome } from "../local-home.js";
import type { LocalLease } from "../local-lease.js";
import { fileNameOf } from "../rollout/rollout-name.js";

/** A time of update for a live thread as far as it is written now. */
export function touchAt({ writer }: LocalLease, updatedAt: Instant): Touch {
  const { path = "", size = 0 } = writer.written ?? {};
  return { updatedAt, rolloutName: fileNameOf(path), rolloutBytes: size };
}

/** Records the time of update that a live thread is owed. */
export async function recordOwedTouch(home: LocalHome, lease: LocalLease): Promise<void> {
  const { owedTouch: touched, threadId } = lease;
  if (!touched) return;
  await home.journal.record(() => [{ type: "touched", threadId, touched }], { isDurable: false });
  if (lease.owedTouch === touched) delete lease.owedTouch;
}
