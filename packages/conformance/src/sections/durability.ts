import type { StoredItem, ThreadStore } from "@threadstore/core";
import type { Section } from "../case.js";
import { equal, rejects } from "../expect.js";
import { SAMPLE_METADATA, threadId, userItem } from "../sample-items.js";

const IDS = Array.from({ length: 12 }, (_, at) => threadId(at + 1));
const A = threadId(1);

export const durabilitySection: Section = {
  title: "what is acknowledged stays",
  cases: [
    {
      requirement: "DURABLE-1",
      title: "another opening reads every append from the moment it was answered",
      writes: true,
      run: async ({ store, reopen }) => {
        await store.createThread({ threadId: A, metadata: SAMPLE_METADATA });
        const other = await reopen();
        for (const text of ["a", "b", "c"]) {
          await store.appendItems({ threadId: A, items: [userItem(text)] });
          equal(await lastId(other), `user-${text}`);
        }
      },
    },
    {
      requirement: "DURABLE-2",
      title: "many threads that are flushed at once are each told their own last ordinal",
      writes: true,
      run: async ({ store, reopen }) => {
        for (const id of IDS) await store.createThread({ threadId: id, metadata: SAMPLE_METADATA });
        for (let round = 0; round < 3; round++) {
          const flushes = IDS.map(async (id, at) => {
            const items = Array.from({ length: at + 1 }, (_, item) => userItem(`${round}-${item}`));
            await store.appendItems({ threadId: id, items });
            return store.flushThread(id);
          });
          const expected = IDS.map((_, at) => ({ durableOrdinal: (round + 1) * (at + 1) }));
          equal(await Promise.all(flushes), expected);
        }
        const other = await reopen();
        for (const [at, id] of IDS.entries()) {
          equal((await other.loadHistory({ threadId: id })).items.length, 1 + 3 * (at + 1));
        }
      },
    },
    {
      requirement: "DURABLE-3",
      title: "flushes and appends of one thread may overlap: each flush covers what was accepted before it",
      writes: true,
      run: async ({ store }) => {
        await store.createThread({ threadId: A, metadata: SAMPLE_METADATA });
        const flushes = ["a", "b", "c", "d"].map((text) => {
          void store.appendItems({ threadId: A, items: [userItem(text)] });
          return store.flushThread(A);
        });
        equal(
          (await Promise.all(flushes)).map(({ durableOrdinal }) => durableOrdinal),
          [1, 2, 3, 4],
        );
      },
    },
    {
      requirement: "DURABLE-4",
      title: "closing a store keeps what its live threads accepted, and frees them",
      writes: true,
      run: async ({ reopen }) => {
        const first = await reopen();
        for (const id of IDS) await first.createThread({ threadId: id, metadata: SAMPLE_METADATA });
        for (const id of IDS) void first.appendItems({ threadId: id, items: [userItem("kept")] });
        await first[Symbol.asyncDispose]();
        const next = await reopen();
        for (const id of IDS) {
          equal((await next.loadHistory({ threadId: id })).items.length, 2);
          await next.resumeThread({ threadId: id });
        }
        await rejects(next.resumeThread({ threadId: A }), "conflict");
      },
    },
  ],
};

async function lastId(store: ThreadStore): Promise<unknown> {
  const { items } = await store.loadHistory({ threadId: A });
  const { payload } = (items.at(-1) as StoredItem).item as { payload: { item?: { id?: unknown } } };
  return payload.item?.id;
}
