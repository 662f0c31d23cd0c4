import { resolve } from "node:path";
import { conflict, invalidRequest, readClock } from "@threadstore/core/driver";
import type { AppendFile, FileSystem } from "../file-system/file-system.js";
import { hasFlock } from "../file-system/flock.js";
import { makeFolder, syncFolders } from "../file-system/folders.js";
import { type LocalHome, type LocalHomeOptions, openLocalHome } from "../local-home.js";
import { tryLockFile } from "../locks/locked-file.js";
import { LogReplay } from "../log/log-replay.js";
import { mapError } from "../map-error.js";
import { BackupRun, type BackupTally } from "./backup/backup-run.js";
import {
  type BackupManifest,
  type LeftOut,
  MANIFEST,
  readManifest,
  STORED_FOLDER,
  writeManifest,
} from "./backup/manifest.js";

export interface BackupOptions extends LocalHomeOptions {
  /** Where the backup is, or is to be: a folder that is empty, or holds the backup before. */
  readonly folder: string;
  /** Told after each file: how many were looked at, and how many there are. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface BackupResult extends BackupTally {
  readonly folder: string;
  /** Files of the home that are in the backup now, and their bytes. */
  readonly files: number;
  readonly bytes: number;
  readonly threads: number;
  /** Files that were in the home earlier: they stay in the backup. */
  readonly gone: number;
  readonly leftOut: readonly LeftOut[];
}

const LOCK = ".lock";

/**
 * Copies the threads of a home into a folder while the home may be in use, or brings the copy there up to date: files that
 * did not change are not read, of files that grew only the new bytes are written. The manifest is put in place last.
 *
 * @throws ThreadStoreError `invalid_request` the folder holds something else, or lies in the home; `conflict` another backup
 * runs; `unavailable` no room, no such home.
 * @see docs/care.md
 */
export async function backupHome(options: BackupOptions): Promise<BackupResult> {
  const { folder: wanted, onProgress = () => {}, ...homeOptions } = options;
  const context = openLocalHome(homeOptions);
  const folder = resolve(wanted);
  try {
    await prepare(context, folder);
    const lock = lockFolder(context.files, folder);
    try {
      // What a power cut left in logs only is no part of the rollouts yet.
      await new LogReplay(context).finish({ isWriting: false });
      return await run(context, { folder, onProgress });
    } finally {
      lock?.close();
    }
  } catch (error) {
    throw mapError(`backing up ${context.home} to ${folder}`, error);
  }
}

/** What may stand in a folder that an unfinished first backup left. */
const OWN_NAMES: ReadonlySet<string> = new Set([STORED_FOLDER, LOCK, `${MANIFEST}.new`]);

async function prepare({ files, home }: LocalHome, folder: string): Promise<void> {
  await syncFolders(files, makeFolder(files, folder));
  const real = files.realPath(folder) ?? folder;
  if (real === home || real.startsWith(`${home}/`))
    throw invalidRequest(`${folder} lies in the home that is backed up`);
  if (files.status(`${folder}/${MANIFEST}`)) return;
  const foreign = (files.readDirectory(folder) ?? []).find(({ name }) => !OWN_NAMES.has(name));
  if (foreign)
    throw invalidRequest(`${folder} holds ${foreign.name}, which is no part of a backup: name an empty folder`);
}

function lockFolder(files: FileSystem, folder: string): AppendFile | null {
  if (!hasFlock) return null;
  const lock = tryLockFile(files, `${folder}/${LOCK}`, "exclusive");
  if (!lock) throw conflict(`another backup to ${folder} is running`);
  return lock;
}

async function run(
  context: LocalHome,
  { folder, onProgress }: { readonly folder: string; readonly onProgress: NonNullable<BackupOptions["onProgress"]> },
): Promise<BackupResult> {
  const { files, home, clock } = context;
  const startedAt = readClock(clock);
  const before = files.status(`${folder}/${MANIFEST}`) ? readManifest(files, folder) : null;
  if (before && before.home !== home)
    throw invalidRequest(`${folder} holds the backup of ${before.home}, not of ${home}`);
  const work = new BackupRun({ files, home, folder, before });
  const { entries, earlier, leftOut, superseded, tally } = await work.copyAll(onProgress);
  const finishedAt = readClock(clock);
  const head = { format: "threadstore-backup", version: 1, home, startedAt, finishedAt } as const;
  const manifest: BackupManifest = { ...head, files: entries, earlier, leftOut };
  await writeManifest(files, folder, manifest);
  // Only now is nothing left that says they are needed.
  for (const stored of superseded) files.removeFile(`${folder}/${stored}`);
  const present = entries.filter(({ isGone }) => !isGone);
  return {
    folder,
    files: present.length,
    bytes: present.reduce((sum, { bytes }) => sum + bytes, 0),
    threads: new Set(present.flatMap(({ threadId }) => threadId ?? [])).size,
    gone: entries.length - present.length,
    leftOut,
    ...tally,
  };
}
