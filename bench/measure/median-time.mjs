import { median } from "./median.mjs";

/** Calls whose times are not counted: the first ones run before the compiler of the engine has looked at the code. */
const WARM_UP_CALLS = 50;
const COUNTED_CALLS = 200;

/** The median time of one call of `work`, in milliseconds. */
export async function medianTimeMs(work) {
  for (let call = 0; call < WARM_UP_CALLS; call++) await work();
  const times = [];
  for (let call = 0; call < COUNTED_CALLS; call++) {
    const startedMs = performance.now();
    await work();
    times.push(performance.now() - startedMs);
  }
  return median(times);
}
