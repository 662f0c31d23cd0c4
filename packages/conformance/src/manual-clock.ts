import { type Clock, type Instant, instantFromMs } from "@threadstore/core";

/** A clock that moves only when it is told to. */
export class ManualClock implements Clock {
  #nowMs = Date.UTC(2026, 0, 15, 12);

  nowMs(): number {
    return this.#nowMs;
  }

  now(): Instant {
    return instantFromMs(this.#nowMs);
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }

  set(instant: Instant): void {
    this.#nowMs = Date.parse(instant);
  }
}
