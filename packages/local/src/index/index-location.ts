import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join } from "node:path";
import type { FileSystem } from "../file-system/file-system.js";

/** A place where the index of a home may lie. */
export interface IndexLocation {
  /** Null: in memory. */
  readonly path: string | null;
  /** Makes the folder. */
  prepare(files: FileSystem): void;
}

/** Tells backup tools that a folder can be made anew. @see https://bford.info/cachedir/ */
const CACHE_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# Made by threadstore; may be deleted at any moment.\n";

/** Where the index of a home is looked for, best first: in the home, in the user's cache folder, in memory. */
export function indexLocations(home: string, environment: NodeJS.ProcessEnv): readonly IndexLocation[] {
  const cacheHome = environment.XDG_CACHE_HOME || join(homedir(), ".cache");
  const name = createHash("sha256").update(home).digest("hex").slice(0, 32);
  return [
    inFolder(join(home, "threadstore", "cache")),
    inFolder(join(cacheHome, "threadstore", name)),
    { path: null, prepare: () => {} },
  ];
}

function inFolder(folder: string): IndexLocation {
  const path = join(folder, "index.sqlite");
  return {
    path,
    prepare: (files) => {
      files.makeDirectory(folder);
      files.writeNewFile(join(folder, "CACHEDIR.TAG"), CACHE_TAG);
      // SQLite gives its side files the mode of the database, which is only its owner's to read.
      files.writeNewFile(path, "");
    },
  };
}
