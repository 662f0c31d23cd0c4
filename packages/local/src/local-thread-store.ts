import { resolve } from "node:path";
import type { ThreadStore } from "@threadstore/core";
import { defineThreadStore, type ThreadStoreOptions, unavailable } from "@threadstore/core/driver";
import type { FileSystem } from "./file-system/file-system.js";
import { nodeFileSystem } from "./file-system/node-file-system.js";
import { indexLocations } from "./index/index-location.js";
import { ThreadIndex } from "./index/thread-index.js";
import { LocalThreadStoreDriver } from "./local-thread-store-driver.js";
import type { OperationContext } from "./operations/operation-context.js";

export interface LocalThreadStoreOptions extends ThreadStoreOptions {
  /** The home: a folder that Codex or threadstore writes, such as `~/.codex`. It must exist. */
  readonly home: string;
  /** Default: the real file system. */
  readonly files?: FileSystem;
  /** Where XDG_CACHE_HOME is looked up, for homes that cannot be written. Default: `process.env`. */
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * Opens the threads of a local home. Nothing is read before the first call, and reads change nothing in the home but the
 * folder `threadstore/`.
 *
 * @throws ThreadStoreError `unavailable` there is no such folder.
 * @see docs/contract.md, docs/index.md
 */
export function openLocalThreadStore(options: LocalThreadStoreOptions): ThreadStore {
  const { home: _home, files: _files, environment: _environment, ...storeOptions } = options;
  return defineThreadStore(new LocalThreadStoreDriver(openHome(options)), storeOptions);
}

/** What care commands and the store share: the home, its files, its index. */
export function openHome(options: LocalThreadStoreOptions): OperationContext {
  const files = options.files ?? nodeFileSystem;
  const path = resolve(options.home);
  const home = files.realPath(path);
  if (home === null || files.status(home)?.kind !== "directory") throw unavailable(`there is no home at ${path}`);
  const index = new ThreadIndex(files, home, indexLocations(home, options.environment ?? process.env));
  return { home, files, index };
}
