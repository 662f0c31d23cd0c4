import type { LiveThread, StoredTurn, ThreadStore } from "@threadstore/core";
import { turnsBackTo } from "../thread/turns-back-to.js";
import { findUnfinishedTurn, interruptionItems } from "../turn/interruption.js";
import type { ForkThreadParams } from "./manager-params.js";

/** The ordinal at which a fork leaves its source; undefined at its end. @throws `invalid_request` there is no such turn. */
export async function forkPoint(
  store: ThreadStore,
  { from, at }: Pick<ForkThreadParams, "from" | "at">,
): Promise<number | undefined> {
  if (!at) return undefined;
  const turnId = "throughTurnId" in at ? at.throughTurnId : at.beforeTurnId;
  const turns = await turnsBackTo(store, { threadId: from, turnId, itemsView: "notLoaded" });
  const turn = turns.at(-1) as StoredTurn;
  return "throughTurnId" in at ? turn.endOrdinalExclusive : turn.firstOrdinal;
}

/** Ends in a fork the turn that was running where it left its source: the model is told, as of any interruption. */
export async function endInheritedTurn(live: LiveThread, store: ThreadStore): Promise<void> {
  const turn = await findUnfinishedTurn(store, { threadId: live.threadId });
  if (!turn) return;
  await live.append(interruptionItems({ turn_id: turn.turnId, root_turn_id: turn.rootTurnId }));
}
