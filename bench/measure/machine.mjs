import { availableParallelism, cpus, loadavg, platform, release, totalmem } from "node:os";

/** What the figures were measured on. */
export function describeMachine() {
  return {
    node: process.version,
    system: `${platform()} ${release()}`,
    processor: cpus()[0]?.model ?? "unknown",
    processors: availableParallelism(),
    memoryGb: Math.round(totalmem() / 1e9),
  };
}

/** Processes that waited for a processor, averaged over the last minute; much more than processors make figures noisy. */
export function load() {
  return Math.round(loadavg()[0] * 100) / 100;
}
