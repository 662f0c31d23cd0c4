import { usedResources } from "./used-resources.mjs";

/** Callers make calls for this long; those that run then are waited for. */
const DURATION_MS = 1_000;

/**
 * Times calls of several callers at once, each of which awaits its own before the next: how many there were, their time and
 * that of this process on processors in all, and its memory.
 */
export async function timeCallers(callers) {
  const before = usedResources();
  const startedMs = performance.now();
  const endMs = startedMs + DURATION_MS;
  let calls = 0;
  const loop = async (call) => {
    do {
      await call();
      calls++;
    } while (performance.now() < endMs);
  };
  await Promise.all(callers.map(loop));
  const elapsedUs = (performance.now() - startedMs) * 1_000;
  const { processorUs, memoryMb } = usedResources();
  return { calls, elapsedUs, processorUs: processorUs - before.processorUs, memoryMb };
}
