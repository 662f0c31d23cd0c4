import { peakMemoryMb } from "./peak-memory.mjs";

/** What this process has used so far: time of all its threads on processors, and memory at its peak. */
export function usedResources() {
  const { user, system } = process.cpuUsage();
  return { processorUs: user + system, memoryMb: peakMemoryMb() };
}
