import { SEED } from "./seeded-random.js";

const isLong = process.env.THREADSTORE_MODEL_RUNS !== undefined;

/** How often a random test runs, with a seed that never changes; `npm run test:all` tries twenty times as many. */
export function runs(count: number): { readonly seed: number; readonly numRuns: number } {
  return { seed: SEED, numRuns: isLong ? count * 20 : count };
}

/** Whether tests that take long are run too. */
export { isLong };
