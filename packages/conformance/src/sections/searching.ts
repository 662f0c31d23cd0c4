import {
  encodeOccurrenceCursor,
  type RolloutItem,
  type SearchThreadsParams,
  type ThreadStore,
} from "@threadstore/core";
import type { Section } from "../case.js";
import { equal, rejects } from "../expect.js";
import { agentItem, completed, event, modelMessage, threadId, userItem, userMessage } from "../sample-items.js";

const [A, B, C, D] = [1, 2, 3, 4].map(threadId) as [string, string, string, string];

/** Ids of what a search finds, in its order: all there is, whatever the index holds yet. */
async function found(
  store: ThreadStore,
  searchTerm: string,
  more: Partial<SearchThreadsParams> = {},
): Promise<string[]> {
  const { data } = await store.searchThreads({ searchTerm, scansMissing: true, ...more });
  return data.map(({ thread }) => thread.threadId);
}

/** A turn with a question and an answer. */
function turn(id: string, [question, answer]: readonly [string, string]): RolloutItem[] {
  const inTurn = ({ payload }: RolloutItem) => ({
    type: "event_msg",
    payload: { ...(payload as object), turn_id: id },
  });
  return [
    event("task_started", { turn_id: id }),
    inTurn(userItem(question)),
    inTurn(agentItem(answer)),
    event("task_complete", { turn_id: id }),
  ];
}

/** What a search shows of its only hit: the snippet, with its matches in brackets. */
async function shown(store: ThreadStore, searchTerm: string): Promise<string | undefined> {
  const [hit] = (await store.searchThreads({ searchTerm, scansMissing: true })).data;
  if (!hit) return undefined;
  return [...hit.ranges]
    .reverse()
    .reduce((text, [from, to]) => `${text.slice(0, from)}[${text.slice(from, to)}]${text.slice(to)}`, hit.snippet);
}

export const searchingSection: Section = {
  title: "searching",
  cases: [
    {
      requirement: "SEARCH-1",
      title: "terms are literal, in any script, in any case, over any white space",
      needs: ["search"],
      run: async ({ store, given }) => {
        await given(
          { threadId: A, items: [userItem('100% of the Straße_names, "quoted" (.*)')] },
          {
            threadId: B,
            items: [userItem("日本語の文章と ﬁnal words"), agentItem("The build\n\n   was   GREEN again")],
          },
          { threadId: C, historyMode: "legacy", items: [userMessage("Ünïcödé 👩‍👩‍👧‍👦 in a legacy thread")] },
        );
        for (const term of ["100%", "STRASSE_NAMES", '"quoted"', "(.*)", "aße_n"]) equal(await found(store, term), [A]);
        for (const term of ["本語", "文", "FINAL", "build was green", "  was green\tagain "])
          equal(await found(store, term), [B]);
        for (const term of ["üNÏCÖDÉ", "👩‍👩‍👧‍👦 in", "y thread"]) equal(await found(store, term), [C]);
        for (const term of ["100_", "quoted'", ".*l", "buildwas", "nothing"]) equal(await found(store, term), []);
      },
    },
    {
      requirement: "SEARCH-2",
      title: "messages and names, tools and reasoning on request, and no harness",
      needs: ["search"],
      run: async ({ store, given }) => {
        const tool = { type: "CommandExecution", id: "c", command: ["grep", "needle"], aggregated_output: "haystack" };
        await given(
          { threadId: A, name: "A needle in a name", items: [userItem("hello")] },
          { threadId: B, items: [userItem("hello"), completed(tool), agentItem("done")] },
          {
            threadId: C,
            items: [
              completed({ type: "Reasoning", id: "r", summary_text: ["a needle?"], raw_content: [] }),
              userItem("x"),
            ],
          },
          {
            threadId: D,
            items: [
              userItem("y"),
              modelMessage("assistant", "an injected needle"),
              modelMessage("user", "<environment_context>haystack</environment_context>"),
            ],
          },
        );
        equal(await found(store, "needle"), [D, A]);
        equal(await found(store, "needle", { scopes: ["messages"] }), [D]);
        equal(await found(store, "needle", { scopes: ["names"] }), [A]);
        equal(await found(store, "needle", { scopes: ["tools"] }), [B]);
        equal(await found(store, "needle", { scopes: ["reasoning"] }), [C]);
        equal(await found(store, "needle", { scopes: ["messages", "names", "tools", "reasoning"] }), [D, C, B, A]);
        equal(await found(store, "haystack"), []);
        equal(await found(store, "haystack", { scopes: ["tools"] }), [B]);
      },
    },
    {
      requirement: "SEARCH-3",
      title: "a snippet on one line, its matches, and the way to its turn",
      needs: ["search"],
      run: async ({ store, given }) => {
        await given({
          threadId: A,
          name: "named Zebra",
          items: [
            ...turn("t1", ["nothing here", "nor here"]),
            ...turn("t2", [`${"before ".repeat(20)}the\n  Needle ${"after ".repeat(40)}`, "a needle again"]),
          ],
        });
        const before = `... ${"before ".repeat(20).slice(-45)}the `;
        const after = ` ${"after ".repeat(40)}`.slice(0, 96).trimEnd();
        equal(await shown(store, "needle"), `${before}[Needle]${after} ...`);
        equal(await shown(store, "again"), "a needle [again]");
        equal(await shown(store, "NAMED"), "[named] Zebra");
        const [hit] = (await store.searchThreads({ searchTerm: "needle", scansMissing: true })).data;
        equal(hit?.turnId, "t2");
        const cursor = hit?.turnCursor ?? "";
        const turns = await store.listTurns({ threadId: A, cursor, pageSize: 1 });
        equal(
          turns.data.map(({ turnId }) => turnId),
          ["t2"],
        );
        const [named] = (await store.searchThreads({ searchTerm: "zebra", scansMissing: true })).data;
        equal([named?.turnId, named?.turnCursor], [undefined, undefined]);
      },
    },
    {
      requirement: "SEARCH-4",
      title: "filters, orders and pages",
      needs: ["search"],
      run: async ({ store, given, clock }) => {
        await given(
          { threadId: A, items: [userItem("needle one"), agentItem("needle two"), userItem("needle three")] },
          { threadId: B, items: [userItem("needle")], metadata: { cwd: "/other" } },
          { threadId: C, items: [userItem("needle one"), agentItem("needle two")], isArchived: true },
          { threadId: D, items: [userItem("needle four")], metadata: { source: "exec", modelProvider: "elsewhere" } },
        );
        equal(await found(store, "needle"), [B, A]);
        equal(await found(store, "needle", { archived: true }), [C]);
        equal(await found(store, "needle", { archived: "both", sources: "all" }), [D, C, B, A]);
        equal(await found(store, "needle", { sources: ["exec"] }), [D]);
        equal(await found(store, "needle", { sources: "all", modelProviders: ["elsewhere"] }), [D]);
        equal(await found(store, "needle", { cwds: ["/other"] }), [B]);
        equal(await found(store, "needle", { cwds: [] }), []);
        equal(await found(store, "needle", { updatedSince: clock.now() }), []);
        const everything = { archived: "both", sources: "all" } as const;
        equal(await found(store, "needle", { ...everything, sortKey: "rank" }), [A, C, D, B]);
        equal(await found(store, "needle", { ...everything, sortKey: "createdAt", sortDirection: "asc" }), [
          A,
          B,
          C,
          D,
        ]);
        for (const sortKey of ["createdAt", "updatedAt", "recencyAt", "rank"] as const) {
          for (const sortDirection of ["asc", "desc"] as const) {
            const whole = await found(store, "needle", { ...everything, sortKey, sortDirection });
            equal(await walked(store, { ...everything, sortKey, sortDirection }), whole);
          }
        }
        const page = await store.searchThreads({
          searchTerm: "needle",
          ...everything,
          pageSize: 2,
          scansMissing: true,
        });
        const back = { ...everything, cursor: page.backwardsCursor ?? "", sortDirection: "asc" } as const;
        equal(await found(store, "needle", back), [D]);
        const other = { searchTerm: "one", cursor: page.nextCursor ?? "", ...everything };
        await rejects(store.searchThreads(other), "invalid_request", /cursor/);
        await rejects(store.searchThreads({ searchTerm: "needle", cursor: "garbage" }), "invalid_request", /cursor/);
      },
    },
    {
      requirement: "SEARCH-5",
      title: "inherited, deleted and reverted text",
      needs: ["search", "revert", "deletion"],
      writes: true,
      run: async ({ store, given }) => {
        await given(
          { threadId: A, items: [userItem("inherited"), userItem("beyond")] },
          { threadId: B, items: [userItem("a fork's own")], fork: { from: A, endOrdinalExclusive: 2 } },
          { threadId: C, items: [userItem("kept"), userItem("taken back")] },
          { threadId: D, items: [userItem("to be deleted")] },
        );
        equal(await found(store, "inherited"), [A]);
        equal(await found(store, "fork's own"), [B]);
        await store.resumeThread({ threadId: C });
        await store.revertThread({ threadId: C, endOrdinalExclusive: 2 });
        await store.appendItems({ threadId: C, items: [userItem("instead")] });
        equal(await found(store, "taken back"), []);
        equal(await found(store, "kept"), [C]);
        equal(await found(store, "instead"), [C]);
        await store.deleteThread({ threadId: D });
        equal(await found(store, "to be deleted"), []);
      },
    },
    {
      requirement: "SEARCH-6",
      title: "terms that cannot be",
      needs: ["search"],
      run: async ({ store, given }) => {
        await given({ threadId: A });
        for (const searchTerm of ["", " ", "\n\t"]) {
          await rejects(store.searchThreads({ searchTerm }), "invalid_request", /searchTerm/);
          await rejects(store.searchOccurrences({ threadId: A, searchTerm }), "invalid_request", /searchTerm/);
        }
        const searchTerm = "x".repeat(1_001);
        await rejects(store.searchThreads({ searchTerm }), "invalid_request", /searchTerm/);
        await rejects(store.searchOccurrences({ threadId: A, searchTerm }), "invalid_request", /searchTerm/);
      },
    },
    {
      requirement: "SEARCH-7",
      title: "every append is seen at once, or counted as missing",
      needs: ["search"],
      writes: true,
      run: async ({ store, given }) => {
        await given({ threadId: A, items: [userItem("begun")] });
        await store.resumeThread({ threadId: A });
        for (let number = 0; number < 20; number += 1) {
          await store.appendItems({ threadId: A, items: [agentItem(`number-${number}.`)] });
          equal(await found(store, `number-${number}.`), [A]);
          const { data, missing = 0 } = await store.searchThreads({ searchTerm: `number-${number}.` });
          equal(data.length + missing, 1);
        }
      },
    },
    {
      requirement: "OCCURRENCE-1",
      title: "each place of what was said, inherited turns included",
      needs: ["search"],
      run: async ({ store, given }) => {
        const items = [...turn("t1", ["turn by TURN", "no"]), ...turn("t2", ["line\nbreak", "a return\n turn"])];
        const fork = { threadId: B, items: turn("t3", ["my turn", "yes"]), fork: { from: A } };
        await given({ threadId: A, items }, fork, {
          threadId: C,
          historyMode: "legacy",
          items: [userMessage("your turn")],
        });
        const places = async (id: string, searchTerm: string) => {
          const { data } = await store.searchOccurrences({ threadId: id, searchTerm });
          return data.map(({ turnId, itemId, snippet, range: [from, to] }) => [
            turnId,
            itemId,
            snippet.slice(from, to),
            snippet,
          ]);
        };
        const inherited = [
          ["t1", "user-turn by TURN", "turn", "turn by TURN"],
          ["t1", "user-turn by TURN", "TURN", "turn by TURN"],
          ["t2", "agent-a return\n turn", "turn", "a return\n turn"],
          ["t2", "agent-a return\n turn", "turn", "a return\n turn"],
        ];
        equal(await places(A, "turn"), inherited);
        equal(await places(B, "turn"), [...inherited, ["t3", "user-my turn", "turn", "my turn"]]);
        equal(await places(A, "line break"), [["t2", "user-line\nbreak", "line\nbreak", "line\nbreak"]]);
        equal(
          (await places(C, "turn")).map(([, , match]) => match),
          ["turn"],
        );
        const ofThread = (await store.listItems({ threadId: B })).data;
        const { data } = await store.searchOccurrences({ threadId: B, searchTerm: "turn" });
        equal(
          data.map(({ ordinal, index }) => [ofThread.find((item) => item.ordinal === ordinal)?.itemId, index]),
          [0, 1, 0, 1, 0].map((index, at) => [data[at]?.itemId, index]),
        );
        const [first] = (await store.searchOccurrences({ threadId: B, searchTerm: "return" })).data;
        const turns = await store.listTurns({ threadId: B, cursor: first?.turnCursor ?? "", pageSize: 1 });
        equal(
          turns.data.map(({ turnId }) => turnId),
          ["t2"],
        );
      },
    },
    {
      requirement: "OCCURRENCE-2",
      title: "pages of any size",
      needs: ["search"],
      run: async ({ store, given }) => {
        const items = ["x x x", "none", "x", "x x"].flatMap((text, at) => turn(`t${at}`, [text, `${text} answered`]));
        await given({ threadId: A, items }, { threadId: B, isArchived: true, items: [userItem("x")] });
        const search = { threadId: A, searchTerm: "x" };
        const whole = (await store.searchOccurrences(search)).data;
        equal(whole.length, 12);
        for (const pageSize of [1, 2, 3, 5, 12]) {
          const rows: unknown[] = [];
          let cursor: string | undefined;
          do {
            const page = await store.searchOccurrences({ ...search, pageSize, ...(cursor ? { cursor } : {}) });
            rows.push(...page.data);
            cursor = page.nextCursor ?? undefined;
          } while (cursor !== undefined);
          equal(rows, whole);
        }
        for (const [at, place] of whole.entries()) {
          const cursor = encodeOccurrenceCursor(search, place);
          equal((await store.searchOccurrences({ ...search, cursor })).data, whole.slice(at));
        }
        const { nextCursor } = await store.searchOccurrences({ ...search, pageSize: 1 });
        const other = { threadId: A, searchTerm: "none", cursor: nextCursor ?? "" };
        await rejects(store.searchOccurrences(other), "invalid_request", /cursor/);
        await rejects(store.searchOccurrences({ threadId: threadId(9), searchTerm: "x" }), "thread_not_found");
        await rejects(store.searchOccurrences({ threadId: B, searchTerm: "x" }), "invalid_request", /archived/);
        equal((await store.searchOccurrences({ threadId: B, searchTerm: "x", includeArchived: true })).data.length, 1);
      },
    },
  ],
};

/** Every hit, page by page. */
async function walked(store: ThreadStore, query: Partial<SearchThreadsParams>): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const params = { searchTerm: "needle", scansMissing: true, pageSize: 1, ...query, ...(cursor ? { cursor } : {}) };
    const page = await store.searchThreads(params);
    ids.push(...page.data.map(({ thread }) => thread.threadId));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return ids;
}
