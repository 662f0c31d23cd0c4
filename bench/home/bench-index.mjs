import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** Removes the index of a bench home. Only the cache: the rest of the folder may not be removed, in any home. */
export function forgetIndex(home) {
  rmSync(cacheOf(home), { recursive: true, force: true });
}

/** The bytes that the index of a home takes on the disk. */
export function indexBytes(home) {
  return readdirSync(cacheOf(home)).reduce((sum, name) => sum + statSync(join(cacheOf(home), name)).size, 0);
}

function cacheOf(home) {
  return join(home, "threadstore", "cache");
}
