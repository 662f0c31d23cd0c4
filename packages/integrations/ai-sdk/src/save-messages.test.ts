import {
  type HistoryMode,
  isThreadStoreError,
  type JsonObject,
  LiveThread,
  newThreadId,
  openMemoryThreadStore,
  type ThreadId,
  type ThreadStore,
} from "@threadstore/core";
import { loadModelContext } from "@threadstore/runtime";
import type { UIMessage } from "ai";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { anyMessage } from "../test/support/message-arbitraries.js";
import { createChatStore, loadMessages, saveMessages } from "./index.js";

const QUESTION: UIMessage = {
  id: "u1",
  role: "user",
  metadata: { sentAt: 1 },
  parts: [
    { type: "text", text: "What is the weather here?" },
    { type: "file", mediaType: "image/png", url: "data:image/png;base64,AAAA" },
    { type: "file", mediaType: "application/pdf", filename: "map.pdf", url: "data:application/pdf;base64,AAAA" },
  ],
};
const ANSWER: UIMessage = {
  id: "a1",
  role: "assistant",
  parts: [
    { type: "step-start" },
    { type: "reasoning", text: "A tool knows.", state: "done" },
    {
      type: "tool-weather",
      toolCallId: "c1",
      state: "output-available",
      input: { city: "Oslo" },
      output: { sky: "blue" },
    },
    { type: "dynamic-tool", toolName: "sea", toolCallId: "c2", state: "output-error", input: {}, errorText: "too far" },
    { type: "data-chart", data: [1, 2] },
    { type: "text", text: "It is sunny.", state: "done" },
  ],
};
const NEXT: UIMessage = { id: "u2", role: "user", parts: [{ type: "text", text: "And tomorrow?" }] };
const LAST: UIMessage = { id: "a2", role: "assistant", parts: [{ type: "text", text: "Rain." }] };

let store: ThreadStore;
let threadId: ThreadId;
let nowMs: number;

beforeEach(() => {
  nowMs = Date.parse("2026-01-15T12:00:00Z");
  store = openMemoryThreadStore({ clock: { nowMs: () => nowMs } });
  threadId = newThreadId();
});

function save(messages: readonly UIMessage[], historyMode: HistoryMode = "paginated"): Promise<void> {
  const clock = { nowMs: () => nowMs };
  return saveMessages(store, { threadId, messages, historyMode, model: "gpt-5", metadata: { cwd: "/project" }, clock });
}

function load(): Promise<UIMessage[]> {
  return loadMessages(store, { threadId });
}

async function itemCount(): Promise<number> {
  return (await store.loadHistory({ threadId })).items.length;
}

async function turns(): Promise<unknown[]> {
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

describe("messages that were saved", () => {
  it.each(["paginated", "legacy"] as const)("are loaded as they were, from a %s thread", async (historyMode) => {
    await save([QUESTION, ANSWER, NEXT, LAST], historyMode);
    expect(await load()).toStrictEqual([QUESTION, ANSWER, NEXT, LAST]);
  });

  it("are loaded as they were, whatever they are, saved in any pieces and changed at any place", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(4), fc.array(anyMessage, { maxLength: 4 })), { maxLength: 4 }),
        async (steps) => {
          threadId = newThreadId();
          let messages: UIMessage[] = [];
          for (const [keptCount, added] of steps) {
            messages = [...messages.slice(0, keptCount), ...added];
            await save(messages);
            const loaded = await createChatStore(store).loadChat(threadId);
            expect(loaded).toStrictEqual(messages);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it("are not saved again", async () => {
    await save([QUESTION, ANSWER]);
    const before = await itemCount();
    await save([QUESTION, ANSWER]);
    await save([{ ...QUESTION }, { parts: ANSWER.parts, role: "assistant", id: "a1", metadata: undefined }]);
    expect(await itemCount()).toBe(before);
  });

  it("are added to, in one turn from the question to its answer", async () => {
    await save([QUESTION]);
    expect(await turns()).toStrictEqual([["inProgress", "UserMessage"]]);
    nowMs += 2_000;
    await save([QUESTION, ANSWER]);
    expect(await turns()).toStrictEqual([
      ["completed", "UserMessage", "Reasoning", "DynamicToolCall", "DynamicToolCall", "AgentMessage"],
    ]);
    const [turn] = (await store.listTurns({ threadId })).data;
    expect(turn?.durationMs).toBe(2_000);
    await save([QUESTION, ANSWER, NEXT, LAST]);
    expect((await turns()).slice(1)).toStrictEqual([["completed", "UserMessage", "AgentMessage"]]);
  });

  it("are told to a model as Codex tells them", async () => {
    await save([QUESTION, ANSWER]);
    const { items, turnContext } = await loadModelContext(store, { threadId });
    expect(turnContext?.model).toBe("gpt-5");
    expect(items).toStrictEqual([
      {
        type: "message",
        role: "user",
        content: [
          { type: "input_text", text: "What is the weather here?" },
          { type: "input_image", image_url: "data:image/png;base64,AAAA", detail: "auto" },
          { type: "input_text", text: "[file: map.pdf]" },
        ],
      },
      { type: "reasoning", summary: [{ type: "summary_text", text: "A tool knows." }], encrypted_content: null },
      { type: "function_call", name: "weather", arguments: '{"city":"Oslo"}', call_id: "c1" },
      { type: "function_call_output", call_id: "c1", output: '{"sky":"blue"}' },
      { type: "function_call", name: "sea", arguments: "{}", call_id: "c2" },
      { type: "function_call_output", call_id: "c2", output: "too far" },
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "It is sunny." }] },
    ]);
  });

  it("are saved in the order of the calls, which need not be waited for", async () => {
    await Promise.all([save([QUESTION]), save([QUESTION, ANSWER]), save([QUESTION, ANSWER, NEXT])]);
    expect(await load()).toStrictEqual([QUESTION, ANSWER, NEXT]);
  });

  it("wait while another writer has the thread", async () => {
    await save([QUESTION]);
    const live = await LiveThread.resume(store, { threadId });
    expect(await codeOf(save([QUESTION, ANSWER]))).toBe("conflict");
    await live.shutdown();
    await save([QUESTION, ANSWER]);
    expect(await load()).toStrictEqual([QUESTION, ANSWER]);
  });
});

describe("a message that changed", () => {
  it("takes the place of what was stored from there on", async () => {
    const again: UIMessage = { id: "a3", role: "assistant", parts: [{ type: "text", text: "Sunny." }] };
    await save([QUESTION, ANSWER, NEXT, LAST]);
    await save([QUESTION, again]);
    expect(await load()).toStrictEqual([QUESTION, again]);
    expect(await turns()).toStrictEqual([["completed", "UserMessage", "AgentMessage"]]);
  });

  it("is one whose tool was answered since", async () => {
    const call = { type: "tool-weather", toolCallId: "c1", input: {} } as const;
    const asked: UIMessage = { id: "a1", role: "assistant", parts: [{ ...call, state: "input-available" }] };
    const answered: UIMessage = {
      id: "a1",
      role: "assistant",
      parts: [{ ...call, state: "output-available", output: "sunny" }],
    };
    await save([NEXT, asked]);
    expect(await turns()).toStrictEqual([["inProgress", "UserMessage"]]);
    await save([NEXT, answered]);
    expect(await turns()).toStrictEqual([["completed", "UserMessage", "DynamicToolCall"]]);
    expect(await load()).toStrictEqual([NEXT, answered]);
  });

  it("of a turn that was left is not waited for by the next one", async () => {
    const asked: UIMessage = {
      id: "a1",
      role: "assistant",
      parts: [{ type: "tool-weather", toolCallId: "c1", input: {}, state: "input-available" }],
    };
    await save([QUESTION, asked]);
    await save([QUESTION, asked, NEXT, LAST]);
    expect(await turns()).toStrictEqual([
      ["interrupted", "UserMessage"],
      ["completed", "UserMessage", "AgentMessage"],
    ]);
    expect(await load()).toStrictEqual([QUESTION, asked, NEXT, LAST]);
  });

  it("of a legacy thread is refused, and nothing is saved", async () => {
    await save([QUESTION, ANSWER], "legacy");
    const before = await itemCount();
    expect(await codeOf(save([QUESTION, LAST], "legacy"))).toBe("invalid_request");
    expect([await load(), await itemCount()]).toStrictEqual([[QUESTION, ANSWER], before]);
    await save([QUESTION, ANSWER, NEXT], "legacy");
    expect(await load()).toStrictEqual([QUESTION, ANSWER, NEXT]);
  });
});

describe("a thread that others recorded", () => {
  const event = (type: string, fields: object) => ({ type: "event_msg", payload: { type, ...fields } });
  const response = (payload: JsonObject) => ({ type: "response_item", payload });
  const said = (role: string, text: string) =>
    response({ type: "message", role, content: [{ type: role === "assistant" ? "output_text" : "input_text", text }] });
  const seen = (id: string, text: string) =>
    event("item_completed", { turn_id: "t1", item: { type: "UserMessage", id, content: [{ type: "text", text }] } });
  const call = (call_id: string) => response({ type: "function_call", name: "weather", arguments: '{"a":1}', call_id });

  async function record(historyMode: HistoryMode, ...records: { type: string; payload: unknown }[]): Promise<void> {
    const metadata = { cwd: "/", originator: "codex", cliVersion: "0", source: "cli", modelProvider: "x" } as const;
    const live = await LiveThread.create(store, { threadId, metadata, historyMode });
    await live.append(records);
    await live.shutdown();
  }

  const TURN = [
    event("task_started", { turn_id: "t1" }),
    said("user", "<environment_context>here</environment_context>"),
    said("user", "hello"),
    seen("i1", "hello"),
    response({ type: "reasoning", summary: [{ type: "summary_text", text: "Politely." }] }),
    call("c1"),
    response({ type: "function_call_output", call_id: "c1", output: "sunny" }),
    call("c2"),
    said("assistant", "Hi."),
    event("task_complete", { turn_id: "t1" }),
  ];
  const TOOL = { type: "dynamic-tool", toolName: "weather", input: { a: 1 } };
  const MESSAGES = [
    { id: "item-4", role: "user", parts: [{ type: "text", text: "hello" }] },
    {
      id: "item-5",
      role: "assistant",
      parts: [
        { type: "reasoning", text: "Politely.", state: "done" },
        { ...TOOL, toolCallId: "c1", state: "output-available", output: "sunny" },
        { ...TOOL, toolCallId: "c2", state: "output-error", errorText: "aborted" },
        { type: "text", text: "Hi.", state: "done" },
      ],
    },
  ] as UIMessage[];

  it("is a chat of what was said, thought and called", async () => {
    await record("paginated", ...TURN);
    expect(await load()).toStrictEqual(MESSAGES);
  });

  it("is a chat without the turns that were rolled back", async () => {
    const shown = (message: string) => event("user_message", { message, images: ["https://example.com/a.png"] });
    const rollback = event("thread_rolled_back", { num_turns: 1 });
    await record("legacy", shown("one"), said("assistant", "1"), shown("two"), said("assistant", "2"), rollback);
    expect((await load()).map(({ parts }) => parts)).toStrictEqual([
      [
        { type: "text", text: "one" },
        { type: "file", mediaType: "image/*", url: "https://example.com/a.png" },
      ],
      [{ type: "text", text: "1", state: "done" }],
    ]);
  });

  it("goes on with messages that are saved, and keeps what was recorded", async () => {
    await record("paginated", ...TURN);
    await save([...MESSAGES, NEXT, LAST]);
    expect(await load()).toStrictEqual([...MESSAGES, NEXT, LAST]);
    expect(await codeOf(save([NEXT]))).toBe("conflict");
    await save([...MESSAGES, NEXT]);
    expect(await load()).toStrictEqual([...MESSAGES, NEXT]);
  });
});

describe("a chat store", () => {
  it("has the functions of the guide to persistence", async () => {
    const { createChat, loadChat, saveChat } = createChatStore(store, { metadata: { cwd: "/" } });
    const chatId = createChat();
    expect(await loadChat(chatId)).toStrictEqual([]);
    await saveChat({ chatId, messages: [QUESTION, ANSWER] });
    expect(await loadChat(chatId)).toStrictEqual([QUESTION, ANSWER]);
    const [thread] = (await store.listThreads({})).data;
    expect([thread?.threadId, thread?.preview]).toStrictEqual([chatId, "What is the weather here?\n[file: map.pdf]"]);
  });

  it("tells other failures than that nothing was saved", async () => {
    const { loadChat } = createChatStore(store);
    expect(await codeOf(loadChat("chat-1"))).toBe("invalid_request");
    expect(await codeOf(loadMessages(store, { threadId }))).toBe("thread_not_found");
  });
});
