import { readFileSync } from "node:fs";

/** The most memory that this process has held so far, in MB of 10^6 bytes. */
export function peakMemoryMb() {
  return (highWaterMarkKb() * 1024) / 1e6;
}

/** On Linux the figure of resourceUsage() may be that of the parent process, which lived in this one before it started. */
function highWaterMarkKb() {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))[1]);
}
