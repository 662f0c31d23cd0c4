import { appendToStoredThread } from "@threadstore/core";
import type { Section } from "../case.js";
import { equal, rejects } from "../expect.js";
import { SAMPLE_METADATA, threadId, userItem } from "../sample-items.js";

const A = threadId(1);
const CREATE = { threadId: A, metadata: SAMPLE_METADATA };

export const barrierSection: Section = {
  title: "persist, flush, shut down, discard",
  cases: [
    {
      requirement: "BARRIER-1",
      title: "persisting an unused thread makes it readable, and again changes nothing",
      writes: true,
      run: async ({ store, reopen }) => {
        await store.createThread(CREATE);
        await store.persistThread(A);
        await store.persistThread(A);
        const { items } = await (await reopen()).loadHistory({ threadId: A });
        equal(
          items.map((item) => item.item.type),
          ["session_meta"],
        );
      },
    },
    {
      requirement: "BARRIER-2",
      title: "flush answers the last durable ordinal",
      writes: true,
      run: async ({ store }) => {
        await store.createThread(CREATE);
        equal(await store.flushThread(A), { durableOrdinal: null });
        await store.appendItems({ threadId: A, items: [userItem("a"), userItem("b")] });
        equal(await store.flushThread(A), { durableOrdinal: 2 });
      },
    },
    {
      requirement: "BARRIER-2",
      title: "barriers of a thread without a writer are thread_not_found",
      writes: true,
      run: async ({ store }) => {
        await rejects(store.flushThread(A), "thread_not_found");
        await rejects(store.persistThread(A), "thread_not_found");
        await rejects(store.shutdownThread(A), "thread_not_found");
      },
    },
    {
      requirement: "BARRIER-3",
      title: "a thread that was shut down is resumed where it ended",
      writes: true,
      run: async ({ store, reopen }) => {
        await store.createThread(CREATE);
        await store.appendItems({ threadId: A, items: [userItem("a")] });
        await store.shutdownThread(A);
        const other = await reopen();
        await other.resumeThread({ threadId: A });
        const result = await other.appendItems({ threadId: A, items: [userItem("b")] });
        equal(result.firstOrdinal, 2);
        equal((await other.loadHistory({ threadId: A })).items.length, 3);
      },
    },
    {
      requirement: "BARRIER-3",
      title: "appending to a stored thread resumes it, appends, and leaves it free, also when the append fails",
      writes: true,
      run: async ({ store, given }) => {
        await given({ threadId: A });
        const append = (text: string, expectedOrdinal: number) =>
          appendToStoredThread(store, { threadId: A, items: [userItem(text)], expectedOrdinal });
        equal((await append("a", 2)).firstOrdinal, 2);
        await rejects(append("b", 2), "conflict");
        equal((await append("c", 3)).firstOrdinal, 3);
        await store.archiveThread({ threadId: A });
        await rejects(append("d", 4), "invalid_request", /archived/);
      },
    },
    {
      requirement: "BARRIER-4",
      title: "discarding keeps what was flushed and frees the thread; twice is no error",
      writes: true,
      run: async ({ store, reopen }) => {
        await store.createThread(CREATE);
        await store.appendItems({ threadId: A, items: [userItem("a")] });
        await store.flushThread(A);
        await store.discardThread(A);
        await store.discardThread(A);
        await store.discardThread(threadId(9));
        await rejects(store.appendItems({ threadId: A, items: [userItem("b")] }), "thread_not_found");
        const other = await reopen();
        await other.resumeThread({ threadId: A });
        equal((await other.loadHistory({ threadId: A })).items.length, 2);
      },
    },
  ],
};
