import { createHash } from "node:crypto";
import { asJsonObject, type Instant, type JsonObject, type ThreadId } from "@threadstore/core";
import { invalidRequest } from "@threadstore/core/driver";
import type { FileSystem } from "../../file-system/file-system.js";
import { replaceFile } from "../../file-system/whole-writes.js";
import type { Content } from "../hashed-output.js";
import { readWhole } from "../read-whole.js";

/** What a file of a home is for. */
export type BackupKind = "rollout" | "names" | "journal" | "append_keys" | "recovered" | "database";

/** A file in a backup: the first `bytes` of `stored` are its content. */
export interface BackupEntry extends Content {
  /** Relative to the home. */
  readonly path: string;
  /** Relative to the backup. */
  readonly stored: string;
  readonly kind: BackupKind;
  /** Size and time of the file when it was copied: while they stay the same it is not read again. */
  readonly sourceBytes: number;
  readonly mtimeMs: number;
  /** Of rollouts: whose they are, and where their history begins. */
  readonly threadId?: ThreadId;
  readonly rolloutId?: string;
  readonly baseRolloutId?: string;
  /** Set when the home did not have the file any more; it stays in the backup. */
  readonly isGone?: true;
}

/** A file of a home that is not in its backup, and why. */
export interface LeftOut {
  readonly path: string;
  readonly why: string;
}

export interface BackupManifest {
  readonly format: "threadstore-backup";
  readonly version: 1;
  /** The home that was backed up. */
  readonly home: string;
  readonly startedAt: Instant;
  readonly finishedAt: Instant;
  readonly files: readonly BackupEntry[];
  /** What rollouts held that were made anew since, in place of the same bytes and more. */
  readonly earlier: readonly BackupEntry[];
  readonly leftOut: readonly LeftOut[];
}

/** It is written last: a backup without it is not finished. */
export const MANIFEST = "manifest.json";

/** Where the files of a backup lie, relative to it. */
export const STORED_FOLDER = "files";

/** The manifest of a backup. @throws `invalid_request` there is none, or it is damaged or a newer one's. */
export function readManifest(files: FileSystem, folder: string): BackupManifest {
  const text = readWhole(files, `${folder}/${MANIFEST}`);
  if (text === null)
    throw invalidRequest(`${folder} has no ${MANIFEST}: the backup there was not finished, or it is none`);
  const document = parse(text);
  if (document?.version !== undefined && document.version !== 1) {
    throw invalidRequest(`${folder}/${MANIFEST} has version ${document.version}: use a newer threadstore`);
  }
  const { checksum, ...manifest } = document ?? {};
  if (document === null || checksum !== checksumOf(manifest) || !isManifest(manifest)) {
    throw invalidRequest(`${folder}/${MANIFEST} is damaged`);
  }
  return manifest;
}

function parse(text: string): JsonObject | null {
  try {
    return asJsonObject(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Puts a manifest in place whole; the backup is finished when this resolves. */
export async function writeManifest(files: FileSystem, folder: string, manifest: BackupManifest): Promise<void> {
  const document = { checksum: checksumOf(manifest), ...manifest };
  const content = Buffer.from(`${JSON.stringify(document, null, 1)}\n`);
  replaceFile(files, `${folder}/${MANIFEST}`, { content, isDurable: true }).close();
  await files.syncDirectory(folder);
}

function checksumOf(manifest: object): string {
  return createHash("sha256").update(JSON.stringify(manifest)).digest("hex");
}

function isManifest(manifest: JsonObject): manifest is JsonObject & BackupManifest {
  const lists = [manifest.files, manifest.earlier];
  return manifest.format === "threadstore-backup" && lists.every((list) => Array.isArray(list) && list.every(isEntry));
}

/** Paths must stay below the home and the backup, whoever wrote the manifest. */
function isEntry(value: unknown): boolean {
  const entry = asJsonObject(value);
  return isPathBelow(entry?.path) && isPathBelow(entry?.stored) && typeof entry?.sha256 === "string";
}

function isPathBelow(path: unknown): boolean {
  return typeof path === "string" && path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
