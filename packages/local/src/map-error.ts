import { ThreadStoreError } from "@threadstore/core";
import { conflict, internal, unavailable } from "@threadstore/core/driver";

/** System errors that say the medium cannot serve now, not that something is wrong with the store. */
const UNAVAILABLE = new Set([
  "EACCES",
  "EPERM",
  "EIO",
  "ENOSPC",
  "EROFS",
  "EMFILE",
  "ENFILE",
  "ENOENT",
  "ENOTDIR",
  "EBUSY",
]);

/** Whether the operating system said no. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "errno" in error && typeof error.errno === "number";
}

/** Translates an error of the system or of SQLite into a store's error; a store's own errors pass. */
export function mapError(doing: string, error: unknown): ThreadStoreError {
  if (error instanceof ThreadStoreError) return error;
  const code = (error as NodeJS.ErrnoException)?.code ?? "";
  // Nothing is written over a file that is there.
  if (code === "EEXIST") return conflict(`${doing}: a file exists already where one is to be made`, error);
  if (UNAVAILABLE.has(code)) return unavailable(`${doing}: ${code}`, error);
  return internal(`${doing}: ${code || (error as Error)?.name || "unknown failure"}`, error);
}
