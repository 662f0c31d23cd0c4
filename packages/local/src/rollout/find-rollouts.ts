import type { FileStatus, FileSystem } from "../file-system/file-system.js";
import { parseRolloutName } from "./rollout-name.js";

/** A file of a home that may be a rollout. */
export interface RolloutFile {
  /** Relative to the home, with forward slashes. */
  readonly path: string;
  readonly isArchived: boolean;
  readonly status: FileStatus;
}

/** The folders of a home that hold rollouts. */
export const ROLLOUT_FOLDERS = ["sessions", "archived_sessions"] as const;

/** Date folders are three deep; hand-made homes nest a little more. A bound also ends loops of links. */
const FOLDER_MAX_DEPTH = 12;

/** Every file below the rollout folders of a home whose name can be a rollout's, with its status. */
export function findRollouts(files: FileSystem, home: string): RolloutFile[] {
  const found: RolloutFile[] = [];
  for (const folder of ROLLOUT_FOLDERS) walk(folder, 0);
  return found;

  function walk(folder: string, depth: number): void {
    if (depth > FOLDER_MAX_DEPTH) return;
    for (const entry of files.readDirectory(`${home}/${folder}`) ?? []) {
      const path = `${folder}/${entry.name}`;
      if (entry.kind === "directory") walk(path, depth + 1);
      else if (entry.kind === "other") visitLink(path, depth);
      else visitFile(path);
    }
  }

  function visitFile(path: string): void {
    if (!parseRolloutName(path)) return;
    const status = files.status(`${home}/${path}`);
    if (status?.kind === "file") found.push({ path, isArchived: path.startsWith("archived_sessions/"), status });
  }

  function visitLink(path: string, depth: number): void {
    const status = files.status(`${home}/${path}`);
    if (status?.kind === "directory") walk(path, depth + 1);
    else if (status?.kind === "file") visitFile(path);
  }
}
