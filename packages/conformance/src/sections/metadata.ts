import { setThreadName } from "@threadstore/core";
import type { Section } from "../case.js";
import { equal, rejects } from "../expect.js";
import { threadId, turnContext, turnStarted, userItem } from "../sample-items.js";

const A = threadId(1);

export const metadataSection: Section = {
  title: "metadata",
  cases: [
    {
      requirement: "META-1",
      title: "absent keeps, null clears, a value sets; git field by field",
      writes: true,
      run: async ({ store, given }) => {
        await given({
          threadId: A,
          metadata: { gitInfo: { branch: "main", commitHash: "abc" }, threadSource: "user" },
        });
        const patch = (p: object) => store.updateThreadMetadata({ threadId: A, patch: p });
        const named = await patch({ name: "Name", reasoningEffort: "high", memoryMode: "disabled" });
        equal(
          [named.name, named.reasoningEffort, named.memoryMode, named.threadSource],
          ["Name", "high", "disabled", "user"],
        );
        equal((await patch({ gitInfo: { branch: "other", commitHash: null } })).gitInfo, { branch: "other" });
        equal((await patch({ gitInfo: { branch: null } })).gitInfo, undefined);
        const cleared = await patch({ name: null, threadSource: null });
        equal([cleared.name, cleared.threadSource, cleared.reasoningEffort], [undefined, undefined, "high"]);
        equal(await store.readThread({ threadId: A }), cleared);
        equal((await setThreadName(store, { threadId: A, name: "Again" })).name, "Again");
      },
    },
    {
      requirement: "META-1",
      title: "an empty patch changes nothing",
      writes: true,
      run: async ({ store, given, clock }) => {
        await given({ threadId: A });
        const before = await store.readThread({ threadId: A });
        clock.advance(1_000);
        equal(await store.updateThreadMetadata({ threadId: A, patch: {} }), before);
        equal(
          await store.updateThreadMetadata({ threadId: A, patch: { name: undefined as never, gitInfo: {} } }),
          before,
        );
      },
    },
    {
      requirement: "META-2",
      title: "a set field stays set when later items tell otherwise; another one follows them",
      writes: true,
      run: async ({ store, given, clock }) => {
        await given({ threadId: A, items: [turnContext({ model: "first" }), userItem("hello")] });
        await store.updateThreadMetadata({ threadId: A, patch: { model: "chosen" } });
        await store.resumeThread({ threadId: A });
        clock.advance(1_000);
        const later = turnContext({ model: "later", effort: "low", approval_policy: "never" });
        await store.appendItems({ threadId: A, items: [later] });
        const thread = await store.readThread({ threadId: A });
        equal([thread.model, thread.reasoningEffort, thread.approvalMode], ["chosen", "low", "never"]);
        equal(thread.updatedAt, clock.now());
      },
    },
    {
      requirement: "META-3",
      title: "a patch for another revision changes nothing",
      writes: true,
      run: async ({ store, given }) => {
        await given({ threadId: A });
        const { revision } = await store.readThread({ threadId: A });
        const patch = { name: "Name" };
        const named = await store.updateThreadMetadata({ threadId: A, patch, expectedRevision: revision });
        equal(named.revision > revision, true);
        const again = store.updateThreadMetadata({ threadId: A, patch: { name: "Other" }, expectedRevision: revision });
        await rejects(again, "conflict", /revision/);
        equal((await store.readThread({ threadId: A })).name, "Name");
      },
    },
    {
      requirement: "META-4",
      title: "recency moves forward by turns and patches, never back",
      writes: true,
      run: async ({ store, given, clock }) => {
        await given({ threadId: A, items: [turnStarted("t"), userItem("hello")] });
        const started = clock.now();
        const advance = async (advanceRecencyAt: string) =>
          (await store.updateThreadMetadata({ threadId: A, patch: { advanceRecencyAt } })).recencyAt;
        equal(await advance("2001-01-01T00:00:00.000Z"), started);
        equal(await advance("2030-01-01T00:00:00.000Z"), "2030-01-01T00:00:00.000Z");
      },
    },
    {
      requirement: "META-5",
      title: "unknown threads, archived threads, unknown fields",
      writes: true,
      run: async ({ store, given }) => {
        await rejects(store.updateThreadMetadata({ threadId: A, patch: { name: "x" } }), "thread_not_found");
        await given({ threadId: A, isArchived: true });
        await rejects(store.updateThreadMetadata({ threadId: A, patch: { name: "x" } }), "invalid_request", /archived/);
        await store.updateThreadMetadata({ threadId: A, patch: { name: "x" }, includeArchived: true });
        const bad = store.updateThreadMetadata({ threadId: A, patch: { colour: "red" } as never });
        await rejects(bad, "invalid_request", /colour/);
      },
    },
  ],
};
