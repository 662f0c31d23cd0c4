import { resolve } from "node:path";
import { unavailable } from "@threadstore/core/driver";
import type { FileSystem } from "./file-system/file-system.js";
import { nodeFileSystem } from "./file-system/node-file-system.js";
import { indexLocations } from "./index/index-location.js";
import { ThreadIndex } from "./index/thread-index.js";

/** A home that is open: what operations and care work with. */
export interface LocalHome {
  /** The folder, without links and without a slash at its end. */
  readonly home: string;
  readonly files: FileSystem;
  readonly index: ThreadIndex;
}

export interface LocalHomeOptions {
  /** The home: a folder that Codex or threadstore writes, such as `~/.codex`. It must exist. */
  readonly home: string;
  /** Default: the real file system. */
  readonly files?: FileSystem;
  /** Where XDG_CACHE_HOME is looked up, for homes that cannot be written. Default: `process.env`. */
  readonly environment?: NodeJS.ProcessEnv;
}

/** Opens a home; its index is opened when it is first asked. @throws `unavailable` there is no such folder. */
export function openLocalHome(options: LocalHomeOptions): LocalHome {
  const files = options.files ?? nodeFileSystem;
  const path = resolve(options.home);
  const home = files.realPath(path);
  if (home === null || files.status(home)?.kind !== "directory") throw unavailable(`there is no home at ${path}`);
  const index = new ThreadIndex(files, home, indexLocations(home, options.environment ?? process.env));
  return { home, files, index };
}
