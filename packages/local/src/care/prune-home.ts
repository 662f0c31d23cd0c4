import { isThreadStoreError, type ThreadId } from "@threadstore/core";
import { invalidRequest } from "@threadstore/core/driver";
import { heirOf } from "../index/heir-of.js";
import { type LocalHome, type LocalHomeOptions, openLocalHome } from "../local-home.js";
import { mapError } from "../map-error.js";
import { type WholeThread, withWholeThread } from "../operations/whole-thread.js";
import { TRASH_FOLDER } from "./prune/read-trash.js";
import {
  bytesOf,
  type KeptThread,
  meets,
  type PruneCandidate,
  type PruneCriteria,
  selectThreads,
} from "./prune/select-threads.js";
import { TrashFolder } from "./prune/trash-folder.js";

/** At least one criterion. */
export interface PruneOptions extends LocalHomeOptions, PruneCriteria {
  /** Only say what would be pruned. Default: false. */
  readonly isDryRun?: boolean;
  /** Told after each thread: how many were looked at, and how many there are. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface PruneResult {
  /** Where the rollouts are now; null: none was moved. Relative to the home. */
  readonly trash: string | null;
  /** Threads that were pruned, or would be. */
  readonly pruned: readonly PruneCandidate[];
  readonly bytes: number;
  /** Threads that meet the criteria and stay. */
  readonly kept: readonly KeptThread[];
}

/**
 * Moves the rollouts of whole threads to `threadstore/trash/`: every segment and every copy, under the locks that deleting
 * takes. A thread whose items another one needs stays, and so does one that is live. Their metadata stays until the trash
 * is emptied, so that `undoPrune` brings back all of them.
 *
 * @throws ThreadStoreError `invalid_request` no criterion; `unavailable` no such home; `unsupported` no locks on this system.
 * @see docs/care.md
 */
export async function pruneHome(options: PruneOptions): Promise<PruneResult> {
  const { olderThanMs, largerThanBytes, archived, isDryRun = false, onProgress = () => {}, ...homeOptions } = options;
  const criteria: PruneCriteria = {
    ...(olderThanMs === undefined ? {} : { olderThanMs }),
    ...(largerThanBytes === undefined ? {} : { largerThanBytes }),
    ...(archived ? { archived } : {}),
  };
  if (Object.keys(criteria).length === 0)
    throw invalidRequest("pruning needs a criterion: an age, a size, or archived");
  const context = openLocalHome(homeOptions);
  try {
    const nowMs = context.clock.nowMs();
    const { candidates, kept } = await context.index.query((index) => selectThreads(index, criteria, nowMs));
    if (isDryRun) return { trash: null, pruned: candidates, bytes: totalOf(candidates), kept };
    return await new Pruning(context, { criteria, nowMs, kept }).run(candidates, onProgress);
  } catch (error) {
    throw mapError(`pruning ${context.home}`, error);
  } finally {
    context.index.close();
  }
}

function totalOf(candidates: readonly PruneCandidate[]): number {
  return candidates.reduce((sum, { bytes }) => sum + bytes, 0);
}

interface PruneState {
  readonly criteria: PruneCriteria;
  readonly nowMs: number;
  readonly kept: readonly KeptThread[];
}

class Pruning {
  readonly #context: LocalHome;
  readonly #state: PruneState;
  readonly #kept: KeptThread[];
  #trash: TrashFolder | null = null;

  constructor(context: LocalHome, state: PruneState) {
    this.#context = context;
    this.#state = state;
    this.#kept = [...state.kept];
  }

  async run(
    candidates: readonly PruneCandidate[],
    onProgress: (done: number, total: number) => void,
  ): Promise<PruneResult> {
    const pruned: PruneCandidate[] = [];
    for (const [at, candidate] of candidates.entries()) {
      const moved = await this.#prune(candidate);
      if (moved) pruned.push(moved);
      onProgress(at + 1, candidates.length);
    }
    const trash = this.#trash && `${TRASH_FOLDER}/${this.#trash.name}`;
    return { trash, pruned, bytes: totalOf(pruned), kept: this.#kept };
  }

  /** Null when the thread stays. One that is gone meanwhile needs no line. */
  async #prune(candidate: PruneCandidate): Promise<PruneCandidate | null> {
    const { threadId } = candidate;
    try {
      return await withWholeThread(this.#context, threadId, (whole) => this.#moveWhole(candidate, whole));
    } catch (error) {
      if (isThreadStoreError(error, "thread_not_found")) return null;
      if (!isThreadStoreError(error, "conflict")) throw error;
      return this.#keep(threadId, error.message);
    }
  }

  /** Under the locks everything is asked again: somebody may have used the thread since it was chosen. */
  async #moveWhole(
    candidate: PruneCandidate,
    { threadId, thread, rollouts }: WholeThread,
  ): Promise<PruneCandidate | null> {
    const { index, log } = this.#context;
    const { criteria, nowMs } = this.#state;
    if (!meets(criteria, { thread, rollouts, nowMs })) return this.#keep(threadId, "it changed meanwhile");
    const heir = await index.query((database) => heirOf(database, { threadId, rollouts }), {
      threadId,
      needsAll: true,
    });
    if (heir !== undefined) return this.#keep(threadId, `thread ${heir} needs its items`);
    await log.purge(threadId);
    const files = rollouts.map(({ path, size }) => ({ path, bytes: size }));
    await this.#trashFolder().take({ threadId, files });
    return { ...candidate, files: files.length, bytes: bytesOf(rollouts) };
  }

  #keep(threadId: ThreadId, why: string): null {
    this.#kept.push({ threadId, why });
    return null;
  }

  #trashFolder(): TrashFolder {
    const { files, home, isDurable } = this.#context;
    this.#trash ??= new TrashFolder({ files, home, isDurable, nowMs: this.#state.nowMs });
    return this.#trash;
  }
}
