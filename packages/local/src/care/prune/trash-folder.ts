import { dirname } from "node:path";
import type { FileSystem } from "../../file-system/file-system.js";
import { makeFolder, syncFolders } from "../../file-system/folders.js";
import { replaceFile } from "../../file-system/whole-writes.js";
import { makeStampedFolder } from "../stamped-folder.js";
import { TRASH_FOLDER, TRASH_MANIFEST, TRASH_VERSION, type TrashedThread } from "./read-trash.js";

export interface TrashFolderOptions {
  readonly files: FileSystem;
  readonly home: string;
  readonly isDurable: boolean;
  readonly nowMs: number;
}

/** A folder of the trash while it is filled. Its manifest names a thread before its files move: an undo finds them all. */
export class TrashFolder {
  readonly name: string;
  readonly #options: TrashFolderOptions;
  #threads: readonly TrashedThread[] = [];

  /** Makes the folder. */
  constructor(options: TrashFolderOptions) {
    const { files, home, nowMs } = options;
    this.#options = options;
    this.name = makeStampedFolder(files, `${home}/${TRASH_FOLDER}`, nowMs);
  }

  /** Moves the files of a thread, the one that its history ends in last of `paths` first. */
  async take(thread: TrashedThread): Promise<void> {
    const { files, home, isDurable } = this.#options;
    await this.#name([...this.#threads, thread]);
    const moves = [...thread.files].reverse().map(({ path }) => ({
      from: `${home}/${path}`,
      to: `${home}/${TRASH_FOLDER}/${this.name}/${path}`,
    }));
    const folders = new Set<string>();
    for (const { from, to } of moves) {
      for (const folder of makeFolder(files, dirname(to))) folders.add(folder);
      folders.add(dirname(from));
      files.renameFile(from, to);
    }
    if (isDurable) await syncFolders(files, [...folders]);
  }

  async #name(threads: readonly TrashedThread[]): Promise<void> {
    const { files, home, isDurable, nowMs } = this.#options;
    const folder = `${home}/${TRASH_FOLDER}/${this.name}`;
    const content = Buffer.from(`${JSON.stringify({ version: TRASH_VERSION, prunedAtMs: nowMs, threads }, null, 1)}\n`);
    replaceFile(files, `${folder}/${TRASH_MANIFEST}`, { content, isDurable }).close();
    if (isDurable) await files.syncDirectory(folder);
    this.#threads = threads;
  }
}
