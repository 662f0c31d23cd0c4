import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newThreadId, openMemoryThreadStore, type ThreadStore } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";
import {
  convertToModelMessages,
  createIdGenerator,
  isToolUIPart,
  jsonSchema,
  stepCountIs,
  streamText,
  tool,
  type UIMessage,
  validateUIMessages,
} from "ai";
import { MockLanguageModelV3, simulateReadableStream } from "ai/test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createChatStore } from "../src/index.js";

type Chunks = Parameters<typeof simulateReadableStream<StreamPart>>[0]["chunks"];
type StreamPart =
  Awaited<ReturnType<MockLanguageModelV3["doStream"]>>["stream"] extends ReadableStream<infer P> ? P : never;

const USAGE = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};

function says(text: string): Chunks {
  return [
    { type: "text-start", id: "t" },
    { type: "text-delta", id: "t", delta: text },
    { type: "text-end", id: "t" },
    { type: "finish", finishReason: { unified: "stop", raw: "stop" }, usage: USAGE },
  ];
}

function calls(toolName: string, toolCallId: string): Chunks {
  return [
    { type: "reasoning-start", id: "r" },
    { type: "reasoning-delta", id: "r", delta: "A tool knows." },
    { type: "reasoning-end", id: "r" },
    { type: "tool-call", toolCallId, toolName, input: '{"city":"Oslo"}' },
    { type: "finish", finishReason: { unified: "tool-calls", raw: "tool_calls" }, usage: USAGE },
  ];
}

function scriptedModel(...answers: Chunks[]): MockLanguageModelV3 {
  return new MockLanguageModelV3({
    doStream: answers.map((chunks) => ({ stream: simulateReadableStream({ chunks }) })),
  });
}

const inputSchema = jsonSchema<{ city: string }>({ type: "object", properties: { city: { type: "string" } } });
const tools = {
  weather: tool({ inputSchema, execute: async ({ city }) => ({ city, sky: "blue" }) }),
  launch: tool({ inputSchema, needsApproval: true, execute: async () => "launched" }),
};

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "ai-sdk-"));
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

const STORES: Readonly<Record<string, () => ThreadStore>> = {
  memory: () => openMemoryThreadStore(),
  local: () => openLocalThreadStore({ home }),
};

describe.each(Object.keys(STORES))("a chat in a %s store", (name) => {
  let store: ThreadStore;
  let chatId: string;

  beforeEach(() => {
    store = (STORES[name] as () => ThreadStore)();
    chatId = newThreadId();
  });

  afterEach(() => store[Symbol.asyncDispose]());

  function chat() {
    return createChatStore(store, { metadata: { cwd: home }, model: "mock" });
  }

  /** What the guide to persistence does for each request: load, add what came, answer, save. */
  async function request(
    model: MockLanguageModelV3,
    change: (messages: UIMessage[]) => UIMessage[],
  ): Promise<UIMessage[]> {
    const { loadChat, saveChat } = chat();
    const messages = change(await loadChat(chatId));
    await saveChat({ chatId, messages });
    const validated = await validateUIMessages({ messages, tools: tools as never });
    const modelMessages = await convertToModelMessages(validated, { tools });
    const result = streamText({ model, messages: modelMessages, tools, stopWhen: stepCountIs(3) });
    let finished: UIMessage[] = [];
    const stream = result.toUIMessageStream({
      originalMessages: messages,
      generateMessageId: createIdGenerator({ prefix: "msg", size: 16 }),
      sendReasoning: true,
      onFinish: async (event) => {
        finished = event.messages;
        await saveChat({ chatId, messages: event.messages });
      },
    });
    for await (const _chunk of stream);
    return finished;
  }

  const ask =
    (text: string) =>
    (messages: UIMessage[]): UIMessage[] => [
      ...messages,
      { id: `user-${messages.length}`, role: "user", parts: [{ type: "text", text }] },
    ];

  function promptOf(model: MockLanguageModelV3): unknown[] {
    const { prompt } = model.doStreamCalls.at(-1) ?? { prompt: [] };
    return prompt.map(({ role, content }) => [role, ...(content as { type: string }[]).map(({ type }) => type)]);
  }

  /** As another process does. */
  async function reopen(): Promise<void> {
    if (name === "memory") return;
    await store[Symbol.asyncDispose]();
    store = (STORES[name] as () => ThreadStore)();
  }

  it("goes on where it was, over requests and processes", async () => {
    const model = scriptedModel(calls("weather", "c1"), says("It is sunny."), says("You asked for Oslo."));
    const first = await request(model, ask("What is the weather?"));
    await reopen();
    expect(await chat().loadChat(chatId)).toStrictEqual(JSON.parse(JSON.stringify(first)));
    const second = await request(model, ask("Which city?"));
    expect(second.slice(0, 2)).toStrictEqual(JSON.parse(JSON.stringify(first)));
    expect(promptOf(model)).toStrictEqual([
      ["user", "text"],
      ["assistant", "reasoning", "tool-call"],
      ["tool", "tool-result"],
      ["assistant", "text"],
      ["user", "text"],
    ]);
    await reopen();
    const { data } = await store.listTurns({ threadId: chatId, itemsView: "full", sortDirection: "asc" });
    expect(data.map(({ status, items }) => [status, ...items.map(({ item }) => item.type)])).toStrictEqual([
      ["completed", "UserMessage", "Reasoning", "DynamicToolCall", "AgentMessage"],
      ["completed", "UserMessage", "AgentMessage"],
    ]);
  });

  it("forgets an answer that is given again", async () => {
    const model = scriptedModel(says("Four."), says("It is four."));
    await request(model, ask("2 + 2?"));
    await reopen();
    await request(model, (messages) => messages.slice(0, -1));
    const messages = await chat().loadChat(chatId);
    expect(messages.map(({ parts }) => parts.filter(({ type }) => type === "text"))).toMatchObject([
      [{ text: "2 + 2?" }],
      [{ text: "It is four." }],
    ]);
    expect((await store.listTurns({ threadId: chatId })).data).toHaveLength(1);
  });

  it("waits for an approval that another request gives", async () => {
    const model = scriptedModel(calls("launch", "c1"), says("It flies."));
    const waiting = await request(model, ask("Launch it."));
    expect(waiting.at(-1)?.parts.find(isToolUIPart)?.state).toBe("approval-requested");
    const approved = (messages: UIMessage[]) =>
      messages.map((message) => ({
        ...message,
        parts: message.parts.map((part) =>
          isToolUIPart(part) && part.state === "approval-requested"
            ? ({
                ...part,
                state: "approval-responded",
                approval: { ...part.approval, approved: true },
              } as unknown as typeof part)
            : part,
        ),
      }));
    await reopen();
    const done = await request(model, approved);
    expect(done).toHaveLength(2);
    expect(done.at(-1)?.parts.find(isToolUIPart)).toMatchObject({ state: "output-available", output: "launched" });
    await reopen();
    expect(await chat().loadChat(chatId)).toStrictEqual(JSON.parse(JSON.stringify(done)));
    const [turn] = (await store.listTurns({ threadId: chatId })).data;
    expect(turn?.status).toBe("completed");
  });
});
