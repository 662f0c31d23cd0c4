import type { FileSystem } from "../file-system/file-system.js";

/** A name that says when, of characters that every file system and shell takes: `2026-11-20T20-05-24Z`. */
function stampOf(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(0, 19).replaceAll(":", "-")}Z`;
}

/** Makes a folder that was not there before, `<time>-<n>` below another one, and returns its name. */
export function makeStampedFolder(files: FileSystem, parent: string, nowMs: number): string {
  files.makeDirectory(parent);
  for (let number = 1; ; number++) {
    const name = `${stampOf(nowMs)}-${number}`;
    if (files.makeDirectory(`${parent}/${name}`) !== undefined) return name;
  }
}
