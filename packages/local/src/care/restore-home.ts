import { resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { ThreadId } from "@threadstore/core";
import { makeFolder, syncFolders } from "../file-system/folders.js";
import { nodeFileSystem } from "../file-system/node-file-system.js";
import { type LocalHome, type LocalHomeOptions, openLocalHome } from "../local-home.js";
import { isSystemError, mapError } from "../map-error.js";
import { findRollouts } from "../rollout/find-rollouts.js";
import { fileNameOf, plainPath } from "../rollout/rollout-name.js";
import { type BackupEntry, type BackupManifest, type LeftOut, readManifest } from "./backup/manifest.js";
import { putInPlace } from "./backup/put-in-place.js";
import { restoreMetadata } from "./backup/restore-metadata.js";
import { basesFirst, entriesOfThreads, presentEntries } from "./backup/select-entries.js";
import { contentOf, isSameContent } from "./hash-range.js";
import { syncNames } from "./sync-names.js";
import { damageOf } from "./verify-backup.js";

/** `home` is where the threads go; it is made when it is missing. */
export interface RestoreOptions extends LocalHomeOptions {
  /** The backup. */
  readonly folder: string;
  /** Only these threads, what they inherit, and what is known of them. Default: everything that was in the home. */
  readonly threadIds?: readonly ThreadId[];
  /**
   * Whether the database of the real Codex is restored. It names rollouts by their whole paths. Default: only into the home
   * that was backed up, and not with `threadIds`.
   */
  readonly withDatabase?: boolean;
  /** Told after each file: how many were looked at, and how many there are. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface RestoreResult {
  readonly home: string;
  /** Files that were put in place. */
  readonly restored: readonly string[];
  /** Files that were there already, with the same content. */
  readonly same: number;
  /** Files that the home has with another content, or in another place: they were left alone. */
  readonly conflicts: readonly LeftOut[];
  /** Files that are damaged in the backup: they were not restored. */
  readonly damaged: readonly LeftOut[];
  /** Files of the backup that were not asked for. */
  readonly leftOut: readonly LeftOut[];
}

/**
 * Puts the files of a backup into a home, each verified before and after, none over another one. It may be done again: what
 * is there already is passed over.
 *
 * @throws ThreadStoreError `invalid_request` the folder holds no finished backup; `thread_not_found` a thread that it lacks.
 * @see docs/care.md
 */
export async function restoreHome(options: RestoreOptions): Promise<RestoreResult> {
  const { folder: wanted, threadIds, withDatabase, onProgress = () => {}, ...homeOptions } = options;
  const files = options.files ?? nodeFileSystem;
  const folder = resolve(wanted);
  try {
    const manifest = readManifest(files, folder);
    const entries = threadIds ? entriesOfThreads(manifest, threadIds) : presentEntries(manifest);
    await syncFolders(files, makeFolder(files, resolve(options.home)));
    const context = openLocalHome(homeOptions);
    try {
      const restoring = new Restoring(context, folder);
      const isOwnHome = !threadIds && manifest.home === context.home;
      const chosen = restoring.choose(entries, { withDatabase: withDatabase ?? isOwnHome });
      await restoring.putAll(chosen, onProgress);
      if (threadIds) await restoring.recordMetadata(manifest, threadIds);
      return restoring.result();
    } finally {
      context.index.close();
    }
  } catch (error) {
    throw mapError(`restoring ${folder} to ${options.home}`, error);
  }
}

class Restoring {
  readonly #context: LocalHome;
  readonly #folder: string;
  /** The rollouts of the home by the name of their plain file. */
  readonly #there = new Map<string, string>();
  readonly #restored: string[] = [];
  readonly #conflicts: LeftOut[] = [];
  readonly #damaged: LeftOut[] = [];
  readonly #leftOut: LeftOut[] = [];
  #same = 0;

  constructor(context: LocalHome, folder: string) {
    this.#context = context;
    this.#folder = folder;
    const { rollouts } = findRollouts(context.files, context.home);
    for (const { path } of rollouts) this.#there.set(fileNameOf(plainPath(path)), path);
  }

  choose(entries: readonly BackupEntry[], { withDatabase }: { readonly withDatabase: boolean }): BackupEntry[] {
    const isChosen = ({ kind }: BackupEntry) => withDatabase || kind !== "database";
    const why = "it names rollouts by their paths in the home that was backed up";
    for (const { path } of entries.filter((entry) => !isChosen(entry))) this.#leftOut.push({ path, why });
    return basesFirst(entries.filter(isChosen));
  }

  async putAll(entries: readonly BackupEntry[], onProgress: (done: number, total: number) => void): Promise<void> {
    for (const [at, entry] of entries.entries()) {
      await this.#put(entry);
      onProgress(at + 1, entries.length);
      await setImmediate();
    }
    const { files, home } = this.#context;
    await syncNames(
      files,
      home,
      this.#restored.map((path) => `${home}/${path}`),
    );
  }

  /** What the backup knows of threads beside their rollouts, where it is not damaged. */
  async recordMetadata(manifest: BackupManifest, threadIds: readonly ThreadId[]): Promise<void> {
    const { files } = this.#context;
    const isBeside = ({ kind }: BackupEntry) => kind === "journal" || kind === "names";
    const whole = manifest.files.filter((entry) => {
      const damage = isBeside(entry) ? damageOf(files, this.#folder, entry) : null;
      if (damage !== null) this.#damaged.push({ path: entry.path, why: damage });
      return damage === null;
    });
    await restoreMetadata(this.#context, { folder: this.#folder, entries: whole, threadIds });
  }

  result(): RestoreResult {
    return {
      home: this.#context.home,
      restored: this.#restored,
      same: this.#same,
      conflicts: this.#conflicts,
      damaged: this.#damaged,
      leftOut: this.#leftOut,
    };
  }

  async #put(entry: BackupEntry): Promise<void> {
    const { files, home } = this.#context;
    const there = this.#placeOf(entry);
    if (there !== null) {
      if (isSameContent(contentOf(files, `${home}/${there}`), entry)) this.#same++;
      else this.#conflicts.push({ path: entry.path, why: `${there} holds something else` });
      return;
    }
    const damage = damageOf(files, this.#folder, entry);
    if (damage !== null) this.#damaged.push({ path: entry.path, why: damage });
    else await this.#copy(entry);
  }

  async #copy(entry: BackupEntry): Promise<void> {
    const { files, home } = this.#context;
    const { bytes, sha256, path, stored, mtimeMs } = entry;
    const places = { source: `${this.#folder}/${stored}`, target: `${home}/${path}` };
    try {
      const isWhole = await putInPlace({ files, ...places, content: { bytes, sha256 }, mtimeMs });
      if (isWhole) this.#restored.push(path);
      else this.#damaged.push({ path, why: "what was written is not what was read" });
    } catch (error) {
      if (!isSystemError(error) || error.code !== "EEXIST") throw error;
      this.#conflicts.push({ path, why: "somebody else made the file meanwhile" });
    }
  }

  /** Where the home has a file already; a rollout may be archived there, or compressed. */
  #placeOf({ path, kind }: BackupEntry): string | null {
    if (this.#context.files.status(`${this.#context.home}/${path}`)) return path;
    return kind === "rollout" ? (this.#there.get(fileNameOf(plainPath(path))) ?? null) : null;
  }
}
