import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

/**
 * Counts what is forced to the disk from now on by modules that are loaded after this call, of files and of folders.
 * Returns how many there were so far.
 */
export function countSyncs() {
  let count = 0;
  for (const name of ["fsync", "fsyncSync", "fdatasync", "fdatasyncSync"]) {
    const sync = fs[name];
    fs[name] = (...args) => {
      count++;
      return sync(...args);
    };
  }
  syncBuiltinESMExports();
  return () => count;
}
