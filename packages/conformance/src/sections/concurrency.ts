import type { StoredItem, ThreadStore } from "@threadstore/core";
import type { CaseContext, Section } from "../case.js";
import { equal, ok, rejects } from "../expect.js";
import { SAMPLE_METADATA, threadId, userItem } from "../sample-items.js";

const IDS = Array.from({ length: 8 }, (_, at) => threadId(at + 1));
const A = threadId(1);
const APPENDS = 40;

export const concurrencySection: Section = {
  title: "many at once",
  cases: [
    {
      requirement: "CONCURRENT-1",
      title: "appends of many threads that do not wait for one another are each kept in the order of their calls",
      writes: true,
      run: async ({ store, reopen }) => {
        for (const id of IDS) await store.createThread({ threadId: id, metadata: SAMPLE_METADATA });
        const calls = Array.from({ length: APPENDS }, (_, at) => IDS.map((id) => append(store, id, at))).flat();
        const results = await Promise.all(calls);
        equal(
          results.map(({ firstOrdinal }) => firstOrdinal),
          Array.from({ length: APPENDS }, (_, at) => IDS.map(() => at + 1)).flat(),
        );
        const other = await reopen();
        const expected = Array.from({ length: APPENDS }, (_, at) => `user-${at}`);
        for (const id of IDS) equal(idsOf((await other.loadHistory({ threadId: id })).items), expected);
      },
    },
    {
      requirement: "CONCURRENT-2",
      title: "whoever reads while a thread grows sees a beginning of it, in order, and never less than before",
      writes: true,
      run: async ({ store, reopen }) => {
        await store.createThread({ threadId: A, metadata: SAMPLE_METADATA });
        await append(store, A, 0);
        const other = await reopen();
        let seen = 0;
        const all = Array.from({ length: APPENDS }, (_, at) => `user-${at}`);
        for (let at = 1; at < APPENDS; at++) {
          const [, { items }] = await Promise.all([append(store, A, at), other.loadHistory({ threadId: A })]);
          equal(idsOf(items), all.slice(0, items.length - 1));
          ok(items.length - 1 >= Math.max(seen, at), "items that were there, or acknowledged, are missing");
          seen = items.length - 1;
        }
      },
    },
    {
      requirement: "CONCURRENT-3",
      title: "of several that open a thread at once one gets it, and the others are told so",
      writes: true,
      run: async ({ store, reopen, given }) => {
        await given({ threadId: A });
        const stores = [store, await reopen(), await reopen(), await reopen()];
        const outcomes = await Promise.allSettled(stores.map((one) => one.resumeThread({ threadId: A })));
        equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
        for (const [at, { status }] of outcomes.entries()) {
          const one = stores[at] as ThreadStore;
          if (status === "fulfilled") await append(one, A, 0);
          else await rejects(append(one, A, 1), "thread_not_found");
        }
      },
    },
    {
      requirement: "CONCURRENT-4",
      title: "of changes that expect the same revision one is made",
      writes: true,
      run: async ({ store, reopen, given }) => {
        await given({ threadId: A });
        const stores = [store, await reopen(), await reopen()];
        const { revision } = await store.readThread({ threadId: A });
        const changes = stores.map((one, at) =>
          one.updateThreadMetadata({ threadId: A, patch: { name: `name ${at}` }, expectedRevision: revision }),
        );
        const outcomes = await Promise.allSettled(changes);
        const made = outcomes.flatMap((one) => (one.status === "fulfilled" ? [one.value.name] : []));
        equal(made.length, 1);
        equal((await store.readThread({ threadId: A })).name, made[0]);
      },
    },
    {
      requirement: "CONCURRENT-5",
      title: "different fields that are changed at once are all changed",
      writes: true,
      run: async ({ store, reopen, given }) => {
        await given({ threadId: A });
        const other = await reopen();
        await Promise.all([
          store.updateThreadMetadata({ threadId: A, patch: { name: "a name" } }),
          other.updateThreadMetadata({ threadId: A, patch: { gitInfo: { branch: "main" } } }),
          store.updateThreadMetadata({ threadId: A, patch: { memoryMode: "disabled" } }),
        ]);
        const { name, gitInfo, memoryMode } = await other.readThread({ threadId: A });
        equal([name, gitInfo?.branch, memoryMode], ["a name", "main", "disabled"]);
      },
    },
    {
      requirement: "CONCURRENT-6",
      title: "a live thread stays whole, whoever wants to archive it while it is appended to",
      writes: true,
      run: (context) => staysWhole(context, (other, threadId) => other.archiveThread({ threadId })),
    },
    {
      requirement: "CONCURRENT-6",
      title: "a live thread stays whole, whoever wants to delete it while it is appended to",
      writes: true,
      needs: ["deletion"],
      run: (context) => staysWhole(context, (other, threadId) => other.deleteThread({ threadId })),
    },
  ],
};

/** Somebody else who wants to take live threads away is refused, and nothing of them is missing. */
async function staysWhole(
  { store, reopen }: CaseContext,
  take: (other: ThreadStore, threadId: string) => Promise<void>,
): Promise<void> {
  for (const id of IDS) await store.createThread({ threadId: id, metadata: SAMPLE_METADATA });
  for (const id of IDS) await append(store, id, 0);
  const other = await reopen();
  const outcomes = await Promise.allSettled(
    IDS.flatMap((id) => [append(store, id, 1), take(other, id), append(store, id, 2)]),
  );
  equal(outcomes.filter(({ status }) => status === "rejected").length, IDS.length);
  for (const id of IDS) {
    equal(idsOf((await other.loadHistory({ threadId: id })).items), ["user-0", "user-1", "user-2"]);
  }
}

function append(store: ThreadStore, id: string, at: number) {
  return store.appendItems({ threadId: id, items: [userItem(String(at))] });
}

/** The ids of the turn items among items. */
function idsOf(items: readonly StoredItem[]): unknown[] {
  return items.flatMap(({ item }) => (item as { payload: { item?: { id?: unknown } } }).payload.item?.id ?? []);
}
