import { resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Instant } from "@threadstore/core";
import type { FileSystem } from "../file-system/file-system.js";
import { nodeFileSystem } from "../file-system/node-file-system.js";
import { mapError } from "../map-error.js";
import { type BackupEntry, type LeftOut, readManifest } from "./backup/manifest.js";
import { contentOf, isSameContent } from "./hash-range.js";

export interface VerifyOptions {
  readonly folder: string;
  /** Default: the real file system. */
  readonly files?: FileSystem;
  /** Told after each file: how many were verified, and how many there are. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface BackupVerification {
  readonly folder: string;
  /** The home that was backed up, and when the backup was finished. */
  readonly home: string;
  readonly finishedAt: Instant;
  readonly files: number;
  readonly bytes: number;
  /** Files that are missing, or that hold something else than was copied. */
  readonly damaged: readonly LeftOut[];
}

/**
 * Hashes every file of a backup and compares it with the manifest, earlier versions and files that are gone from the home
 * included. Changes nothing.
 *
 * @throws ThreadStoreError `invalid_request` the folder holds no finished backup.
 */
export async function verifyBackup(options: VerifyOptions): Promise<BackupVerification> {
  const { files = nodeFileSystem, onProgress = () => {} } = options;
  const folder = resolve(options.folder);
  try {
    const manifest = readManifest(files, folder);
    const entries = [...manifest.files, ...manifest.earlier];
    const damaged: LeftOut[] = [];
    for (const [at, entry] of entries.entries()) {
      const why = damageOf(files, folder, entry);
      if (why !== null) damaged.push({ path: entry.stored, why });
      onProgress(at + 1, entries.length);
      await setImmediate();
    }
    const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    return { folder, home: manifest.home, finishedAt: manifest.finishedAt, files: entries.length, bytes, damaged };
  } catch (error) {
    throw mapError(`verifying the backup ${folder}`, error);
  }
}

/** What is wrong with a stored file; null: nothing. What follows its content is of a run that did not finish. */
export function damageOf(files: FileSystem, folder: string, entry: BackupEntry): string | null {
  const content = contentOf(files, `${folder}/${entry.stored}`, entry.bytes);
  if (content === null) return "it is not there";
  if (content.bytes < entry.bytes) return `it has ${content.bytes} of ${entry.bytes} bytes`;
  return isSameContent(content, entry) ? null : "its bytes are not those that were copied";
}
