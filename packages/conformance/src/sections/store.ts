import type { Section } from "../case.js";
import { equal, ok, rejects } from "../expect.js";
import { threadId } from "../sample-items.js";

export const storeSection: Section = {
  title: "the store itself",
  cases: [
    {
      requirement: "STORE-1",
      title: "the store has the capabilities that are declared for it",
      run: async ({ store, harness }) => {
        for (const capability of harness.capabilities) ok(store.capabilities.has(capability), `lacks ${capability}`);
      },
    },
    {
      requirement: "STORE-1",
      title: "an operation of a missing capability is unsupported, by its name",
      run: async ({ store }) => {
        if (!store.capabilities.has("search")) {
          await rejects(store.searchThreads({ searchTerm: "x" }), "unsupported", /search_threads/);
        }
        if (!store.capabilities.has("edges")) {
          await rejects(
            store.listThreadSpawnEdges({ threadId: threadId(1) }),
            "unsupported",
            /list_thread_spawn_edges/,
          );
        }
        if (!store.capabilities.has("deletion")) {
          await rejects(store.deleteThread({ threadId: threadId(1) }), "unsupported", /delete_thread/);
        }
        equal(store.supportsLegacyPath("not a path of any store"), false);
      },
    },
    {
      requirement: "STORE-2",
      title: "a closed store answers unavailable, and closing it again does nothing",
      run: async ({ reopen }) => {
        const store = await reopen();
        await store[Symbol.asyncDispose]();
        await store[Symbol.asyncDispose]();
        await rejects(store.listThreads({}), "unavailable", /closed/);
      },
    },
  ],
};
