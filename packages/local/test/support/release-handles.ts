import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Closed homes between two collections: far fewer than the files a process may have open. */
const CLOSINGS_PER_COLLECTION = 50;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;
let closings = 0;

/**
 * The SQLite binding releases the handles of a closed database when its statements are collected. A test that opens
 * thousands of homes has to see to it that this happens.
 */
export async function releaseHandles(): Promise<void> {
  closings++;
  if (closings % CLOSINGS_PER_COLLECTION !== 0) return;
  collectGarbage();
  // What was collected is released between two turns of the event loop.
  await setImmediate();
}
