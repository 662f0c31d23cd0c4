import type { ThreadId } from "@threadstore/core";
import type { LocalHome } from "../local-home.js";
import { indexTurns } from "../operations/index-turns.js";

/** Threads whose turns were to be indexed. */
export interface HomeTurns {
  readonly threads: number;
  /** Those whose turns cannot be, because their history cannot be read. */
  readonly failed: readonly ThreadId[];
}

/** Threads that are indexed together, saved in one transaction: as many as are short, or a long one. */
type Batch = readonly ThreadId[];

const BATCH_MAX_BYTES = 4 * 1024 * 1024;
const BATCH_MAX_THREADS = 256;

/**
 * Has the turns of every thread in the index. What is there already is not read again, and what was done stays done when this
 * is stopped. The index must know the threads.
 */
export async function indexHomeTurns(
  home: LocalHome,
  onProgress: (done: number, total: number) => void,
): Promise<HomeTurns> {
  const batches = await batchesOf(home);
  const threads = batches.flat().length;
  const failed: ThreadId[] = [];
  let done = 0;
  onProgress(done, threads);
  for (const batch of batches) {
    failed.push(...(await indexTurns(home, batch)));
    done += batch.length;
    onProgress(done, threads);
  }
  return { threads, failed };
}

async function batchesOf({ index }: LocalHome): Promise<Batch[]> {
  const rows = await index.query(
    (database) => database.all("SELECT threads.thread_id, size FROM threads JOIN rollouts USING (path)"),
    { asIs: true },
  );
  const batches: ThreadId[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const { thread_id, size } of rows) {
    bytes += Number(size);
    const last = batches.at(-1);
    if (last && last.length < BATCH_MAX_THREADS && bytes <= BATCH_MAX_BYTES) last.push(String(thread_id));
    else {
      batches.push([String(thread_id)]);
      bytes = Number(size);
    }
  }
  return batches;
}
