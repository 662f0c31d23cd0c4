import * as fs from "node:fs";
import { basename, dirname, join } from "node:path";
import { METADATA_JOURNAL } from "../journal/metadata-journal.js";
import { SESSION_INDEX } from "../neighbour/session-index.js";
import { STATE_DATABASE } from "../neighbour/state-database.js";
import { ROLLOUT_FOLDERS } from "../rollout/find-rollouts.js";
import { hasRolloutSuffix } from "../rollout/rollout-name.js";

/** Who is told of a home that is watched. */
export interface WatcherTold {
  /** Something may have changed. Called often. */
  changed(): void;
  /** It cannot be watched any further. Called once; the watcher is closed by then. */
  failed(): void;
}

export interface HomeWatcher {
  close(): void;
}

/** Files that are watched in the folder that holds them; whatever else changes there is no thread's. */
const FILES = [SESSION_INDEX, STATE_DATABASE, `${STATE_DATABASE}-wal`, METADATA_JOURNAL];

/** Folders that are watched with everything below them. */
const TREES: readonly string[] = ROLLOUT_FOLDERS;

/**
 * Watches everything that the index of a home is made of, one watch a folder. A folder is watched before it is read, so that
 * nothing that happens in a new one goes by. Keeps no process alive.
 *
 * @throws the system's error when there are not enough watches, or none at all.
 */
export class FolderWatcher implements HomeWatcher {
  readonly #home: string;
  readonly #told: WatcherTold;
  /** By path, relative to the home; the home itself is "". */
  readonly #watches = new Map<string, fs.FSWatcher>();

  constructor(home: string, told: WatcherTold) {
    this.#home = home;
    this.#told = told;
    try {
      this.#coverAll();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    for (const watch of this.#watches.values()) watch.close();
    this.#watches.clear();
  }

  /** Watches what is at a path and below it, as far as it is not watched yet. */
  #cover(path: string): void {
    const isKnown = this.#watches.has(path);
    const stats = isKnown ? undefined : fs.statSync(join(this.#home, path), { throwIfNoEntry: false });
    if (stats?.isDirectory()) this.#coverFolder(path);
    // A file is watched in its folder. One that a link leads to lies elsewhere.
    else if (stats?.isFile() && hasRolloutSuffix(path) && isLink(join(this.#home, path))) this.#watch(path);
  }

  #coverFolder(path: string): void {
    if (path.split("/").length > FOLDER_MAX_DEPTH || !this.#watch(path)) return;
    for (const entry of fs.readdirSync(join(this.#home, path), { withFileTypes: true })) {
      if (!entry.isFile()) this.#cover(join(path, entry.name));
    }
  }

  /** False: there is nothing to watch. */
  #watch(path: string): boolean {
    try {
      const options = { persistent: false };
      const watch = fs.watch(join(this.#home, path), options, (event, name) => this.#notice(path, { event, name }));
      watch.on("error", () => this.#fail());
      this.#watches.set(path, watch);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
      throw error;
    }
  }

  #notice(folder: string, { event, name }: { readonly event: string; readonly name: string | null }): void {
    const path = name === null ? null : join(folder, name);
    if (event === "rename") this.#follow(folder, path);
    if (path === null || isWatched(path)) this.#told.changed();
  }

  /** Something came, went or was moved: in a folder, or the folder itself, which is told of by its own name. */
  #follow(folder: string, path: string | null): void {
    try {
      if (path === null) this.#coverAnew("");
      else if (folder === "" && path === basename(this.#home)) this.#fail();
      else {
        if (basename(path) === basename(folder)) this.#coverAnew(folder);
        this.#coverAnew(path);
      }
    } catch {
      this.#fail();
    }
  }

  /** Whatever is at a path now may be another folder than the one that was watched. */
  #coverAnew(path: string): void {
    this.#forget(path);
    if (TREES.some((tree) => isWithin(path, tree))) this.#cover(path);
    else if (FILES.some((file) => file !== path && isWithin(file, path))) this.#coverAll();
  }

  #coverAll(): void {
    for (const folder of new Set(FILES.flatMap(foldersAbove))) if (!this.#watches.has(folder)) this.#watch(folder);
    for (const tree of TREES) this.#cover(tree);
  }

  #forget(folder: string): void {
    for (const [path, watch] of this.#watches) {
      if (!isWithin(path, folder)) continue;
      watch.close();
      this.#watches.delete(path);
    }
  }

  #fail(): void {
    if (this.#watches.size === 0) return;
    this.close();
    this.#told.failed();
  }
}

/** The walk through the rollout folders goes no deeper; a bound also ends loops of links. */
const FOLDER_MAX_DEPTH = 13;

/** The folders that hold a file, the home first. */
function foldersAbove(file: string): string[] {
  const folder = dirname(file);
  return folder === "." ? [""] : [...foldersAbove(folder), folder];
}

/** Whether a path is a folder or below it; everything is in the home. */
function isWithin(path: string, folder: string): boolean {
  return folder === "" || path === folder || path.startsWith(`${folder}/`);
}

/** Whether what happens at a path may change the index: also that a folder above came or went. */
function isWatched(path: string): boolean {
  return TREES.some((tree) => isWithin(path, tree)) || FILES.some((file) => isWithin(file, path));
}

function isLink(path: string): boolean {
  return fs.lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}
