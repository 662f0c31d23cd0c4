import { asJsonObject, parseThreadId, type ThreadId } from "@threadstore/core";
import type { FileSystem } from "../../file-system/file-system.js";
import { readWhole } from "../read-whole.js";

/** Where pruned rollouts go. Relative to the home. */
export const TRASH_FOLDER = "threadstore/trash";

/** What stands in each folder of the trash. */
export const TRASH_MANIFEST = "manifest.json";

/** A thread in the trash. */
export interface TrashedThread {
  readonly threadId: ThreadId;
  /** Relative to the home, and to the folder in the trash. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
}

/** One prune: a folder of the trash. */
export interface Trash {
  /** Its name below the trash folder. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly prunedAtMs: number;
  readonly threads: readonly TrashedThread[];
}

/** The folders of the trash, oldest first; one whose manifest cannot be read is left out. */
export function readTrash(files: FileSystem, home: string): Trash[] {
  return (files.readDirectory(`${home}/${TRASH_FOLDER}`) ?? [])
    .filter(({ kind }) => kind === "directory")
    .flatMap(({ name }) => readTrashFolder(files, home, name) ?? [])
    .sort((a, b) => a.prunedAtMs - b.prunedAtMs);
}

/** One folder of the trash; null when there is none of this name, or its manifest cannot be read. */
export function readTrashFolder(files: FileSystem, home: string, name: string): Trash | null {
  const text = readWhole(files, `${home}/${TRASH_FOLDER}/${name}/${TRASH_MANIFEST}`);
  const manifest = text === null ? null : parseManifest(text);
  return manifest && { name, ...manifest };
}

export const TRASH_VERSION = 1;

function parseManifest(text: string): Omit<Trash, "name"> | null {
  try {
    const manifest = asJsonObject(JSON.parse(text));
    if (manifest?.version !== TRASH_VERSION || typeof manifest.prunedAtMs !== "number") return null;
    if (!Array.isArray(manifest.threads) || !manifest.threads.every(isTrashedThread)) return null;
    return { prunedAtMs: manifest.prunedAtMs, threads: manifest.threads };
  } catch {
    return null;
  }
}

/** A path in a manifest must stay below the folders of rollouts: somebody else may have written it. */
function isTrashedThread(value: unknown): value is TrashedThread {
  const thread = asJsonObject(value);
  if (!thread || typeof thread.threadId !== "string" || parseThreadId(thread.threadId) === null) return false;
  return Array.isArray(thread.files) && thread.files.every(isTrashedFile);
}

function isTrashedFile(value: unknown): boolean {
  const file = asJsonObject(value);
  return typeof file?.path === "string" && isRolloutPath(file.path) && typeof file.bytes === "number";
}

/** Whether a path lies below a folder of rollouts and nowhere else. */
function isRolloutPath(path: string): boolean {
  const [folder, ...rest] = path.split("/");
  const isInFolder = folder === "sessions" || folder === "archived_sessions";
  return isInFolder && rest.length > 0 && rest.every((part) => part !== "" && part !== "." && part !== "..");
}
