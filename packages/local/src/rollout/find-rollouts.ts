import type { DirectoryEntry, FileStatus, FileSystem } from "../file-system/file-system.js";
import { isSystemError } from "../map-error.js";
import { fileNameOf, hasRolloutSuffix } from "./rollout-name.js";
import { folderOfRollout } from "./rollout-path.js";

/** A file of a home that may be a rollout. */
export interface RolloutFile {
  /** Relative to the home, with forward slashes. */
  readonly path: string;
  readonly status: FileStatus;
}

/** The folders of a home that hold rollouts. */
export const ROLLOUT_FOLDERS = ["sessions", "archived_sessions"] as const;

/** Date folders are three deep; hand-made homes nest a little more. A bound also ends loops of links. */
const FOLDER_MAX_DEPTH = 12;

/** What a walk through the rollout folders of a home found. */
export interface FoundRollouts {
  /** Every file whose name can be a rollout's. */
  readonly rollouts: readonly RolloutFile[];
  /** Every folder that was walked, as it was before that; null for one that is not there. */
  readonly folders: ReadonlyMap<string, FileStatus | null>;
  /** Folders that the system does not let us read. */
  readonly unreadable: readonly UnreadablePath[];
}

/** What the system does not let us read. */
export interface UnreadablePath {
  /** Relative to the home. */
  readonly path: string;
  /** Of the system's error. */
  readonly code: string;
  readonly isFolder: boolean;
}

/** Which part of a home is walked. */
export interface WalkScope {
  /** Folders to begin in. Default: those that hold rollouts. */
  readonly roots?: readonly string[];
  /** Files and folders that are passed over. Default: none. */
  readonly isKnown?: (path: string) => boolean;
}

/** Finds the files below the rollout folders of a home that may be rollouts. */
export function findRollouts(files: FileSystem, home: string, scope: WalkScope = {}): FoundRollouts {
  const { roots = ROLLOUT_FOLDERS, isKnown = () => false } = scope;
  const rollouts: RolloutFile[] = [];
  const folders = new Map<string, FileStatus | null>();
  const unreadable: UnreadablePath[] = [];
  for (const folder of roots) walk(folder, 0);
  return { rollouts, folders, unreadable };

  function walk(folder: string, depth: number): void {
    if (depth > FOLDER_MAX_DEPTH) return;
    folders.set(folder, files.status(`${home}/${folder}`));
    for (const entry of entriesOf(folder)) {
      const path = `${folder}/${entry.name}`;
      if (isKnown(path)) continue;
      if (entry.kind === "directory") walk(path, depth + 1);
      else if (entry.kind === "other") visitLink(path, depth);
      else visitFile(path);
    }
  }

  /** A folder below that the system does not let us read hides no other; the home itself must be readable. */
  function entriesOf(folder: string): readonly DirectoryEntry[] {
    try {
      return files.readDirectory(`${home}/${folder}`) ?? [];
    } catch (error) {
      if (!isSystemError(error) || !folder.includes("/")) throw error;
      unreadable.push({ path: folder, code: error.code ?? "unknown", isFolder: true });
      return [];
    }
  }

  function visitFile(path: string): void {
    if (!hasRolloutSuffix(path)) return;
    const status = files.status(`${home}/${path}`);
    if (status?.kind === "file") rollouts.push({ path, status });
  }

  function visitLink(path: string, depth: number): void {
    const status = files.status(`${home}/${path}`);
    if (status?.kind === "directory") walk(path, depth + 1);
    else if (status?.kind === "file") visitFile(path);
  }
}

/** How often the places of a file that moves are looked at; a move takes far less time than this. */
const LOOKS_MAX = 8;

/**
 * Where a file is that was at `path`: still there, in the archive, or in the folder of its date, between which archiving
 * moves it. Null when it is gone.
 */
export function findMoved(files: FileSystem, home: string, path: string): RolloutFile | null {
  const name = fileNameOf(path);
  const folder = folderOfRollout(name);
  const places = new Set([path, `archived_sessions/${name}`, ...(folder === null ? [] : [`${folder}/${name}`])]);
  for (let look = 0; look < LOOKS_MAX; look++) {
    for (const place of places) {
      const status = files.status(`${home}/${place}`);
      if (status?.kind === "file") return { path: place, status };
    }
  }
  return null;
}
