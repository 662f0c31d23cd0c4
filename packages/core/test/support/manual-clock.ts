import type { Clock } from "../../src/protocol/clock.js";
import { type Instant, instantFromMs } from "../../src/protocol/instant.js";

/** A clock that moves only when it is told to. */
export class ManualClock implements Clock {
  #nowMs = Date.UTC(2026, 10, 20, 12);

  nowMs(): number {
    return this.#nowMs;
  }

  now(): Instant {
    return instantFromMs(this.#nowMs);
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }
}
