import { setTimeout as pause } from "node:timers/promises";

/** Locks that are waited for are held for moments; whoever holds one longer hangs. */
const WAIT_MAX_MS = 10_000;
const PAUSE_FIRST_MS = 1;
const PAUSE_MAX_MS = 50;

/** Tries until something could be locked, without keeping the event loop; null when it stayed locked for long. */
export async function waitForLock<T>(tryLock: () => T | null): Promise<T | null> {
  let waitedMs = 0;
  for (let pauseMs = PAUSE_FIRST_MS; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS)) {
    const locked = tryLock();
    if (locked !== null || waitedMs >= WAIT_MAX_MS) return locked;
    await pause(pauseMs);
    waitedMs += pauseMs;
  }
}
