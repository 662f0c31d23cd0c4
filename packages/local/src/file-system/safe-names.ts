import { dirname } from "node:path";
import type { FileSystem } from "./file-system.js";

/**
 * Which folders below a root have names that survive a power cut. Whoever finds a folder that somebody else made cannot know
 * whether that one synced it, so each is synced once.
 */
export class SafeNames {
  readonly #files: FileSystem;
  readonly #root: string;
  readonly #safe = new Set<string>();
  /** Folders whose sync failed. */
  readonly #owed = new Set<string>();
  /** Syncs that run, and those that begin when they have ended. */
  readonly #running = new Map<string, Promise<void>>();
  readonly #next = new Map<string, Promise<void>>();

  /** The root is absolute, without a slash at its end, and there. */
  constructor(files: FileSystem, root: string) {
    this.#files = files;
    this.#root = root;
  }

  /** Makes a folder below the root and its parents. */
  makeFolder(folder: string): void {
    const made = this.#files.makeDirectory(folder);
    if (made === undefined) return;
    // One that was removed and made anew has yet to be synced.
    for (const path of this.#safe) if (path === made || path.startsWith(`${made}/`)) this.#safe.delete(path);
  }

  /** Resolves when the names in a folder survive a power cut, and those of the folders that lead to it. */
  async sync(folder: string): Promise<void> {
    try {
      await this.#syncFolder(folder);
      const above: string[] = [];
      for (let at = folder; this.#isUnsafe(at); at = dirname(at)) above.push(at);
      for (const path of above) await this.#syncFolder(dirname(path));
      for (const path of above) this.#safe.add(path);
      this.#owed.delete(folder);
    } catch (error) {
      // Only now: a sync that began earlier and went well says nothing of this one.
      this.#owed.add(folder);
      throw error;
    }
  }

  /** Syncs what could not be synced before. Whoever was told of the failure may find, trying again, nothing left to do. */
  async settle(): Promise<void> {
    for (const folder of this.#owed) await this.sync(folder);
  }

  /** Many threads of a day are made in one folder: calls that come while it is synced share the next time. */
  #syncFolder(folder: string): Promise<void> {
    const next = this.#next.get(folder);
    if (next) return next;
    const running = this.#running.get(folder);
    if (!running) return this.#startSync(folder);
    const started = () => this.#startSync(folder);
    const following = running.then(started, started);
    this.#next.set(folder, following);
    return following;
  }

  async #startSync(folder: string): Promise<void> {
    this.#next.delete(folder);
    const sync = this.#files.syncDirectory(folder);
    this.#running.set(folder, sync);
    try {
      await sync;
    } finally {
      if (this.#running.get(folder) === sync) this.#running.delete(folder);
    }
  }

  #isUnsafe(folder: string): boolean {
    return folder.startsWith(`${this.#root}/`) && !this.#safe.has(folder);
  }
}
