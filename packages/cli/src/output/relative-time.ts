import { type Instant, instantToMs } from "@threadstore/core";

const UNITS = [
  ["y", 365 * 86_400],
  ["mo", 30 * 86_400],
  ["d", 86_400],
  ["h", 3_600],
  ["m", 60],
] as const;

/** How long ago an instant was, in its largest unit, as in `3d`. */
export function relativeTime(instant: Instant, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - instantToMs(instant)) / 1000));
  for (const [unit, size] of UNITS) if (seconds >= size) return `${Math.floor(seconds / size)}${unit}`;
  return `${seconds}s`;
}
