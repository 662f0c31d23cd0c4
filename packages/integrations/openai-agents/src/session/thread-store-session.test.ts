import type { AgentInputItem } from "@openai/agents-core";
import {
  type HistoryMode,
  isThreadStoreError,
  type JsonObject,
  LiveThread,
  newThreadId,
  openMemoryThreadStore,
  type ThreadStore,
} from "@threadstore/core";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { anyItem } from "../../test/support/item-arbitraries.js";
import { ThreadStoreSession } from "./thread-store-session.js";

const QUESTION: AgentInputItem = { type: "message", role: "user", content: "What is the weather?" };
const CALL: AgentInputItem = { type: "function_call", callId: "c1", name: "weather", arguments: '{"city":"Oslo"}' };
const RESULT: AgentInputItem = {
  type: "function_call_result",
  callId: "c1",
  name: "weather",
  status: "completed",
  output: { type: "text", text: "sunny" },
};
const ANSWER: AgentInputItem = {
  type: "message",
  role: "assistant",
  status: "completed",
  content: [{ type: "output_text", text: "It is sunny." }],
};
const RUN = [QUESTION, CALL, RESULT, ANSWER];

let store: ThreadStore;
let nowMs: number;

beforeEach(() => {
  nowMs = Date.parse("2026-01-15T12:00:00Z");
  store = openMemoryThreadStore({ clock: { nowMs: () => nowMs } });
});

function openSession(options: { threadId?: string; historyMode?: HistoryMode } = {}): ThreadStoreSession {
  const metadata = { cwd: "/project" };
  return new ThreadStoreSession({ store, metadata, model: "gpt-5", clock: { nowMs: () => nowMs }, ...options });
}

/** What each record is: its kind, or the type of its payload, or of the item that a person sees. */
async function kinds(threadId: string): Promise<unknown[]> {
  const { items } = await store.loadHistory({ threadId });
  return items.map(({ item: { type, payload } }) => {
    const { type: name, role, item } = payload as JsonObject & { readonly item?: JsonObject };
    return item?.type ?? (role === undefined ? (name ?? type) : `${String(role)} ${String(name)}`);
  });
}

async function turns(threadId: string): Promise<unknown[]> {
  const { data } = await store.listTurns({ threadId, itemsView: "full", sortDirection: "asc" });
  return data.map(({ status, items }) => [status, ...items.map(({ item }) => item.type)]);
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  return isThreadStoreError(error) ? error.code : String(error);
}

describe("the items of a session", () => {
  it("are none before any was added, and no thread is there", async () => {
    const session = openSession();
    expect([await session.getItems(), await session.popItem(), await session.clearSession()]).toStrictEqual([
      [],
      undefined,
      undefined,
    ]);
    expect((await store.listThreads({ sources: "all" })).data).toStrictEqual([]);
    expect(await session.getSessionId()).toBe(session.threadId);
  });

  it("come back as they were added, the newest ones when a limit is given", async () => {
    const session = openSession();
    await session.addItems([QUESTION, CALL]);
    await session.addItems([RESULT, ANSWER]);
    expect(await session.getItems()).toStrictEqual(RUN);
    expect(await session.getItems(2)).toStrictEqual([RESULT, ANSWER]);
    expect(await session.getItems(9)).toStrictEqual(RUN);
    expect([await session.getItems(0), await session.getItems(-1)]).toStrictEqual([[], []]);
  });

  it("come back from another session of the thread, also while the first one writes", async () => {
    const session = openSession();
    await session.addItems(RUN);
    const other = openSession({ threadId: session.threadId.toUpperCase() });
    expect(await other.getItems()).toStrictEqual(RUN);
    expect(await codeOf(other.addItems([QUESTION]))).toBe("conflict");
    await session.close();
    await other.addItems([QUESTION]);
    expect(await session.getItems()).toStrictEqual([...RUN, QUESTION]);
  });

  it("are those of any conversation, added in any pieces, with pops between", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.array(anyItem, { maxLength: 4 }), fc.constant("pop")), { maxLength: 5 }),
        async (steps) => {
          const session = openSession();
          const expected: AgentInputItem[] = [];
          for (const step of steps) {
            if (typeof step === "string") expect(await session.popItem()).toStrictEqual(expected.pop());
            else {
              await session.addItems(step);
              expected.push(...step);
            }
          }
          expect(await session.getItems()).toStrictEqual(expected);
          await session.close();
        },
      ),
      { numRuns: 40 },
    );
  });

  it("are added in the order of the calls, which need not be waited for", async () => {
    const session = openSession();
    const texts = ["one", "two", "three", "four"];
    const [, , items] = await Promise.all([
      session.addItems([{ role: "user", content: "one" }]),
      session.addItems([{ role: "user", content: "two" }]),
      session.getItems(),
      session.addItems([{ role: "user", content: "three" }]),
      session.addItems([{ role: "user", content: "four" }]),
    ]);
    expect(items).toStrictEqual([
      { role: "user", content: "one" },
      { role: "user", content: "two" },
    ]);
    expect(await session.getItems()).toStrictEqual(texts.map((content) => ({ role: "user", content })));
  });

  it("are kept when they say nothing", async () => {
    const session = openSession();
    const empty: AgentInputItem = { role: "user", content: [] };
    await session.addItems([empty]);
    expect([await session.popItem(), await session.getItems()]).toStrictEqual([empty, []]);
  });

  it("need a thread id that is one", () => {
    expect(() => openSession({ threadId: "chat-1" })).toThrow("a session needs a thread id, not chat-1");
  });
});

describe("the turns of a session", () => {
  it("have the records of the real Codex", async () => {
    const session = openSession();
    await session.addItems(RUN);
    expect(await kinds(session.threadId)).toStrictEqual([
      "session_meta",
      "task_started",
      "turn_context",
      "user message",
      "UserMessage",
      "function_call",
      "DynamicToolCall",
      "function_call_output",
      "AgentMessage",
      "assistant message",
      "task_complete",
    ]);
    const thread = await store.readThread({ threadId: session.threadId });
    expect([thread.preview, thread.model, thread.cwd]).toStrictEqual(["What is the weather?", "gpt-5", "/project"]);
  });

  it("show the tool with what it was asked and what it said", async () => {
    const session = openSession();
    await session.addItems(RUN);
    const { data } = await store.listItems({ threadId: session.threadId });
    expect(data[1]?.item).toStrictEqual({
      type: "DynamicToolCall",
      id: "c1",
      tool: "weather",
      arguments: { city: "Oslo" },
      status: "completed",
      content_items: [{ type: "inputText", text: "sunny" }],
      success: true,
    });
  });

  it("are shown of a legacy thread too", async () => {
    const session = openSession({ historyMode: "legacy" });
    await session.addItems(RUN);
    expect(await turns(session.threadId)).toStrictEqual([["completed", "UserMessage", "AgentMessage"]]);
    expect(await session.getItems()).toStrictEqual(RUN);
  });

  it("go on when the run goes on, in another process too, and last as long", async () => {
    const session = openSession();
    await session.addItems([QUESTION, ANSWER, CALL]);
    expect(await turns(session.threadId)).toStrictEqual([["inProgress", "UserMessage", "AgentMessage"]]);
    await session.close();
    nowMs += 5_000;
    const other = openSession({ threadId: session.threadId });
    await other.addItems([RESULT, ANSWER]);
    expect(await turns(session.threadId)).toStrictEqual([
      ["completed", "UserMessage", "AgentMessage", "DynamicToolCall", "AgentMessage"],
    ]);
    const [turn] = (await store.listTurns({ threadId: session.threadId })).data;
    expect(turn?.durationMs).toBe(5_000);
  });

  it("are interrupted when the next one begins before they were answered, and the model is not told of it", async () => {
    const session = openSession();
    await session.addItems([QUESTION, CALL]);
    await session.addItems([QUESTION, ANSWER]);
    expect(await turns(session.threadId)).toStrictEqual([
      ["interrupted", "UserMessage"],
      ["completed", "UserMessage", "AgentMessage"],
    ]);
    expect(await session.getItems()).toStrictEqual([QUESTION, CALL, QUESTION, ANSWER]);
  });

  it("take several messages of a user before the agent says anything", async () => {
    const session = openSession();
    await session.addItems([QUESTION]);
    await session.addItems([QUESTION, ANSWER]);
    expect(await turns(session.threadId)).toStrictEqual([["completed", "UserMessage", "UserMessage", "AgentMessage"]]);
  });
});

describe("taking back", () => {
  it("takes an item with all that was recorded of it", async () => {
    const session = openSession();
    await session.addItems([QUESTION]);
    const before = await kinds(session.threadId);
    await session.addItems([CALL, RESULT, ANSWER]);
    expect([await session.popItem(), await session.popItem(), await session.popItem()]).toStrictEqual([
      ANSWER,
      RESULT,
      CALL,
    ]);
    expect((await kinds(session.threadId)).filter((kind) => kind !== "session_meta")).toStrictEqual(before.slice(1));
    expect(await session.popItem()).toStrictEqual(QUESTION);
    expect(await turns(session.threadId)).toStrictEqual([]);
  });

  it("lets the conversation go on from there", async () => {
    const session = openSession();
    await session.addItems(RUN);
    await session.popItem();
    await session.addItems([ANSWER]);
    expect(await turns(session.threadId)).toStrictEqual([
      ["completed", "UserMessage", "DynamicToolCall", "AgentMessage"],
    ]);
    expect(await session.getItems()).toStrictEqual(RUN);
  });

  it("of everything leaves the thread with nothing in it", async () => {
    const session = openSession();
    await session.addItems(RUN);
    await session.clearSession();
    expect([await session.getItems(), await turns(session.threadId)]).toStrictEqual([[], []]);
    await session.clearSession();
    await session.addItems([RESULT]);
    await session.close();
    expect(await openSession({ threadId: session.threadId }).getItems()).toStrictEqual([RESULT]);
  });

  it("of a legacy thread is refused, and nothing is taken", async () => {
    const session = openSession({ historyMode: "legacy" });
    await session.addItems(RUN);
    expect([await codeOf(session.popItem()), await codeOf(session.clearSession())]).toStrictEqual([
      "invalid_request",
      "invalid_request",
    ]);
    expect(await session.getItems()).toStrictEqual(RUN);
    await session.addItems([QUESTION]);
    expect(await session.getItems()).toStrictEqual([...RUN, QUESTION]);
  });
});

describe("a compaction", () => {
  const COMPACTION: AgentInputItem = { type: "compaction", id: "cmp_1", encrypted_content: "secret" };

  it("stands for all before it; people still see what was said", async () => {
    const session = openSession({ historyMode: "legacy" });
    await session.addItems(RUN);
    await session.replaceHistoryWithCompaction([COMPACTION, ANSWER]);
    await session.addItems([QUESTION]);
    expect(await session.getItems()).toStrictEqual([COMPACTION, ANSWER, QUESTION]);
    expect((await turns(session.threadId))[0]).toStrictEqual(["completed", "UserMessage", "AgentMessage"]);
  });

  it("can be taken back item by item", async () => {
    const session = openSession();
    await session.addItems(RUN);
    await session.replaceHistoryWithCompaction([COMPACTION, QUESTION]);
    expect(await session.popItem()).toStrictEqual(QUESTION);
    expect(await session.getItems()).toStrictEqual([COMPACTION]);
    expect(await session.popItem()).toStrictEqual(COMPACTION);
    expect(await session.getItems()).toStrictEqual([]);
  });
});

describe("a thread that Codex recorded", () => {
  async function record(...records: { type: string; payload: unknown }[]): Promise<ThreadStoreSession> {
    const threadId = newThreadId();
    const metadata = {
      cwd: "/project",
      originator: "codex",
      cliVersion: "0",
      source: "cli",
      modelProvider: "x",
    } as const;
    const live = await LiveThread.create(store, { threadId, metadata, historyMode: "legacy" });
    await live.append(records);
    await live.shutdown();
    return openSession({ threadId });
  }

  const said = (role: string, text: string) => ({
    type: "response_item",
    payload: { type: "message", role, content: [{ type: role === "assistant" ? "output_text" : "input_text", text }] },
  });
  const texts = async (session: ThreadStoreSession) =>
    (await session.getItems()).map((item) => ("content" in item ? item.content : item.type));

  it("is a session whose rolled back turns are gone", async () => {
    const rollback = { type: "event_msg", payload: { type: "thread_rolled_back", num_turns: 1 } };
    const context = said("user", "<environment_context>here</environment_context>");
    const session = await record(context, said("user", "one"), said("user", "two"), said("assistant", "2"), rollback);
    expect(await texts(session)).toStrictEqual(["<environment_context>here</environment_context>", "one"]);
  });

  it("is a session that begins with its last compaction", async () => {
    const replacement_history = [said("user", "summary").payload];
    const compacted = { type: "compacted", payload: { message: "", replacement_history } };
    const older = { type: "compacted", payload: { message: "in short" } };
    const session = await record(said("user", "one"), said("assistant", "1"), older);
    expect(await texts(session)).toStrictEqual(["one", "in short"]);
    const other = await record(said("user", "one"), compacted, said("user", "two"));
    expect(await texts(other)).toStrictEqual(["summary", "two"]);
  });
});
