import { isThreadStoreError, type ThreadId } from "@threadstore/core";
import { unavailable } from "@threadstore/core/driver";
import type { UnreadablePath } from "../rollout/find-rollouts.js";
import { fileNameOf, parseRolloutName } from "../rollout/rollout-name.js";
import type { IndexDatabase } from "./index-database.js";
import { lineageOf } from "./lineage.js";
import { rolloutAt, rolloutsOfThread } from "./rollout-row.js";

/** What a query is about: one thread, or all threads whatever they are. */
export interface QueryScope {
  readonly threadId?: ThreadId;
  readonly needsAll?: boolean;
}

/** Refusals that last: a home in which somebody closed a folder goes on without it. */
const PERMISSION = new Set(["EACCES", "EPERM"]);

/**
 * Runs a query after a walk that could not read everything. A list goes without what cannot be read; what is asked about one
 * thread is not answered from a part of it, nor from an earlier state. @throws `unavailable`
 */
export async function queryReadable<T>(
  index: IndexDatabase,
  { unreadable, scope }: { readonly unreadable: readonly UnreadablePath[]; readonly scope: QueryScope },
  work: (index: IndexDatabase) => T,
): Promise<T> {
  const { threadId, needsAll = false } = scope;
  const ids = threadId === undefined || unreadable.length === 0 ? null : relatedIds(index, threadId);
  const hiding = unreadable.find((path) => needsAll || (ids !== null && hides(index, path, ids)));
  if (hiding) throw refusal(hiding);
  try {
    return await work(index);
  } catch (error) {
    const [first] = unreadable;
    if (first && isThreadStoreError(error, "thread_not_found")) throw refusal(first);
    throw error;
  }
}

function refusal({ path, code }: UnreadablePath): Error {
  return unavailable(`${path} cannot be read: ${code}`);
}

/** The ids that files of a thread, and those that it inherits from, may be named by. */
function relatedIds(index: IndexDatabase, threadId: ThreadId): ReadonlySet<string> {
  const ids = new Set([threadId]);
  for (const own of rolloutsOfThread(index, threadId)) {
    const { parts, missingBase } = lineageOf(index, own);
    const all = [missingBase, ...parts.flatMap(({ rollout }) => [rollout.threadId, rollout.rolloutId])];
    for (const id of all) if (id) ids.add(id);
  }
  return ids;
}

function hides(index: IndexDatabase, { path, code, isFolder }: UnreadablePath, ids: ReadonlySet<string>): boolean {
  if (isFolder) return !PERMISSION.has(code);
  const name = parseRolloutName(fileNameOf(path));
  const known = rolloutAt(index, path);
  return [name?.threadId, name?.rolloutId, known?.threadId, known?.rolloutId].some((id) => id != null && ids.has(id));
}
