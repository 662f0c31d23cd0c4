import type { Page, RolloutItem, StoredTurn, ThreadStore } from "@threadstore/core";
import type { Section } from "../case.js";
import { equal, rejects } from "../expect.js";
import { agentItem, event, threadId, turnStarted, userItem, userMessage } from "../sample-items.js";

const [A, B] = [threadId(1), threadId(2)];

/** A turn as a paginated thread records it. */
function turn(id: string, text: string): RolloutItem[] {
  const inTurn = ({ payload }: RolloutItem): RolloutItem => {
    return { type: "event_msg", payload: { ...(payload as object), turn_id: id } };
  };
  const end = event("task_complete", { turn_id: id, completed_at: 1_768_478_401, duration_ms: 1_000 });
  return [
    event("task_started", { turn_id: id, root_turn_id: id, started_at: 1_768_478_400 }),
    inTurn(userItem(text)),
    inTurn(agentItem(`thinking of ${text}`)),
    inTurn(agentItem(`answer to ${text}`)),
    end,
  ];
}

const THREE_TURNS = [...turn("t1", "one"), ...turn("t2", "two"), ...turn("t3", "three")];

function idsOf(page: Pick<Page<StoredTurn>, "data">): string[] {
  return page.data.map(({ turnId }) => turnId);
}

function itemIdsOf({ items }: Pick<StoredTurn, "items">): string[] {
  return items.map(({ itemId }) => itemId);
}

/** Every row of a list, gathered page by page. */
async function gather<T>(list: (cursor: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await list(cursor);
    rows.push(...page.data);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return rows;
}

async function fullTurns(store: ThreadStore, id: string): Promise<readonly StoredTurn[]> {
  const page = await store.listTurns({ threadId: id, sortDirection: "asc", itemsView: "full" });
  return page.data;
}

export const turnSection: Section = {
  title: "turns and items",
  cases: [
    {
      requirement: "TURN-1",
      title: "a completed turn, a failed one, an interrupted one, and one that goes on",
      needs: ["turns"],
      run: async ({ store, given }) => {
        const failed = { turn_id: "f", error: { message: "it broke", codex_error_info: "other" } };
        await given({
          threadId: A,
          items: [
            ...turn("t1", "one"),
            turnStarted("f"),
            event("task_complete", failed),
            turnStarted("i"),
            event("turn_aborted", { turn_id: "i", reason: "interrupted" }),
            turnStarted("open"),
          ],
        });
        const turns = await fullTurns(store, A);
        equal(
          turns.map(({ turnId, status, error }) => [turnId, status, error?.message]),
          [
            ["t1", "completed", undefined],
            ["f", "failed", "it broke"],
            ["i", "interrupted", undefined],
            ["open", "inProgress", undefined],
          ],
        );
        const { startedAt, completedAt, durationMs, rootTurnId, firstOrdinal, endOrdinalExclusive } =
          turns[0] as StoredTurn;
        equal(
          [startedAt, completedAt, durationMs, rootTurnId, firstOrdinal, endOrdinalExclusive],
          ["2026-01-15T12:00:00.000Z", "2026-01-15T12:00:01.000Z", 1_000, "t1", 1, 6],
        );
        equal(idsOf(await store.listTurns({ threadId: A })), ["open", "i", "f", "t1"]);
      },
    },
    {
      requirement: "TURN-1",
      title: "a thread without turns has an empty page; unknown and archived threads are refused",
      needs: ["turns"],
      run: async ({ store, given }) => {
        await given({ threadId: A, items: [] }, { threadId: B, isArchived: true, items: THREE_TURNS });
        equal(await store.listTurns({ threadId: A }), { data: [], nextCursor: null, backwardsCursor: null });
        equal(await store.listItems({ threadId: A }), { data: [], nextCursor: null, backwardsCursor: null });
        await rejects(store.listTurns({ threadId: threadId(9) }), "thread_not_found");
        await rejects(store.listTurns({ threadId: B }), "invalid_request", /archived/);
        equal(idsOf(await store.listTurns({ threadId: B, includeArchived: true })), ["t3", "t2", "t1"]);
      },
    },
    {
      requirement: "TURN-2",
      title: "nothing, a summary, everything",
      needs: ["turns"],
      run: async ({ store, given }) => {
        await given({ threadId: A, items: turn("t1", "one") });
        const items = async (itemsView?: "notLoaded" | "summary" | "full") => {
          const { data } = await store.listTurns({ threadId: A, ...(itemsView ? { itemsView } : {}) });
          const [only] = data as [StoredTurn];
          return [only.itemsView, itemIdsOf(only)];
        };
        equal(await items("notLoaded"), ["notLoaded", []]);
        equal(await items(), ["summary", ["user-one", "agent-answer to one"]]);
        equal(await items("full"), ["full", ["user-one", "agent-thinking of one", "agent-answer to one"]]);
      },
    },
    {
      requirement: "TURN-3",
      title: "pages of any size, both directions, and back from a cursor",
      needs: ["turns"],
      run: async ({ store, given }) => {
        await given({ threadId: A, items: THREE_TURNS });
        for (const sortDirection of ["asc", "desc"] as const) {
          for (const pageSize of [1, 2, 5]) {
            const query = { threadId: A, sortDirection, pageSize };
            const turns = await gather((cursor) => store.listTurns({ ...query, ...(cursor ? { cursor } : {}) }));
            equal(idsOf({ data: turns }), sortDirection === "asc" ? ["t1", "t2", "t3"] : ["t3", "t2", "t1"]);
            const items = await gather((cursor) => store.listItems({ ...query, ...(cursor ? { cursor } : {}) }));
            equal(items.length, 9);
            equal(new Set(items.map(({ itemId }) => itemId)).size, 9);
          }
        }
        const second = await store.listTurns({ threadId: A, pageSize: 1, cursor: await cursorAfterFirst(store) });
        equal(idsOf(second), ["t2"]);
        const back = { threadId: A, cursor: second.backwardsCursor as string, sortDirection: "asc" } as const;
        equal(idsOf(await store.listTurns(back)), ["t2", "t3"]);
      },
    },
    {
      requirement: "TURN-3",
      title: "cursors of other threads, turns and lists, and texts that are none",
      needs: ["turns"],
      run: async ({ store, given }) => {
        await given({ threadId: A, items: THREE_TURNS }, { threadId: B, items: THREE_TURNS });
        const cursor = await cursorAfterFirst(store);
        await rejects(store.listTurns({ threadId: B, cursor }), "invalid_request", /cursor/);
        await rejects(store.listItems({ threadId: A, cursor }), "invalid_request", /cursor/);
        await rejects(store.listTurns({ threadId: A, cursor: "none" }), "invalid_request", /invalid cursor/);
        await rejects(store.listTurns({ threadId: A, pageSize: 0 }), "invalid_request");
        await rejects(store.listTurns({ threadId: A, itemsView: "other" as never }), "invalid_request", /itemsView/);
      },
    },
    {
      requirement: "TURN-4",
      title: "items of a thread and of one turn; a newer state of an item keeps its place",
      needs: ["turns"],
      run: async ({ store, given }) => {
        const late = event("item_completed", {
          turn_id: "t1",
          item: { type: "Plan", id: "plan", text: "done" },
        });
        const early = event("item_completed", { turn_id: "t1", item: { type: "Plan", id: "plan", text: "to do" } });
        const items = [turnStarted("t1"), early, ...turn("t2", "two"), late];
        await given({ threadId: A, items });
        const all = await store.listItems({ threadId: A });
        equal(
          all.data.map(({ itemId, turnId, ordinal }) => [itemId, turnId, ordinal]),
          [
            ["plan", "t1", 2],
            ["user-two", "t2", 4],
            ["agent-thinking of two", "t2", 5],
            ["agent-answer to two", "t2", 6],
          ],
        );
        equal(all.data[0]?.item.text, "done");
        equal((await store.listItems({ threadId: A, turnId: "t1" })).data.length, 1);
        await rejects(store.listItems({ threadId: A, turnId: "t9" }), "invalid_request", /t9/);
      },
    },
    {
      requirement: "TURN-5",
      title: "named items, in stored order",
      needs: ["turns"],
      run: async ({ store, given }) => {
        await given({ threadId: A, items: THREE_TURNS });
        const itemIds = ["agent-answer to two", "nothing", "user-two", "user-one"];
        const items = await store.readItems({ threadId: A, turnId: "t2", itemIds });
        equal(
          items.map(({ itemId }) => itemId),
          ["user-two", "agent-answer to two"],
        );
        await rejects(store.readItems({ threadId: A, turnId: "t9", itemIds }), "invalid_request", /t9/);
      },
    },
    {
      requirement: "TURN-6",
      title: "forks and reverts",
      needs: ["turns", "forkByReference"],
      run: async ({ store, given }) => {
        await given(
          { threadId: A, items: THREE_TURNS },
          { threadId: B, items: turn("mine", "four"), fork: { from: A, endOrdinalExclusive: 11 } },
        );
        equal(idsOf(await store.listTurns({ threadId: B })), ["mine", "t2", "t1"]);
        equal((await store.listItems({ threadId: B })).data.length, 9);
      },
    },
    {
      requirement: "TURN-6",
      title: "a reverted thread",
      needs: ["turns", "revert"],
      writes: true,
      run: async ({ store, given }) => {
        await given({ threadId: A, items: THREE_TURNS });
        await store.resumeThread({ threadId: A });
        await store.revertThread({ threadId: A, endOrdinalExclusive: 6 });
        await store.appendItems({ threadId: A, items: turn("instead", "five") });
        equal(idsOf(await store.listTurns({ threadId: A })), ["instead", "t1"]);
      },
    },
    {
      requirement: "TURN-7",
      title: "a turn for each message, numbered items, and a rollback",
      needs: ["turns"],
      run: async ({ store, given }) => {
        const reasoning = ["a", "b"].map((text) => event("agent_reasoning", { text }));
        const items = [
          userMessage("one"),
          ...reasoning,
          event("agent_message", { message: "first answer" }),
          userMessage("two"),
          event("agent_message", { message: "second answer" }),
          event("thread_rolled_back", { num_turns: 1 }),
          userMessage("three"),
        ];
        await given({ threadId: A, historyMode: "legacy", items });
        const turns = await fullTurns(store, A);
        equal(
          turns.map((one) => [one.turnId, one.status, itemIdsOf(one)]),
          [
            ["rollout-1", "completed", ["item-1", "item-2", "item-3"]],
            ["rollout-8", "completed", ["item-6"]],
          ],
        );
        equal(turns[0]?.items[1]?.item.summary_text, ["a", "b"]);
      },
    },
  ],
};

async function cursorAfterFirst(store: ThreadStore): Promise<string> {
  return (await store.listTurns({ threadId: A, pageSize: 1 })).nextCursor as string;
}
