import type { ThreadStore } from "@threadstore/core";
import type { CaseContext, Section } from "../case.js";
import { equal, idsOf, rejects } from "../expect.js";
import { threadId } from "../sample-items.js";

const A = threadId(1);

export const archivingSection: Section = {
  title: "archiving and deleting",
  cases: [
    {
      requirement: "ARCHIVE-1",
      title: "an archived thread comes back as it was",
      writes: true,
      run: async ({ store, given, clock }) => {
        await given({ threadId: A, name: "Kept" });
        const before = await store.readThread({ threadId: A, includeHistory: true });
        clock.advance(1_000);
        await store.archiveThread({ threadId: A });
        equal(idsOf(await store.listThreads({})), []);
        const archived = await store.readThread({ threadId: A, includeArchived: true });
        equal([archived.archivedAt, archived.name], [clock.now(), "Kept"]);
        const back = await store.unarchiveThread({ threadId: A });
        equal({ ...back, revision: 0 }, { ...(await store.readThread({ threadId: A })), revision: 0 });
        equal([back.archivedAt, back.preview, back.updatedAt], [undefined, before.preview, before.updatedAt]);
        equal((await store.loadHistory({ threadId: A })).items.length, before.history?.items.length);
      },
    },
    {
      requirement: "ARCHIVE-2",
      title: "archiving twice, unarchiving an active thread, unknown threads",
      writes: true,
      run: async ({ store, given }) => {
        await rejects(store.archiveThread({ threadId: A }), "thread_not_found");
        await given({ threadId: A });
        await rejects(store.unarchiveThread({ threadId: A }), "thread_not_found", /archived/);
        await store.archiveThread({ threadId: A });
        await rejects(store.archiveThread({ threadId: A }), "thread_not_found", /active/);
      },
    },
    {
      requirement: "ARCHIVE-3",
      title: "a live thread is not archived, whoever has it",
      writes: true,
      run: (context) => onceItIsFree(context, (store) => store.archiveThread({ threadId: A })),
    },
    {
      requirement: "ARCHIVE-3",
      title: "a live thread is not deleted, whoever has it",
      writes: true,
      needs: ["deletion"],
      run: (context) => onceItIsFree(context, (store) => store.deleteThread({ threadId: A })),
    },
    {
      requirement: "DELETE-1",
      title: "a deleted thread is gone, archived or not",
      writes: true,
      needs: ["deletion"],
      run: async ({ store, given }) => {
        await given({ threadId: A, name: "Gone" }, { threadId: threadId(2), isArchived: true });
        for (const id of [A, threadId(2)]) {
          await store.deleteThread({ threadId: id });
          await rejects(store.readThread({ threadId: id, includeArchived: true }), "thread_not_found");
          await rejects(store.loadHistory({ threadId: id, includeArchived: true }), "thread_not_found");
          await rejects(store.deleteThread({ threadId: id }), "thread_not_found");
        }
        equal(await store.findThreadByName({ name: "Gone" }), null);
      },
    },
    {
      requirement: "DELETE-1",
      title: "edges of a deleted thread go with it; its children become roots",
      writes: true,
      needs: ["edges", "deletion"],
      run: async ({ store, given }) => {
        const [child, grandchild] = [threadId(2), threadId(3)];
        await given({ threadId: A }, { threadId: child }, { threadId: grandchild });
        await store.upsertThreadSpawnEdge({ parentThreadId: A, childThreadId: child, status: "open" });
        await store.upsertThreadSpawnEdge({ parentThreadId: child, childThreadId: grandchild, status: "open" });
        await store.deleteThread({ threadId: child });
        equal(await store.listThreadSpawnEdges({ threadId: A, recursive: true }), []);
        equal((await store.readThread({ threadId: grandchild })).parentThreadId, undefined);
      },
    },
    {
      requirement: "DELETE-2",
      title: "a thread is kept while a fork shares its items",
      writes: true,
      needs: ["forkByReference", "deletion"],
      run: async ({ store, given }) => {
        const fork = threadId(2);
        await given({ threadId: A }, { threadId: fork, fork: { from: A } });
        await rejects(store.deleteThread({ threadId: A }), "conflict", new RegExp(fork));
        await store.deleteThread({ threadId: fork });
        await store.deleteThread({ threadId: A });
      },
    },
  ],
};

/** Something that is a conflict while the thread is live, for its writer and for others, and works afterwards. */
async function onceItIsFree(
  { store, given, reopen }: CaseContext,
  change: (store: ThreadStore) => Promise<void>,
): Promise<void> {
  await given({ threadId: A });
  await store.resumeThread({ threadId: A });
  for (const one of [store, await reopen()]) await rejects(change(one), "conflict", /live/);
  await store.shutdownThread(A);
  await change(store);
}
