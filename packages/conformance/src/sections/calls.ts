import type { Section } from "../case.js";
import { comparable, equal, ok, rejects } from "../expect.js";
import { SAMPLE_METADATA, threadId, userItem } from "../sample-items.js";

const A = threadId(1);

export const callSection: Section = {
  title: "calls, arguments and paths",
  cases: [
    {
      requirement: "CALL-1",
      title: "aborted calls and passed deadlines are unavailable",
      run: async ({ store, given }) => {
        await given({ threadId: A });
        await rejects(store.listThreads({}, { signal: AbortSignal.abort() }), "unavailable", /cancelled/);
        await rejects(store.readThread({ threadId: A }, { signal: AbortSignal.abort("why") }), "unavailable");
        const read = async () => {
          for await (const _ of store.readHistory({ threadId: A }, { signal: AbortSignal.abort() })) break;
        };
        await rejects(read(), "unavailable");
        await rejects(store.listThreads({}, { deadlineMs: -1 }), "invalid_request", /deadlineMs/);
        equal(
          (await store.listThreads({}, { deadlineMs: 60_000, signal: new AbortController().signal })).data.length,
          1,
        );
      },
    },
    {
      requirement: "CALL-1",
      title: "an append that was accepted before the abort is stored once",
      writes: true,
      run: async ({ store }) => {
        await store.createThread({ threadId: A, metadata: SAMPLE_METADATA });
        const controller = new AbortController();
        const append = store.appendItems({ threadId: A, items: [userItem("accepted")] }, { signal: controller.signal });
        controller.abort();
        await append.catch(() => undefined);
        await store.flushThread(A);
        equal((await store.loadHistory({ threadId: A })).items.length, 2);
      },
    },
    {
      requirement: "INPUT-1",
      title: "bad arguments are refused by name",
      run: async ({ store }) => {
        const bad = (work: Promise<unknown>, pattern: RegExp) => rejects(work, "invalid_request", pattern);
        await bad(store.readThread({ threadId: "nope" }), /readThread.*threadId.*nope.*UUID/);
        await bad(store.readThread({} as never), /readThread.*threadId/);
        await bad(store.readThread(undefined as never), /readThread/);
        await bad(store.listThreads({ sortKey: "name" as never }), /sortKey/);
        await bad(store.listThreads({ sortDirection: "up" as never }), /sortDirection/);
        await bad(store.listThreads({ sources: ["bogus" as never] }), /sources/);
        await bad(store.listThreads({ searchTerm: "x".repeat(1_001) }), /searchTerm/);
        await bad(store.listThreads({ unknown: 1 } as never), /unknown/);
        await bad(store.loadHistory({ threadId: A, from: 1 } as never), /from/);
        await bad(store.listThreads({ neighbour: { sortBySection: true } }), /sectionId/);
      },
    },
    {
      requirement: "INPUT-1",
      title: "ids are taken in any spelling of a UUID",
      run: async ({ store, given }) => {
        await given({ threadId: A });
        for (const id of [A.toUpperCase(), `urn:uuid:${A}`, A.replaceAll("-", "")]) {
          equal((await store.readThread({ threadId: id })).threadId, A);
        }
      },
    },
    {
      requirement: "PATH-1",
      title: "a rollout path leads to its thread",
      needs: ["paths"],
      run: async ({ store, given, harness }) => {
        await given({ threadId: A });
        if (harness.isWritable && !(await store.readThread({ threadId: A })).rolloutPath) {
          await store.updateThreadMetadata({ threadId: A, patch: { rolloutPath: "/somewhere/rollout-1.jsonl" } });
        }
        const thread = await store.readThread({ threadId: A });
        const path = thread.rolloutPath as string;
        ok(store.supportsLegacyPath(path), "the path is one of this store");
        equal(await store.resolveLegacyPath({ path }), A);
        const read = await store.readThreadByRolloutPath({ rolloutPath: path, includeHistory: true });
        equal(
          comparable({ ...read, history: undefined as never }),
          comparable({ ...thread, history: undefined as never }),
        );
        equal(read.history?.items.length, 2);
        const unknown = path.replace(/[^/]*$/, "rollout-unknown.jsonl");
        equal(await store.resolveLegacyPath({ path: unknown }), null);
        await rejects(store.readThreadByRolloutPath({ rolloutPath: unknown }), "invalid_request");
      },
    },
    {
      requirement: "PATH-2",
      title: "the path of a live thread is told before its rollout is there",
      needs: ["paths"],
      writes: true,
      run: async ({ store }) => {
        await store.createThread({ threadId: A, metadata: SAMPLE_METADATA });
        const told = store.liveRolloutPath(A);
        await store.persistThread(A);
        const { rolloutPath = null } = await store.readThread({ threadId: A });
        equal(store.liveRolloutPath(A.toUpperCase()), rolloutPath);
        if (told !== null) equal(told, rolloutPath);
        await store.shutdownThread(A);
        equal(store.liveRolloutPath(A), null);
        equal(store.liveRolloutPath("nope"), null);
      },
    },
  ],
};
