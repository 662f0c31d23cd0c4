import { rmdirSync } from "node:fs";
import type { FileSystem } from "../../file-system/file-system.js";
import { isSystemError } from "../../map-error.js";
import { TRASH_FOLDER } from "./read-trash.js";

/** Removes a folder of the trash with all that is in it; the manifest goes last, so that what is left is still known. */
export function removeTrashFolder(files: FileSystem, home: string, name: string): void {
  const folder = `${home}/${TRASH_FOLDER}/${name}`;
  for (const entry of files.readDirectory(folder) ?? []) {
    if (entry.kind === "directory") removeBelow(files, `${folder}/${entry.name}`);
  }
  for (const entry of files.readDirectory(folder) ?? []) files.removeFile(`${folder}/${entry.name}`);
  removeEmpty(folder);
}

/** A link is removed, and never followed. */
function removeBelow(files: FileSystem, folder: string): void {
  for (const { name, kind } of files.readDirectory(folder) ?? []) {
    if (kind === "directory") removeBelow(files, `${folder}/${name}`);
    else files.removeFile(`${folder}/${name}`);
  }
  removeEmpty(folder);
}

/** The port has no call for this: nothing else of threadstore removes folders. */
function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    // A folder that somebody put something into stays.
    if (!isSystemError(error)) throw error;
  }
}
