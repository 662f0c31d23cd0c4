import type { Section } from "../case.js";
import { equal, idsOf, rejects } from "../expect.js";
import { SAMPLE_METADATA, threadId, userItem } from "../sample-items.js";

const A = threadId(1);
const CREATE = { threadId: A, metadata: SAMPLE_METADATA };

export const openingSection: Section = {
  title: "creating and resuming",
  cases: [
    {
      requirement: "OPEN-1",
      title: "a second writer of a live thread is a conflict, here and through another store",
      writes: true,
      run: async ({ store, reopen }) => {
        await store.createThread(CREATE);
        await store.persistThread(A);
        await rejects(store.createThread(CREATE), "conflict", /live writer/);
        await rejects(store.resumeThread({ threadId: A }), "conflict", /live writer/);
        const other = await reopen();
        await rejects(other.resumeThread({ threadId: A }), "conflict", /live writer/);
      },
    },
    {
      requirement: "OPEN-1",
      title: "creating a thread that exists is a conflict",
      writes: true,
      run: async ({ store, given }) => {
        await given({ threadId: A });
        await rejects(store.createThread(CREATE), "conflict", /exists/);
      },
    },
    {
      requirement: "OPEN-2",
      title: "a created thread is invisible until something is appended",
      writes: true,
      run: async ({ store, reopen }) => {
        await store.createThread(CREATE);
        const other = await reopen();
        await rejects(other.readThread({ threadId: A }), "thread_not_found");
        equal(idsOf(await other.listThreads({ sources: "all" })), []);
        await store.appendItems({ threadId: A, items: [userItem("hello")] });
        equal(idsOf(await other.listThreads({ sources: "all" })), [A]);
      },
    },
    {
      requirement: "OPEN-3",
      title: "resuming an unknown thread is thread_not_found",
      writes: true,
      run: async ({ store }) => {
        await rejects(store.resumeThread({ threadId: A }), "thread_not_found");
      },
    },
    {
      requirement: "OPEN-3",
      title: "resuming an archived thread is refused, unless archived ones were asked for",
      writes: true,
      run: async ({ store, given }) => {
        await given({ threadId: A, isArchived: true });
        await rejects(store.resumeThread({ threadId: A }), "invalid_request", /archived/);
        await store.resumeThread({ threadId: A, includeArchived: true });
      },
    },
    {
      requirement: "OPEN-4",
      title: "taking over fences the writer before",
      writes: true,
      run: async ({ store, given, reopen }) => {
        await given({ threadId: A, items: [] });
        await store.resumeThread({ threadId: A });
        const other = await reopen();
        await other.resumeThread({ threadId: A, takeOver: true });
        await rejects(store.appendItems({ threadId: A, items: [userItem("fenced")] }), "conflict");
        await other.appendItems({ threadId: A, items: [userItem("new")] });
        equal((await store.loadHistory({ threadId: A })).items.length, 2);
        await store.discardThread(A);
        await other.appendItems({ threadId: A, items: [userItem("still mine")] });
      },
    },
    {
      requirement: "OPEN-5",
      title: "an unused thread leaves no trace",
      writes: true,
      run: async ({ store }) => {
        await store.createThread(CREATE);
        await store.shutdownThread(A);
        await store.createThread(CREATE);
        await store.discardThread(A);
        equal(idsOf(await store.listThreads({ sources: "all" })), []);
        await rejects(store.resumeThread({ threadId: A }), "thread_not_found");
      },
    },
  ],
};
