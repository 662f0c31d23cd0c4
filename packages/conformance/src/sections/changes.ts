import type { ThreadStore } from "@threadstore/core";
import type { Section } from "../case.js";
import { ChangeReader } from "../change-reader.js";
import { equal, ok, rejects } from "../expect.js";
import { SAMPLE_METADATA, threadId, userItem } from "../sample-items.js";

const [A, B, C, D] = [1, 2, 3, 4].map(threadId) as [string, string, string, string];

function rename(store: ThreadStore, id: string, name: string): Promise<unknown> {
  return store.updateThreadMetadata({ threadId: id, patch: { name }, includeArchived: true });
}

export const changeSection: Section = {
  title: "changes",
  cases: [
    {
      requirement: "WATCH-1",
      title: "every kind of change of the store's own",
      needs: ["changes", "deletion"],
      writes: true,
      run: async ({ store }) => {
        await using changes = new ChangeReader(store);
        await store.createThread({ threadId: A, metadata: SAMPLE_METADATA });
        await store.appendItems({ threadId: A, items: [userItem("one")] });
        await changes.until({ type: "created", threadId: A });
        const { nextOrdinal } = await store.appendItems({ threadId: A, items: [userItem("two"), userItem("three")] });
        await changes.until({ type: "appended", threadId: A, nextOrdinal });
        await store.shutdownThread(A);
        await rename(store, A, "Plan");
        await changes.until({ type: "updated", threadId: A });
        await store.archiveThread({ threadId: A });
        await changes.until({ type: "archived", threadId: A });
        await store.unarchiveThread({ threadId: A });
        await changes.until({ type: "unarchived", threadId: A });
        await store.deleteThread({ threadId: A });
        await changes.until({ type: "deleted", threadId: A });
      },
    },
    {
      requirement: "WATCH-1",
      title: "every kind of change that was made through another store",
      needs: ["changes", "deletion"],
      writes: true,
      run: async ({ store, given, reopen }) => {
        await given({ threadId: A }, { threadId: B });
        const other = await reopen();
        await using changes = new ChangeReader(store);
        await other.createThread({ threadId: C, metadata: SAMPLE_METADATA });
        await other.appendItems({ threadId: C, items: [userItem("one")] });
        await changes.until({ type: "created", threadId: C });
        await other.appendItems({ threadId: C, items: [userItem("two")] });
        await changes.until({ type: "appended", threadId: C, nextOrdinal: 3 });
        await rename(other, B, "Plan");
        await changes.until({ type: "updated", threadId: B });
        await other.archiveThread({ threadId: A });
        await changes.until({ type: "archived", threadId: A });
        await other.unarchiveThread({ threadId: A });
        await changes.until({ type: "unarchived", threadId: A });
        await other.deleteThread({ threadId: A });
        await changes.until({ type: "deleted", threadId: A });
      },
    },
    {
      requirement: "WATCH-1",
      title: "what a read after the first step does not show",
      needs: ["changes"],
      writes: true,
      run: async ({ store, given, reopen }) => {
        await given({ threadId: A }, { threadId: B });
        const other = await reopen();
        await using changes = new ChangeReader(store);
        await rename(other, A, "first");
        const [before] = await Promise.all([store.readThread({ threadId: A }), rename(other, B, "second")]);
        if (before.name !== "first") await changes.until({ threadId: A });
        if ((await store.readThread({ threadId: B })).name !== "second") await changes.until({ threadId: B });
        await rename(other, A, "last");
        await changes.until({ type: "updated", threadId: A });
        equal((await store.readThread({ threadId: A })).name, "last");
      },
    },
    {
      requirement: "WATCH-2",
      title: "what the reader left waiting is one change a thread, the longest waiting first",
      needs: ["changes"],
      writes: true,
      run: async ({ store, given }) => {
        await given({ threadId: A }, { threadId: B });
        await using slow = new ChangeReader(store);
        await using quick = new ChangeReader(store);
        await rename(store, A, "one");
        await slow.until({ threadId: A });
        await store.resumeThread({ threadId: B });
        for (const text of ["one", "two"]) await store.appendItems({ threadId: B, items: [userItem(text)] });
        const { nextOrdinal } = await store.appendItems({ threadId: B, items: [userItem("three")] });
        await store.shutdownThread(B);
        await rename(store, B, "two");
        await store.archiveThread({ threadId: B });
        await quick.until({ type: "archived", threadId: B });
        const told = await slow.until({ threadId: B });
        equal([told.type, told.nextOrdinal], ["archived", nextOrdinal]);
      },
    },
    {
      requirement: "WATCH-3",
      title: "going on after a position tells what was missed",
      needs: ["changes"],
      writes: true,
      run: async ({ store, given }) => {
        await given({ threadId: A }, { threadId: B }, { threadId: C });
        const first = new ChangeReader(store);
        await rename(store, A, "one");
        const { position } = await first.until({ threadId: A });
        await first[Symbol.asyncDispose]();
        await rename(store, B, "two");
        await store.archiveThread({ threadId: C });
        await using again = new ChangeReader(store, { after: position });
        const missed = new Set([B, C]);
        while (missed.size > 0) {
          const { type, threadId: id } = await again.until({});
          ok(type !== "lagged", "what changed since is known");
          missed.delete(id ?? "");
        }
        await rename(store, A, "three");
        await again.until({ type: "updated", threadId: A });
      },
    },
    {
      requirement: "WATCH-3",
      title: "a position of elsewhere has lagged, and the watch goes on",
      needs: ["changes"],
      writes: true,
      run: async ({ store, given, harness, clock }) => {
        await given({ threadId: A });
        const elsewhere = await harness.open({ clock });
        try {
          const changes = new ChangeReader(elsewhere.store);
          await elsewhere.store.createThread({ threadId: B, metadata: SAMPLE_METADATA });
          await elsewhere.store.persistThread(B);
          const { position } = await changes.until({ threadId: B });
          await changes[Symbol.asyncDispose]();
          await using here = new ChangeReader(store, { after: position });
          const lagged = await here.next();
          equal([lagged?.type, lagged?.threadId], ["lagged", undefined]);
          await rename(store, A, "one");
          await here.until({ type: "updated", threadId: A });
          await using later = new ChangeReader(store, { after: lagged?.position ?? "" });
          await later.until({ threadId: A });
        } finally {
          await elsewhere.destroy();
        }
      },
    },
    {
      requirement: "WATCH-3",
      title: "a text that is no position is refused",
      needs: ["changes"],
      run: async ({ store }) => {
        const first = (after: string) => new ChangeReader(store, { after }).next();
        await rejects(first("nope"), "invalid_request", /position/);
        await rejects(first(""), "invalid_request", /position/);
        await rejects(new ChangeReader(store, { bufferMax: 0 }).next(), "invalid_request", /bufferMax/);
      },
    },
    {
      requirement: "WATCH-4",
      title: "a slow reader is told once that it lagged, then what changes from there on",
      needs: ["changes"],
      writes: true,
      run: async ({ store, given }) => {
        await given({ threadId: A }, { threadId: B }, { threadId: C }, { threadId: D });
        await using slow = new ChangeReader(store, { bufferMax: 2 });
        await using quick = new ChangeReader(store);
        await rename(store, A, "one");
        await slow.until({ threadId: A });
        for (const id of [A, B, C, D]) await rename(store, id, "two");
        const seen = new Set<string>();
        while (seen.size < 4) seen.add((await quick.until({ type: "updated" })).threadId ?? "");
        equal((await slow.next())?.type, "lagged");
        await store.archiveThread({ threadId: B });
        for (let type: string | undefined = ""; type !== "archived"; ) {
          type = (await slow.next())?.type;
          ok(type !== "lagged", "it lagged once");
        }
      },
    },
    {
      requirement: "WATCH-5",
      title: "return ends a watch that waits",
      needs: ["changes"],
      run: async ({ store }) => {
        const steps = store.watchThreads({})[Symbol.asyncIterator]();
        const waiting = steps.next();
        equal(await steps.return?.(), { done: true, value: undefined });
        equal([await waiting, await steps.next()], Array(2).fill({ done: true, value: undefined }));
      },
    },
    {
      requirement: "WATCH-5",
      title: "an aborted signal ends it, before its first step and while it waits",
      needs: ["changes"],
      run: async ({ store }) => {
        await rejects(new ChangeReader(store, {}, AbortSignal.abort()).next(), "unavailable", /cancelled/);
        const controller = new AbortController();
        const changes = new ChangeReader(store, {}, controller.signal);
        controller.abort();
        await rejects(changes.next(), "unavailable", /cancelled/);
        equal(await changes.next(), undefined);
      },
    },
    {
      requirement: "WATCH-5",
      title: "closing the store ends its watches, not those of another store",
      needs: ["changes"],
      writes: true,
      run: async ({ store, given, reopen }) => {
        await given({ threadId: A });
        const other = await reopen();
        const ended = new ChangeReader(other);
        await using changes = new ChangeReader(store);
        await other[Symbol.asyncDispose]();
        equal(await ended.next(), undefined);
        await rename(store, A, "one");
        await changes.until({ type: "updated", threadId: A });
      },
    },
  ],
};
