import type { ThreadStore } from "@threadstore/core";
import type { Section } from "../case.js";
import { equal, rejects } from "../expect.js";
import { SAMPLE_METADATA, threadId, userItem, userMessage } from "../sample-items.js";

const [A, B, C] = [1, 2, 3].map(threadId) as [string, string, string];

async function history(store: ThreadStore, id: string): Promise<[number, string][]> {
  const { items } = await store.loadHistory({ threadId: id });
  return items.map((item) => [item.ordinal, item.item.type === "session_meta" ? "session_meta" : item.json]);
}

const json = (text: string) => JSON.stringify(userItem(text));

export const forkingSection: Section = {
  title: "forks and reverts",
  cases: [
    {
      requirement: "FORK-1",
      title: "source and fork go their own ways",
      writes: true,
      run: async ({ store, given }) => {
        await given(
          { threadId: A, items: [userItem("one"), userItem("two")] },
          { threadId: B, items: [userItem("mine")], fork: { from: A, endOrdinalExclusive: 2 } },
        );
        const forked = await history(store, B);
        await store.resumeThread({ threadId: A });
        await store.appendItems({ threadId: A, items: [userItem("three")] });
        equal(await history(store, B), forked);
        equal(
          (await history(store, A)).map(([, text]) => text),
          ["session_meta", json("one"), json("two"), json("three")],
        );
      },
    },
    {
      requirement: "FORK-2",
      title: "a paginated fork inherits ordinals and preview",
      run: async ({ store, given }) => {
        await given(
          { threadId: A, items: [userItem("one"), userItem("two")] },
          { threadId: B, items: [userItem("mine")], fork: { from: A, endOrdinalExclusive: 2 } },
          { threadId: C, items: [userItem("deeper")], fork: { from: B } },
        );
        equal(await history(store, B), [
          [0, "session_meta"],
          [1, json("one")],
          [2, "session_meta"],
          [3, json("mine")],
        ]);
        equal(await history(store, C), [...(await history(store, B)), [4, "session_meta"], [5, json("deeper")]]);
        const fork = await store.readThread({ threadId: C });
        equal([fork.forkedFromId, fork.preview, fork.historyMode], [B, "one", "paginated"]);
      },
    },
    {
      requirement: "FORK-2",
      title: "a fork at ordinal 0 inherits nothing",
      run: async ({ store, given }) => {
        await given(
          { threadId: A },
          { threadId: B, items: [userItem("mine")], fork: { from: A, endOrdinalExclusive: 0 } },
        );
        equal(await history(store, B), [
          [0, "session_meta"],
          [1, json("mine")],
        ]);
        equal((await store.readThread({ threadId: B })).forkedFromId, A);
      },
    },
    {
      requirement: "FORK-3",
      title: "a legacy fork copies",
      run: async ({ store, given }) => {
        const items = [userMessage("one"), userMessage("two")];
        await given(
          { threadId: A, historyMode: "legacy", items },
          { threadId: B, items: [userMessage("mine")], fork: { from: A, endOrdinalExclusive: 2 } },
        );
        equal(await history(store, B), [
          [0, "session_meta"],
          [1, "session_meta"],
          [2, JSON.stringify(userMessage("one"))],
          [3, JSON.stringify(userMessage("mine"))],
        ]);
        const fork = await store.readThread({ threadId: B });
        equal([fork.forkedFromId, fork.preview, fork.historyMode], [A, "one", "legacy"]);
      },
    },
    {
      requirement: "FORK-4",
      title: "forks that cannot be",
      writes: true,
      run: async ({ store, given }) => {
        await given({ threadId: A });
        const fork = (fields: object, more: object = {}) =>
          store.createThread({ threadId: B, metadata: SAMPLE_METADATA, fork: { from: A, ...fields }, ...more });
        await rejects(fork({ from: C }), "thread_not_found");
        await rejects(fork({ endOrdinalExclusive: 3 }), "invalid_request", /ordinal/);
        await rejects(fork({}, { historyMode: "legacy" }), "invalid_request", /history mode/);
        await rejects(store.readThread({ threadId: B }), "thread_not_found");
      },
    },
    {
      requirement: "FORK-5",
      title: "a thread born with a copy",
      writes: true,
      run: async ({ store, reopen }) => {
        const metadata = { ...SAMPLE_METADATA, forkedFromId: A };
        await store.createThread({ threadId: B, metadata });
        await store.appendItems({ threadId: B, items: [userItem("one")] });
        await store.shutdownThread(B);
        equal((await (await reopen()).readThread({ threadId: B })).forkedFromId, A);
      },
    },
    {
      requirement: "REVERT-1",
      title: "a reverted thread goes on from the cut",
      writes: true,
      needs: ["revert"],
      run: async ({ store, given, reopen }) => {
        await given({ threadId: A, items: [userItem("one"), userItem("two")] });
        await store.resumeThread({ threadId: A });
        await store.revertThread({ threadId: A, endOrdinalExclusive: 2 });
        await store.appendItems({ threadId: A, items: [userItem("instead")] });
        const expected = [
          [0, "session_meta"],
          [1, json("one")],
          [2, "session_meta"],
          [3, json("instead")],
        ];
        equal(await history(store, A), expected);
        await store.shutdownThread(A);
        const other = await reopen();
        equal(await history(other, A), expected);
        equal((await other.listThreads({})).data.length, 1);
      },
    },
    {
      requirement: "REVERT-2",
      title: "reverts that cannot be",
      writes: true,
      needs: ["revert"],
      run: async ({ store, given }) => {
        await given({ threadId: A }, { threadId: B, historyMode: "legacy" });
        await rejects(store.revertThread({ threadId: A, endOrdinalExclusive: 1 }), "thread_not_found");
        await store.resumeThread({ threadId: A });
        await rejects(store.revertThread({ threadId: A, endOrdinalExclusive: 3 }), "invalid_request", /ordinal/);
        await rejects(store.revertThread({ threadId: A, endOrdinalExclusive: 0 }), "invalid_request", /ordinal/);
        await store.resumeThread({ threadId: B });
        await rejects(store.revertThread({ threadId: B, endOrdinalExclusive: 1 }), "invalid_request", /legacy/);
      },
    },
  ],
};
