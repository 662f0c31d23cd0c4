import { resolve } from "node:path";
import { type Clock, type IdSource, systemClock, systemIds, type ThreadId } from "@threadstore/core";
import { unavailable } from "@threadstore/core/driver";
import type { FileSystem } from "./file-system/file-system.js";
import { nodeFileSystem } from "./file-system/node-file-system.js";
import { SafeNames } from "./file-system/safe-names.js";
import { ChangeCount } from "./index/change-count.js";
import { indexLocations } from "./index/index-location.js";
import { ThreadIndex } from "./index/thread-index.js";
import { MetadataJournal } from "./journal/metadata-journal.js";
import type { LocalLease } from "./local-lease.js";
import { ThreadLocks } from "./locks/thread-locks.js";
import { CommitLog } from "./log/commit-log.js";
import { mapError } from "./map-error.js";
import { TextIndexer } from "./search/text-indexer.js";
import { BackgroundFolds } from "./turns/background-folds.js";
import { FoldWorker } from "./turns/fold-worker.js";
import { FolderWatcher, type WatcherTold } from "./watch/folder-watcher.js";
import { HomeChanges } from "./watch/home-changes.js";
import { isOnRemoteFileSystem } from "./watch/remote-file-system.js";

/** A home that is open: what operations and care work with. */
export interface LocalHome {
  /** The folder, without links and without a slash at its end. */
  readonly home: string;
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly ids: IdSource;
  /** Which folders of the home survive a power cut. */
  readonly names: SafeNames;
  readonly index: ThreadIndex;
  readonly journal: MetadataJournal;
  readonly locks: ThreadLocks;
  /** Makes the flushes of many live threads cheap. */
  readonly log: CommitLog;
  /** Indexes turns that are likely to be asked for, on file systems that a worker sees. */
  readonly background: BackgroundFolds;
  /** What was said in every thread, for searches. */
  readonly texts: TextIndexer;
  /** What changes, for those who watch. */
  readonly changes: HomeChanges;
  /** Whether what a barrier acknowledges survives a power cut. */
  readonly isDurable: boolean;
  /** The threads that are written through this store. */
  readonly live: Map<ThreadId, LocalLease>;
}

export interface LocalHomeOptions {
  /** The home: a folder that Codex or threadstore writes, such as `~/.codex`. It must exist. */
  readonly home: string;
  /** Default: the real file system. */
  readonly files?: FileSystem;
  /** Default: the system's clock. */
  readonly clock?: Clock;
  /** Where the ids of segments and of journal files come from. Default: UUIDs of version 7. */
  readonly ids?: IdSource;
  /** What a flush and a change of metadata survive: `disk` a power cut (the default), `os` the end of the process. */
  readonly durability?: "disk" | "os";
  /**
   * How changes by others are noticed while somebody watches: `events`, the system tells of them; `polling`, the home is looked
   * at once a second. Default: events; polling on network file systems, which do not tell what others do, and where there are
   * not enough watches.
   */
  readonly watching?: "events" | "polling";
  /** Where XDG_CACHE_HOME is looked up, for homes that cannot be written. Default: `process.env`. */
  readonly environment?: NodeJS.ProcessEnv;
}

const FOLD_WORKER = new URL("./operations/run-fold-worker.js", import.meta.url);

/** Opens a home; its index is opened when it is first asked. @throws `unavailable` there is no such folder. */
export function openLocalHome(options: LocalHomeOptions): LocalHome {
  const { files = nodeFileSystem, clock = systemClock, ids = systemIds, durability = "disk" } = options;
  const home = findHome(files, resolve(options.home));
  const isDurable = durability === "disk";
  const environment = options.environment ?? process.env;
  const startWorker = () =>
    files === nodeFileSystem ? FoldWorker.start({ home, environment, workerUrl: FOLD_WORKER }) : null;
  const names = new SafeNames(files, home);
  const count = new ChangeCount();
  const index = new ThreadIndex({
    files,
    home,
    clock,
    locations: indexLocations(home, environment),
    changes: count,
  });
  const startWatcher = hasEvents(home, options) ? (told: WatcherTold) => new FolderWatcher(home, told) : null;
  return {
    home,
    files,
    clock,
    ids,
    names,
    index,
    journal: new MetadataJournal({ files, home, ids, names, isDurable }),
    locks: new ThreadLocks(files, home),
    log: new CommitLog({ files, home, ids, names }),
    background: new BackgroundFolds({ startWorker }),
    texts: new TextIndexer({ files, home, index }),
    changes: new HomeChanges({ home, files, index, count, feedId: systemIds.newId(), startWatcher }),
    isDurable,
    live: new Map(),
  };
}

/** The path of a home without links. */
function findHome(files: FileSystem, path: string): string {
  try {
    const home = files.realPath(path);
    if (home !== null && files.status(home)?.kind === "directory") return home;
  } catch (error) {
    throw mapError(`opening the home at ${path}`, error);
  }
  throw unavailable(`there is no home at ${path}`);
}

/** Whether the system tells what happens in a home. Only the real file system is asked. */
function hasEvents(home: string, { files = nodeFileSystem, watching }: LocalHomeOptions): boolean {
  if (watching === "polling" || files !== nodeFileSystem) return false;
  return watching === "events" || !isOnRemoteFileSystem(home);
}
