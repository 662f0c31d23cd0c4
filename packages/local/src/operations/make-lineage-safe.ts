import { dirname } from "node:path";
import { unavailable } from "@threadstore/core/driver";
import type { FileSystem } from "../file-system/file-system.js";
import { syncFile } from "../file-system/sync-file.js";
import type { Lineage } from "../index/lineage.js";
import type { LocalHome } from "../local-home.js";
import { whileLocked } from "../locks/locked-file.js";
import { findMoved } from "../rollout/find-rollouts.js";

/**
 * Resolves when everything that a fork or a new segment inherits survives a power cut. Called before there is one: a history that
 * lost its end afterwards would be gone on with, and what others append to it would appear in the fork.
 */
export async function makeLineageSafe(home: LocalHome, { parts }: Lineage): Promise<void> {
  if (!home.isDurable) return;
  const folders = new Set<string>();
  for (const { rollout } of parts) folders.add(dirname(await syncRollout(home, rollout.path)));
  for (const folder of folders) await home.names.sync(folder);
}

/** Where the rollout is. */
async function syncRollout({ files, home, live }: LocalHome, path: string): Promise<string> {
  const found = path.startsWith("../") ? `${home}/${path}` : placeOf(files, home, path);
  const writer = [...live.values()].find(({ writer }) => writer.written?.path === found)?.writer;
  if (writer) {
    await writer.sync();
    return found;
  }
  const file = files.openToAppend(found, "existing");
  if (!file) throw unavailable(`the rollout ${path} was moved or removed while it was forked`);
  try {
    await syncFile(files, { path: found, file }, (work) => whileLocked(file, work));
  } finally {
    file.close();
  }
  return found;
}

function placeOf(files: FileSystem, home: string, path: string): string {
  return `${home}/${findMoved(files, home, path)?.path ?? path}`;
}
