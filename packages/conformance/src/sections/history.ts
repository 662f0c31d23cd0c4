import type { HistoryBatch, StoredItem, ThreadStore } from "@threadstore/core";
import type { CaseContext, Section } from "../case.js";
import { equal, ok, rejects } from "../expect.js";
import { agentItem, threadId, userItem, userMessage } from "../sample-items.js";

const A = threadId(1);
const TEXTS = Array.from({ length: 60 }, (_, at) => `message ${at}`);

async function batchesOf(batches: AsyncIterable<HistoryBatch>): Promise<HistoryBatch[]> {
  const all: HistoryBatch[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
}

async function ordinals(store: ThreadStore, query: { from?: number; direction?: "asc" | "desc" }): Promise<number[]> {
  const batches = await batchesOf(store.readHistory({ threadId: A, batchBytes: 500, ...query }));
  return batches.flatMap((batch) => batch.items.map((item) => item.ordinal));
}

const plain = ({ ordinal, timestamp, json }: StoredItem) => ({ ordinal, timestamp, json });

export const historySection: Section = {
  title: "histories",
  cases: [
    {
      requirement: "HISTORY-1",
      title: "every item is given once, in order, with its text and its ordinal",
      run: async ({ store, given }) => {
        const items = TEXTS.map((text, at) => (at % 2 ? agentItem(text) : userItem(text)));
        await given({ threadId: A, items });
        const history = await store.loadHistory({ threadId: A });
        equal(history.threadId, A);
        equal(
          history.items.slice(1).map((item) => item.json),
          items.map((item) => JSON.stringify(item)),
        );
        equal(
          history.items.map((item) => item.ordinal),
          [0, ...TEXTS.map((_, at) => at + 1)],
        );
        equal(history.items[1]?.item, items[0]);
      },
    },
    ...(["paginated", "legacy"] as const).map((historyMode) => ({
      requirement: "HISTORY-2" as const,
      title: `batches of a ${historyMode} history are bounded, and both directions give the same items`,
      run: async ({ store, given }: CaseContext) => {
        const items = TEXTS.map(historyMode === "legacy" ? userMessage : userItem);
        await given({ threadId: A, historyMode, items });
        const whole = (await store.loadHistory({ threadId: A })).items.map(plain);
        const forward = await batchesOf(store.readHistory({ threadId: A, batchBytes: 500 }));
        const backward = await batchesOf(store.readHistory({ threadId: A, batchBytes: 500, direction: "desc" }));
        ok(forward.length > 5 && backward.length > 5, "batches are bounded");
        equal(
          forward.flatMap((batch) => batch.items.map(plain)),
          whole,
        );
        equal(
          backward.flatMap((batch) => batch.items.map(plain)),
          [...whole].reverse(),
        );
        equal(
          [...forward, ...backward].every((batch) => batch.rejected === 0),
          true,
        );
      },
    })),
    {
      requirement: "HISTORY-3",
      title: "a read from an ordinal on goes to the end of its direction",
      run: async ({ store, given }) => {
        await given({ threadId: A, items: TEXTS.slice(0, 9).map(userItem) });
        equal(await ordinals(store, { from: 7 }), [7, 8, 9]);
        equal(await ordinals(store, { from: 2, direction: "desc" }), [2, 1, 0]);
        equal(await ordinals(store, { from: 10 }), []);
        equal(await ordinals(store, { from: 99, direction: "desc" }), [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
      },
    },
    {
      requirement: "HISTORY-4",
      title: "histories of unknown and archived threads",
      run: async ({ store, given }) => {
        await rejects(store.loadHistory({ threadId: A }), "thread_not_found");
        await rejects(batchesOf(store.readHistory({ threadId: A })), "thread_not_found");
        await given({ threadId: A, isArchived: true });
        await rejects(store.loadHistory({ threadId: A }), "invalid_request", /archived/);
        equal((await store.loadHistory({ threadId: A, includeArchived: true })).items.length, 2);
      },
    },
  ],
};
