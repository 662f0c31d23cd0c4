import type { AppendedItem, ThreadId, ThreadPersistenceMetadata, ThreadStore } from "@threadstore/core";
import type { ManualClock } from "./manual-clock.js";
import { SAMPLE_METADATA, userItem, userMessage } from "./sample-items.js";

/** A thread in a few words. */
export interface ThreadSketch {
  readonly threadId: ThreadId;
  readonly metadata?: Partial<ThreadPersistenceMetadata>;
  readonly historyMode?: "paginated" | "legacy";
  /** Default: one user message. */
  readonly items?: readonly AppendedItem[];
  readonly fork?: { readonly from: ThreadId; readonly endOrdinalExclusive?: number };
  readonly spawn?: { readonly parentThreadId: ThreadId; readonly status?: "open" | "closed" };
  readonly name?: string;
  readonly isArchived?: boolean;
  /** Milliseconds the clock moves before the thread is made. Default 1,000. */
  readonly afterMs?: number;
}

/** Writes a sketched thread through a store. Naming and archiving it leave its times as they are. */
export async function drawThread(store: ThreadStore, clock: ManualClock, sketch: ThreadSketch): Promise<void> {
  const { threadId, historyMode, fork, spawn } = sketch;
  clock.advance(sketch.afterMs ?? 1_000);
  await store.createThread({
    threadId,
    metadata: { ...SAMPLE_METADATA, ...sketch.metadata },
    ...(historyMode ? { historyMode } : {}),
    ...(fork ? { fork } : {}),
    ...(spawn ? { spawn } : {}),
  });
  await store.persistThread(threadId);
  const items = sketch.items ?? [historyMode === "legacy" ? userMessage("hello") : userItem("hello")];
  if (items.length > 0) await store.appendItems({ threadId, items });
  await store.shutdownThread(threadId);
  if (sketch.name !== undefined) {
    await store.updateThreadMetadata({ threadId, patch: { name: sketch.name, updatedAt: clock.now() } });
  }
  if (sketch.isArchived) await store.archiveThread({ threadId });
}
