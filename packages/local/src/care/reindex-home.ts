import type { CatchUpOptions } from "../index/catch-up.js";
import { type LocalHomeOptions, openLocalHome } from "../local-home.js";
import { mapError } from "../map-error.js";
import { type HomeTurns, indexHomeTurns } from "./index-home-turns.js";

export interface ReindexOptions extends LocalHomeOptions {
  /** Also indexes the turns of every thread, which are indexed when they are asked for otherwise. */
  readonly turns?: boolean;
  /** Also indexes what was said in every thread, which is indexed when a search needs it otherwise. */
  readonly text?: boolean;
  /** Told after each file: how many were looked at, and how many there are. */
  readonly onProgress?: CatchUpOptions["onProgress"];
  /** The same for the threads whose turns are indexed. */
  readonly onTurnsProgress?: (done: number, total: number) => void;
  /** The same for the rollouts whose messages are indexed. */
  readonly onTextProgress?: (done: number, total: number) => void;
}

export interface ReindexResult {
  readonly files: number;
  readonly threads: number;
  /** Files that hold no thread. */
  readonly unreadable: number;
  /** Null: the index is in memory, because no folder for it can be written. */
  readonly indexPath: string | null;
  /** Null when turns were not asked for. */
  readonly turns: HomeTurns | null;
}

/** Makes the index of a home anew, looking at every line of every rollout. */
export async function reindexHome(options: ReindexOptions): Promise<ReindexResult> {
  const { turns = false, text = false, onProgress = () => {}, onTurnsProgress = () => {}, ...rest } = options;
  const { onTextProgress = () => {}, ...home } = rest;
  const context = openLocalHome(home);
  try {
    const { total } = await context.index.catchUp({ isComplete: true, onProgress });
    const result = await context.index.query(
      (index) => ({
        files: total,
        threads: Number(index.get("SELECT count(*) AS count FROM threads")?.count ?? 0),
        unreadable: Number(index.get("SELECT count(*) AS count FROM rollouts WHERE thread_id IS NULL")?.count ?? 0),
        indexPath: index.path,
      }),
      { asIs: true },
    );
    if (text) await context.texts.catchUp({ asIs: true, onProgress: onTextProgress });
    return { ...result, turns: turns ? await indexHomeTurns(context, onTurnsProgress) : null };
  } catch (error) {
    throw mapError(`indexing ${context.home}`, error);
  } finally {
    context.index.close();
  }
}
