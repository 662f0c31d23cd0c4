import { dirname } from "node:path";
import type { FileSystem } from "../file-system/file-system.js";
import { syncFolders } from "../file-system/folders.js";

/** Resolves when the names of files below a folder survive a power cut, those of the folders between included. */
export async function syncNames(files: FileSystem, root: string, paths: readonly string[]): Promise<void> {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let folder = dirname(path); folder.startsWith(root) && !folders.has(folder); folder = dirname(folder)) {
      folders.add(folder);
    }
  }
  await syncFolders(files, [...folders]);
}
