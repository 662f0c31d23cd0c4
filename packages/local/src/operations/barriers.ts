import type { FlushResult } from "@threadstore/core";
import type { LocalHome } from "../local-home.js";
import type { LocalLease } from "../local-lease.js";
import { closeLease } from "./open-lease.js";
import { recordOwedTouch } from "./touch.js";

/** Makes the rollout of a live thread when there is none yet. */
export async function persistThread(home: LocalHome, lease: LocalLease): Promise<void> {
  lease.writer.persist();
  await recordOwedTouch(home, lease);
}

/** Resolves when everything that was accepted survives a power cut. */
export async function flushThread(home: LocalHome, lease: LocalLease): Promise<FlushResult> {
  if (lease.owedTouch) await recordOwedTouch(home, lease);
  return lease.writer.flush();
}

/** Flushes, then gives the thread back; on failure it stays live. */
export async function shutdownThread(home: LocalHome, lease: LocalLease): Promise<void> {
  // Whoever took the thread over has it: there is nothing left to flush.
  if (lease.lock.isHeld()) await flushThread(home, lease);
  await closeLease(home, lease);
}

/** Gives the thread back without waiting for the disk. */
export async function discardThread(home: LocalHome, lease: LocalLease): Promise<void> {
  await closeLease(home, lease);
}
