import type { Clock } from "../protocol/clock.js";
import { type Instant, instantFromMs } from "../protocol/instant.js";
import { unavailable } from "../store/errors.js";

/** The last millisecond of the year 9999: later years need more digits than instants have. */
const LAST_MS = 253_402_300_799_999;

/** What time it is, for what is about to be recorded. @throws `unavailable` the clock is not set. */
export function readClock(clock: Clock): Instant {
  const nowMs = clock.nowMs();
  if (nowMs >= 0 && nowMs <= LAST_MS) return instantFromMs(nowMs);
  throw unavailable(`the clock says ${nowMs} ms since 1970: nothing is recorded until it is set`);
}
