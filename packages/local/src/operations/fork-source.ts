import type { CreateThreadParams, HistoryMode } from "@threadstore/core";
import { invalidRequest, multiAgentVersionOf, type SessionMetaContext } from "@threadstore/core/driver";
import type { IndexDatabase } from "../index/index-database.js";
import { type Lineage, lineageOf } from "../index/lineage.js";
import { findThread } from "../index/thread-lookup.js";
import type { LocalHome } from "../local-home.js";
import { cutHistory, endOfRollout, type HistoryCut } from "./history-cut.js";
import { readLineage } from "./read-history.js";

/** A thread that another one is forked from, and where. */
export interface ForkSource {
  readonly threadId: string;
  readonly historyMode: HistoryMode;
  readonly lineage: Lineage;
  readonly endOrdinalExclusive: number;
  /** Where a fork by reference leaves the history; absent for a copy, and for a fork that inherits nothing. */
  readonly cut?: HistoryCut;
}

/** Finds what a fork begins with. @throws `thread_not_found`; `invalid_request` beyond its end, or another history mode. */
export async function findForkSource(
  home: LocalHome,
  p: CreateThreadParams,
  fork: NonNullable<CreateThreadParams["fork"]>,
): Promise<ForkSource> {
  const find = (index: IndexDatabase) => {
    const found = findThread(index, { threadId: fork.from });
    return { rollout: found.rollout, lineage: lineageOf(index, found.rollout) };
  };
  const { rollout, lineage } = await home.index.query(find, { threadId: fork.from });
  const { historyMode } = rollout.scan;
  if (p.historyMode !== undefined && p.historyMode !== historyMode) {
    throw invalidRequest(`a fork keeps the history mode of its source: thread ${fork.from} is ${historyMode}`);
  }
  const end = endOfRollout(home, rollout);
  const { endOrdinalExclusive = end } = fork;
  if (endOrdinalExclusive > end) {
    throw invalidRequest(`thread ${fork.from} ends at ordinal ${end}, asked to fork at ${endOrdinalExclusive}`);
  }
  const source = { threadId: rollout.threadId ?? fork.from, historyMode, lineage, endOrdinalExclusive };
  const isReference = historyMode === "paginated" && endOrdinalExclusive > 0;
  return isReference ? { ...source, cut: cutHistory(home, lineage, endOrdinalExclusive) } : source;
}

/** What the session_meta of a fork says of its source. */
export function metaOfFork(home: LocalHome, source: ForkSource): Partial<SessionMetaContext> {
  const multiAgentVersion = lastMultiAgentVersion(home, source);
  const { threadId, historyMode, endOrdinalExclusive, cut } = source;
  return {
    forkedFromId: threadId,
    ...(historyMode === "paginated" ? { forkedFromOrdinalExclusive: endOrdinalExclusive } : {}),
    ...(cut ? { historyBase: historyBaseOf(cut) } : {}),
    ...(multiAgentVersion === undefined ? {} : { multiAgentVersion }),
  };
}

/** A cut as a session_meta records it. */
export function historyBaseOf({ rollout, endOrdinalExclusive, endByteOffset }: HistoryCut) {
  return {
    thread_id: rollout.rolloutId ?? "",
    end_ordinal_exclusive: endOrdinalExclusive,
    end_byte_offset: endByteOffset,
  };
}

/** Bytes of history that are read at a time to find a turn_context: the last one is rarely far from the end. */
const LOOK_BACK_BYTES = 256 * 1024;

/** How agents worked together in the last turn before an ordinal. */
export function lastMultiAgentVersion(
  home: LocalHome,
  { lineage, endOrdinalExclusive }: Pick<ForkSource, "lineage" | "endOrdinalExclusive">,
): string | undefined {
  if (endOrdinalExclusive === 0) return undefined;
  const from = Number.isFinite(endOrdinalExclusive) ? { from: endOrdinalExclusive - 1 } : {};
  const query = { direction: "desc", batchBytes: LOOK_BACK_BYTES, ...from } as const;
  for (const batch of readLineage(home, lineage, query)) {
    for (const { item } of batch.items) {
      const version = multiAgentVersionOf(item);
      if (version !== undefined) return version;
    }
  }
  return undefined;
}
