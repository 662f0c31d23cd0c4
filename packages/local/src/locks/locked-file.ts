import type { AppendFile, FileSystem, LockKind } from "../file-system/file-system.js";

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
