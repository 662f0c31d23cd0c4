import type { RevertThreadParams } from "@threadstore/core";
import { invalidRequest, readClock, revertedMetaJson } from "@threadstore/core/driver";
import { lineageOf } from "../index/lineage.js";
import { neighbourOf } from "../index/thread-summary.js";
import type { LocalHome } from "../local-home.js";
import type { LocalLease } from "../local-lease.js";
import { newRolloutPath } from "../rollout/rollout-path.js";
import { readMeta } from "./append-meta-copies.js";
import { historyBaseOf, lastMultiAgentVersion } from "./fork-source.js";
import { cutHistory } from "./history-cut.js";
import { locateThread } from "./locate-thread.js";
import { makeLineageSafe } from "./make-lineage-safe.js";
import { deferRollout } from "./new-rollout.js";
import { openLease } from "./open-lease.js";

/** Lets a live thread go on from an earlier ordinal, in a new segment; the old one stays as it is. */
export async function revertThread(
  home: LocalHome,
  lease: LocalLease,
  { threadId, endOrdinalExclusive }: RevertThreadParams,
): Promise<LocalLease> {
  const { historyMode, lock, writer } = lease;
  if (historyMode === "legacy") throw invalidRequest(`thread ${threadId} is legacy: it cannot be reverted`);
  const end = writer.written ? writer.nextOrdinal : 0;
  if (endOrdinalExclusive < 1 || endOrdinalExclusive > end) {
    throw invalidRequest(`thread ${threadId} has no ordinal ${endOrdinalExclusive} to go back to`);
  }
  const { rollout } = await locateThread(home, { threadId, includeArchived: true });
  const { lineage, neighbour } = await home.index.query(
    (index) => ({ lineage: lineageOf(index, rollout), neighbour: neighbourOf(index, threadId) }),
    { asIs: true },
  );
  if (neighbour) {
    throw invalidRequest(`the real Codex knows thread ${threadId} and would go on in its old rollout: fork it instead`);
  }
  const cut = cutHistory(home, lineage, endOrdinalExclusive);
  const now = () => readClock(home.clock);
  const multiAgentVersion = lastMultiAgentVersion(home, { lineage, endOrdinalExclusive });
  const metaJson = revertedMetaJson(readMeta(home, rollout), {
    revertedAt: now(),
    historyBase: historyBaseOf(cut),
    ...(multiAgentVersion === undefined ? {} : { multiAgentVersion }),
  });
  await makeLineageSafe(home, lineage);
  const deferred = deferRollout(home, {
    path: newRolloutPath(home.clock.nowMs(), threadId, home.ids.newId()),
    historyMode,
    lock,
    firstOrdinal: endOrdinalExclusive,
    metaJson,
    now,
  });
  const reverted = openLease(home, { threadId, historyMode, lock, rollout: deferred });
  try {
    reverted.writer.persist();
  } catch (error) {
    home.live.set(threadId, lease);
    throw error;
  }
  home.log.leave(writer);
  writer.close();
  return reverted;
}
