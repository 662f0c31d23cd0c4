import { dirname } from "node:path";
import { unavailable } from "@threadstore/core/driver";
import type { FileSystem } from "./file-system.js";

/** Makes sure that a home is still there: making folders in it would make it anew. @throws `unavailable` it is gone. */
export function requireHome(files: FileSystem, home: string): void {
  if (files.status(home) === null) throw unavailable(`there is no home at ${home} any more`);
}

/**
 * Makes a folder and its parents. Returns the folders that have to be synced before a new file in it survives a power cut:
 * itself, and the parent of each one that was made.
 */
export function makeFolder(files: FileSystem, path: string): readonly string[] {
  const topmost = files.makeDirectory(path);
  const folders = [path];
  if (topmost === undefined) return folders;
  for (let made = path; made.length >= topmost.length; made = dirname(made)) folders.push(dirname(made));
  return folders;
}

/** Removes a file that something left which failed: that this may fail too changes nothing. */
export function removeLeftover(files: FileSystem, path: string): void {
  try {
    files.removeFile(path);
  } catch {
    // Doctor finds it.
  }
}

/** Resolves when the names in these folders survive a power cut. */
export async function syncFolders(files: FileSystem, folders: readonly string[]): Promise<void> {
  for (const folder of folders) await files.syncDirectory(folder);
}
