import type { Section } from "../case.js";
import { equal, idsOf } from "../expect.js";
import { threadId, turnStarted, userItem } from "../sample-items.js";
import type { ThreadSketch } from "../sketch.js";

const [A, B, C, D, E] = [1, 2, 3, 4, 5].map(threadId) as [string, string, string, string, string];

function spawned(threadIdOfChild: string, parentThreadId: string): ThreadSketch {
  const source = { subAgent: { thread_spawn: { parent_thread_id: parentThreadId, depth: 1 } } };
  return { threadId: threadIdOfChild, metadata: { source } };
}

export const listingSection: Section = {
  title: "lists",
  cases: [
    {
      requirement: "LIST-1",
      title: "the default list: cli and vscode threads that a user wrote in, newest first",
      run: async ({ store, given }) => {
        await given(
          { threadId: A },
          { threadId: B, metadata: { source: "vscode" } },
          { threadId: C, metadata: { source: "exec" } },
          { threadId: D, items: [] },
          { threadId: E, isArchived: true },
        );
        equal(idsOf(await store.listThreads({})), [B, A]);
      },
    },
    {
      requirement: "LIST-2",
      title: "sources are told apart, and `all` hides nothing",
      run: async ({ store, given }) => {
        await given(
          { threadId: A, metadata: { source: "exec" } },
          { threadId: B, metadata: { source: { subAgent: "review" } } },
          { threadId: C, metadata: { source: { custom: "mine" } } },
          { threadId: D, items: [] },
        );
        equal(idsOf(await store.listThreads({ sources: ["exec"] })), [A]);
        equal(idsOf(await store.listThreads({ sources: ["subAgent"] })), [B]);
        equal(idsOf(await store.listThreads({ sources: ["subAgentReview", "custom"] })), [C, B]);
        equal(idsOf(await store.listThreads({ sources: [] })), []);
        equal(idsOf(await store.listThreads({ sources: "all" })), [D, C, B, A]);
      },
    },
    {
      requirement: "LIST-3",
      title: "three sort keys, two directions, ties by id",
      run: async ({ store, given }) => {
        await given(
          { threadId: B, items: [userItem("b")] },
          { threadId: A, items: [userItem("a")], afterMs: 0 },
          { threadId: C, items: [userItem("c"), turnStarted("t")] },
        );
        for (const sortKey of ["createdAt", "updatedAt", "recencyAt"] as const) {
          equal(idsOf(await store.listThreads({ sortKey })), [C, B, A]);
          equal(idsOf(await store.listThreads({ sortKey, sortDirection: "asc" })), [A, B, C]);
        }
      },
    },
    {
      requirement: "LIST-4",
      title: "providers and folders",
      run: async ({ store, given }) => {
        await given(
          { threadId: A, metadata: { modelProvider: "one", cwd: "/a" } },
          { threadId: B, metadata: { modelProvider: "two", cwd: "/a/b" } },
        );
        equal(idsOf(await store.listThreads({ modelProviders: ["one"] })), [A]);
        equal(idsOf(await store.listThreads({ modelProviders: [] })), [B, A]);
        equal(idsOf(await store.listThreads({ modelProviders: null })), [B, A]);
        equal(idsOf(await store.listThreads({ cwds: ["/a"] })), [A]);
        equal(idsOf(await store.listThreads({ cwds: ["/a/", "/a/b"] })), [B, A]);
        equal(idsOf(await store.listThreads({ cwds: [] })), []);
      },
    },
    {
      requirement: "LIST-5",
      title: "search terms are literal, ignore letter case, and look at names and previews",
      run: async ({ store, given }) => {
        await given(
          { threadId: A, items: [userItem("100% Über_straße")] },
          { threadId: B, items: [userItem("plain")], name: "Quarterly Report" },
        );
        const search = async (searchTerm: string) => idsOf(await store.listThreads({ searchTerm }));
        equal(await search("über"), [A]);
        equal(await search("0% ü"), [A]);
        equal(await search("r_s"), [A]);
        equal(await search("rXs"), []);
        equal(await search("%"), [A]);
        equal(await search("REPORT"), [B]);
        equal(await search(""), [B, A]);
        equal(await search("  "), []);
      },
    },
    {
      requirement: "LIST-6",
      title: "archived threads have a list of their own",
      run: async ({ store, given }) => {
        await given({ threadId: A, isArchived: true }, { threadId: B });
        equal(idsOf(await store.listThreads({ archived: true })), [A]);
        equal(idsOf(await store.listThreads({ archived: false })), [B]);
      },
    },
    {
      requirement: "LIST-7",
      title: "children and descendants",
      needs: ["edges"],
      run: async ({ store, given }) => {
        await given({ threadId: A }, spawned(B, A), spawned(C, B), { ...spawned(D, A), items: [] }, { threadId: E });
        equal(idsOf(await store.listThreads({ relation: { childrenOf: A } })), [D, B]);
        equal(idsOf(await store.listThreads({ relation: { descendantsOf: A } })), [D, C, B]);
        equal(idsOf(await store.listThreads({ relation: { childrenOf: E } })), []);
        equal((await store.readThread({ threadId: C })).parentThreadId, B);
      },
    },
  ],
};
