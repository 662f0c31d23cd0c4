import type { AppendFile, FileSystem, LockKind } from "../file-system/file-system.js";
import { waitForLock } from "./wait-for-lock.js";

/** Opens a lock file, which is made when it is missing, and locks it; null when somebody else holds it. */
export function tryLockFile(files: FileSystem, path: string, kind: LockKind): AppendFile | null {
  const file = files.openToAppend(path, "either");
  try {
    if (file.tryLock(kind)) return file;
  } catch (error) {
    file.close();
    throw error;
  }
  file.close();
  return null;
}

/** Does something to an open file while nobody else who locks it does; nothing when it stays locked. */
export async function whileLocked(file: AppendFile, work: () => void): Promise<void> {
  const isLocked = await waitForLock(() => file.tryLock("exclusive") || null);
  if (!isLocked) return;
  try {
    work();
  } finally {
    file.unlock();
  }
}
