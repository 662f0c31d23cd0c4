import { LiveThread, type ResumeLiveThreadParams } from "../../src/live/live-thread.js";
import type { Instant } from "../../src/protocol/instant.js";
import type { AppendedItem } from "../../src/protocol/rollout-item.js";
import type { CreateThreadParams } from "../../src/store/params.js";
import { GatedThreadStore } from "./gated-thread-store.js";
import { ManualClock } from "./manual-clock.js";

export const ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708";
export const METADATA = { originator: "test", cliVersion: "1", source: "cli", modelProvider: "p" } as const;
export const CREATE: CreateThreadParams = { threadId: ID, metadata: METADATA, historyMode: "legacy" };

/** What a store hears of a thread that was born so. */
export function birthAt(now: Instant) {
  return { modelProvider: "p", source: "cli", cliVersion: "1", createdAt: now, updatedAt: now } as const;
}

/** A new thread over a store that does not fold items, after an append. */
export async function created(params: Partial<CreateThreadParams> = {}, items: readonly AppendedItem[] = []) {
  const clock = new ManualClock();
  const gated = new GatedThreadStore(clock);
  const thread = await LiveThread.create(gated.store, { ...CREATE, ...params }, { clock });
  await thread.append(items);
  await thread.flush();
  return { clock, gated, thread };
}

/** A stored thread that the store was told nothing of, as another writer leaves it. */
export async function stored(items: readonly AppendedItem[] = [], params: Partial<CreateThreadParams> = {}) {
  const clock = new ManualClock();
  const gated = new GatedThreadStore(clock);
  const create = { ...CREATE, ...params };
  await gated.store.createThread(create);
  await gated.store.persistThread(create.threadId);
  if (items.length > 0) await gated.store.appendItems({ threadId: create.threadId, items });
  await gated.store.shutdownThread(create.threadId);
  gated.clearRecords();
  return { clock, gated };
}

/** The thread after it was shut down and resumed; only the calls since then are on record. */
export async function resumedAfter(
  gated: GatedThreadStore,
  thread: LiveThread,
  params: ResumeLiveThreadParams = { threadId: ID },
): Promise<LiveThread> {
  await thread.shutdown();
  gated.clearRecords();
  return LiveThread.resume(gated.store, params, { clock: gated.clock });
}
