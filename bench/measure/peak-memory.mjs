import { readFileSync } from "node:fs";

/** The most memory that a process has held so far, in MB of 10^6 bytes: this one, or on Linux another one. */
export function peakMemoryMb(pid) {
  return (highWaterMarkKb(pid) * 1024) / 1e6;
}

/** On Linux the figure of resourceUsage() may be that of the parent process, which lived in this one before it started. */
function highWaterMarkKb(pid = "self") {
  if (process.platform !== "linux") return pid === "self" ? process.resourceUsage().maxRSS : Number.NaN;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]);
}
