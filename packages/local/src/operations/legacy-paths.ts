import { isAbsolute, resolve } from "node:path";
import type { ReadThreadByRolloutPathParams, ResolveLegacyPathParams, StoredThread, ThreadId } from "@threadstore/core";
import { invalidRequest, threadArchived } from "@threadstore/core/driver";
import { isArchived } from "../index/choose-rollout.js";
import { type RolloutRow, rolloutAt } from "../index/rollout-row.js";
import { summarizeRollout } from "../index/thread-summary.js";
import type { LocalHome } from "../local-home.js";
import { fileNameOf, parseRolloutName, plainPath } from "../rollout/rollout-name.js";
import { loadRolloutHistory } from "./read-history.js";

/** Whether a path has the name of a rollout. */
export function supportsLegacyPath(path: string): boolean {
  return parseRolloutName(fileNameOf(path)) !== null;
}

/** The thread of a rollout, or null when there is none at that path. */
export async function resolveLegacyPath(
  context: LocalHome,
  { path, includeArchived }: ResolveLegacyPathParams,
): Promise<ThreadId | null> {
  const rollout = await findByPath(context, path);
  if (!rollout?.threadId) return null;
  return includeArchived || !isArchived(rollout) ? rollout.threadId : null;
}

/** Reads a thread from the very rollout named, be it the current one of its thread or not. */
export async function readThreadByRolloutPath(
  context: LocalHome,
  { rolloutPath, includeArchived, includeHistory }: ReadThreadByRolloutPathParams,
): Promise<StoredThread> {
  const rollout = await findByPath(context, rolloutPath);
  if (!rollout?.threadId) throw invalidRequest(`failed to resolve rollout path: ${whatIsAt(context, rolloutPath)}`);
  if (isArchived(rollout) && !includeArchived) throw threadArchived(rollout.threadId);
  const { files, home } = context;
  const thread = await context.index.query((index) => summarizeRollout({ files, home, index }, rollout), {
    asIs: true,
  });
  if (!includeHistory) return thread;
  return { ...thread, history: await loadRolloutHistory(context, rollout) };
}

async function findByPath(context: LocalHome, path: string): Promise<RolloutRow | undefined> {
  const relative = plainPath(pathInHome(context, path));
  return context.index.query((index) => rolloutAt(index, relative) ?? rolloutAt(index, `${relative}.zst`));
}

/** The path relative to the home; links are followed, so that a path means the file it leads to. */
function pathInHome({ home, files }: LocalHome, path: string): string {
  const absolute = isAbsolute(path) ? path : resolve(home, path);
  const real = files.realPath(absolute) ?? files.realPath(`${absolute}.zst`) ?? resolve(absolute);
  if (!real.startsWith(`${home}/`)) throw invalidRequest(`the path ${path} is outside the home ${home}`);
  return real.slice(home.length + 1);
}

function whatIsAt({ home, files }: LocalHome, path: string): string {
  const status = files.status(isAbsolute(path) ? path : resolve(home, path));
  if (!status) return `${path}: file does not exist`;
  if (status.kind === "directory") return `${path}: path is a directory`;
  return status.kind === "file" ? `${path}: file is not a rollout` : `${path}: path is not a file`;
}
