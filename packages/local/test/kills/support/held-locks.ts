import * as fs from "node:fs";
import { join } from "node:path";
import { nodeFileSystem } from "@threadstore/local";

/** The lock files and rollouts of a home that some process has locked. */
export function heldLocks(home: string): string[] {
  const entries = fs.readdirSync(home, { recursive: true, encoding: "utf8" });
  const lockable = entries.filter((path) => path.endsWith(".lock") || /rollout-.*\.jsonl$/.test(path));
  return lockable.filter((path) => isHeld(join(home, path)));
}

function isHeld(path: string): boolean {
  const file = nodeFileSystem.openToAppend(path, "existing");
  if (!file) return false;
  try {
    return !file.tryLock("exclusive");
  } finally {
    file.close();
  }
}
