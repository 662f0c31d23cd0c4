import type { ThreadId } from "@threadstore/core";
import { inheritedFacts, type MetadataFacts, mergeFacts, NO_FACTS } from "@threadstore/core/driver";
import { openRollout } from "../rollout/open-rollout.js";
import { scanTail } from "../rollout/scan-tail.js";
import type { IndexContext } from "./index-context.js";
import { findBase } from "./lineage.js";
import type { RolloutRow } from "./rollout-row.js";

/** A thread of more generations than this tells what its own generations tell. */
const GENERATIONS_MAX = 100;

/** Bytes before the cut that are looked at for the last facts before it. */
const LAST_FACTS_BYTES = 256 * 1024;

/** What the inherited prefix of a rollout tells. */
export function inheritedBy(context: IndexContext, rollout: RolloutRow, generation = 0): MetadataFacts {
  const { base } = rollout.scan;
  const from = base && generation < GENERATIONS_MAX ? findBase(context.index, rollout) : undefined;
  if (!base || !from) return NO_FACTS;
  const older = inheritedBy(context, from, generation + 1);
  const before = mergeFacts(older, firstFactsBefore(from.scan.facts, base.endOrdinalExclusive));
  return inheritedFacts(mergeFacts(before, lastFactsBefore(context, { from, heir: rollout })));
}

/** First facts hold for a prefix when they stand in it. */
function firstFactsBefore(facts: MetadataFacts, endOrdinalExclusive: number): MetadataFacts {
  const { firstUserMessage: message, firstGoal: goal, contextCwd } = facts;
  return {
    ...(message && message.ordinal < endOrdinalExclusive ? { firstUserMessage: message } : {}),
    ...(goal && goal.ordinal < endOrdinalExclusive ? { firstGoal: goal } : {}),
    ...(contextCwd === undefined ? {} : { contextCwd }),
  };
}

/** Last facts are those before the cut, not at the end of the base, which may have gone on since. */
function lastFactsBefore({ files, home }: IndexContext, cut: { from: RolloutRow; heir: RolloutRow }): MetadataFacts {
  const { from, heir } = cut;
  if (tellsEveryLastFact(heir.scan.facts)) return NO_FACTS;
  const file = openRollout(files, `${home}/${from.path}`);
  if (!file) return NO_FACTS;
  try {
    const { size } = file.status();
    const end = Math.min(heir.scan.base?.endByteOffset ?? size, size);
    const range = { start: Math.max(0, end - LAST_FACTS_BYTES), end };
    const endOrdinalExclusive = heir.scan.base?.endOrdinalExclusive ?? 0;
    return scanTail(file, range, { threadId: from.threadId as ThreadId, endOrdinalExclusive }).facts;
  } finally {
    file.close();
  }
}

/** Real forks say with which settings they go on in their second line: then the base need not be asked. */
function tellsEveryLastFact(facts: MetadataFacts): boolean {
  return facts.model !== undefined && facts.settingsCwd !== undefined && facts.tokenUsage !== undefined;
}
