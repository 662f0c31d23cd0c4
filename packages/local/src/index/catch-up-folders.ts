import { dirname } from "node:path";
import { systemClock } from "@threadstore/core";
import { findMoved, findRollouts, type RolloutFile } from "../rollout/find-rollouts.js";
import { readWhereItIs, saveChanges } from "./catch-up.js";
import { changedFolders, type FolderMarks, saveFolderMarks } from "./folder-marks.js";
import type { IndexContext } from "./index-context.js";
import type { RolloutRow } from "./rollout-row.js";

/** What a look at the changed folders found. */
export interface FolderChanges {
  readonly rows: readonly RolloutRow[];
  readonly removed: readonly string[];
}

/** More is left to a walk, which lets other work go on in between. */
const NEW_FILES_MAX = 64;

/**
 * Brings the index up to date with which rollouts there are: of the folders that are marked only those that changed are read,
 * and only files that came are looked at. Null when only a walk through the home can tell.
 */
export function catchUpFolders(
  context: IndexContext,
  { all, looked }: { readonly all: FolderMarks; readonly looked: FolderMarks },
): FolderChanges | null {
  const { files, home, index } = context;
  if (looked.size === 0) return null;
  const startedMs = systemClock.nowMs();
  const roots = changedFolders(context, looked);
  if (roots.length === 0) return { rows: [], removed: [] };
  const known = new Set(roots.flatMap((folder) => pathsIn(context, folder)));
  const seen = new Set<string>();
  const isKnown = (path: string) => seen.add(path).has(path) && (known.has(path) || all.has(path));
  const found = findRollouts(files, home, { roots, isKnown });
  const removed = [...known].filter((path) => !seen.has(path));
  const moved = removed.flatMap((path) => findMoved(files, home, path) ?? []);
  const came = new Map([...found.rollouts, ...moved].map((file) => [file.path, file]));
  if (found.unreadable.length > 0 || came.size > NEW_FILES_MAX) return null;
  const rows = lookAt(context, [...came.values()]);
  if (rows === null) return null;
  saveChanges(context, { rows, removed });
  saveFolderMarks(index, { ...found, startedMs }, all);
  return { rows, removed };
}

/** Rollouts that the index knows of right in a folder. */
function pathsIn({ index }: IndexContext, folder: string): string[] {
  // "0" is the character after "/".
  const rows = index.all("SELECT path FROM rollouts WHERE path > ? AND path < ?", `${folder}/`, `${folder}0`);
  return rows.map(({ path }) => String(path)).filter((path) => dirname(path) === folder);
}

function lookAt(context: IndexContext, came: readonly RolloutFile[]): RolloutRow[] | null {
  const rows: RolloutRow[] = [];
  for (const file of came) {
    const row = readWhereItIs(context, file, {});
    if (row && "code" in row) return null;
    if (row) rows.push(row);
  }
  return rows;
}
