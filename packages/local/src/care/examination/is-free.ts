import type { FileSystem } from "../../file-system/file-system.js";
import { isSystemError } from "../../map-error.js";

/** Whether a file is there and nobody keeps it locked: tried for a moment. False as well when the system does not let us ask. */
export function isFree(files: FileSystem, path: string): boolean {
  try {
    const file = files.openToAppend(path, "existing");
    try {
      return file?.tryLock("exclusive") ?? false;
    } finally {
      file?.close();
    }
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return false;
  }
}
