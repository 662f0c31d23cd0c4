import { dirname } from "node:path";
import { isThreadStoreError } from "@threadstore/core";
import { invalidRequest } from "@threadstore/core/driver";
import { makeFolder, syncFolders } from "../file-system/folders.js";
import { type LocalHome, type LocalHomeOptions, openLocalHome } from "../local-home.js";
import { mapError } from "../map-error.js";
import { findRollouts } from "../rollout/find-rollouts.js";
import { fileNameOf, plainPath } from "../rollout/rollout-name.js";
import type { LeftOut } from "./backup/manifest.js";
import { readTrashFolder, TRASH_FOLDER, type Trash, type TrashedThread } from "./prune/read-trash.js";
import { removeTrashFolder } from "./prune/remove-trash-folder.js";

export interface UndoPruneOptions extends LocalHomeOptions {
  /** A folder of the trash: its name, or a path that ends in it. */
  readonly trash: string;
}

export interface UndoPruneResult {
  readonly trash: string;
  /** Files that are back in their places, relative to the home. */
  readonly restored: readonly string[];
  /** Files that stay in the trash, because something is in their place. */
  readonly conflicts: readonly LeftOut[];
}

/**
 * Moves rollouts from a folder of the trash back to where they were, none over another file. The folder goes when it is empty.
 *
 * @throws ThreadStoreError `invalid_request` there is no such folder in the trash; `unavailable` no such home.
 */
export async function undoPrune({ trash: wanted, ...homeOptions }: UndoPruneOptions): Promise<UndoPruneResult> {
  const context = openLocalHome(homeOptions);
  const { files, home } = context;
  try {
    const name = fileNameOf(wanted.replace(/\/+$/, ""));
    const trash = /^[\w-]+$/.test(name) ? readTrashFolder(files, home, name) : null;
    if (!trash) throw invalidRequest(`${home}/${TRASH_FOLDER} has no folder ${name} with a manifest that can be read`);
    const undoing = new Undoing(context, trash);
    // Bases were pruned after their forks, and come back before them.
    for (const thread of [...trash.threads].reverse()) await undoing.putBack(thread);
    return undoing.finish();
  } catch (error) {
    throw mapError(`undoing a prune of ${home}`, error);
  } finally {
    context.index.close();
  }
}

class Undoing {
  readonly #context: LocalHome;
  readonly #trash: Trash;
  readonly #restored: string[] = [];
  readonly #conflicts: LeftOut[] = [];

  constructor(context: LocalHome, trash: Trash) {
    this.#context = context;
    this.#trash = trash;
  }

  /** Under the locks that moving a thread takes. */
  async putBack(thread: TrashedThread): Promise<void> {
    const { locks } = this.#context;
    const paths = thread.files.map(({ path }) => path).filter((path) => this.#statusOf(path) !== null);
    if (paths.length === 0) return;
    try {
      const life = await locks.acquireLifecycle(thread.threadId, "exclusive");
      try {
        const lock = await locks.acquireWriter(thread.threadId);
        try {
          await this.#moveBack(paths);
        } finally {
          await lock.release();
        }
      } finally {
        life.release();
      }
    } catch (error) {
      if (!isThreadStoreError(error, "conflict")) throw error;
      this.#conflicts.push(...paths.map((path) => ({ path, why: error.message })));
    }
  }

  finish(): UndoPruneResult {
    const { files, home } = this.#context;
    if (this.#conflicts.length === 0) removeTrashFolder(files, home, this.#trash.name);
    return { trash: this.#trash.name, restored: this.#restored, conflicts: this.#conflicts };
  }

  #statusOf(path: string) {
    return this.#context.files.status(this.#inTrash(path));
  }

  #inTrash(path: string): string {
    return `${this.#context.home}/${TRASH_FOLDER}/${this.#trash.name}/${path}`;
  }

  /** The thread as a whole, or nothing of it: half of its files would be another history. */
  async #moveBack(paths: readonly string[]): Promise<void> {
    const { files, home, isDurable } = this.#context;
    const inTheWay = this.#findInTheWay(paths);
    if (inTheWay.length > 0) {
      this.#conflicts.push(...inTheWay);
      return;
    }
    const folders = new Set<string>();
    for (const path of paths) {
      for (const folder of makeFolder(files, dirname(`${home}/${path}`))) folders.add(folder);
      files.linkFile(this.#inTrash(path), `${home}/${path}`);
      if (isDurable) await syncFolders(files, [...folders]);
      files.removeFile(this.#inTrash(path));
      this.#restored.push(path);
    }
  }

  /** Files in the same places, or the same rollouts in others. What an undo that did not finish linked is the file itself. */
  #findInTheWay(paths: readonly string[]): LeftOut[] {
    const { files, home } = this.#context;
    const own = new Set(paths);
    const there = new Map(
      findRollouts(files, home)
        .rollouts.filter(({ path, status }) => !own.has(path) || status.inode !== this.#statusOf(path)?.inode)
        .map(({ path }) => [fileNameOf(plainPath(path)), path]),
    );
    return paths.flatMap((path) => {
      const other = there.get(fileNameOf(plainPath(path)));
      return other === undefined ? [] : [{ path, why: `${other} is in the way` }];
    });
  }
}
