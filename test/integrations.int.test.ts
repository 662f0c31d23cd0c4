import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createChatStore } from "@threadstore/ai-sdk";
import { openLocalThreadStore } from "@threadstore/local";
import { ThreadStoreSession } from "@threadstore/openai-agents";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "integrations-"));
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

describe("one thread", () => {
  it("is a session of one SDK and a chat of another, by turns", async () => {
    await using store = openLocalThreadStore({ home });
    const metadata = { cwd: home };
    const session = new ThreadStoreSession({ store, metadata });
    const { loadChat, saveChat } = createChatStore(store, { metadata });
    const { threadId: chatId } = session;
    await session.addItems([
      { type: "message", role: "user", content: "What is the weather?" },
      { type: "function_call", callId: "c1", name: "weather", arguments: "{}", status: "completed" },
      { type: "function_call_result", callId: "c1", name: "weather", status: "completed", output: "sunny" },
    ]);
    await session.close();

    const messages = await loadChat(chatId);
    expect(messages.map(({ role, parts }) => [role, ...parts])).toStrictEqual([
      ["user", { type: "text", text: "What is the weather?" }],
      [
        "assistant",
        {
          type: "dynamic-tool",
          toolName: "weather",
          toolCallId: "c1",
          state: "output-available",
          input: {},
          output: "sunny",
        },
      ],
    ]);
    const added = [
      { id: "u2", role: "user" as const, parts: [{ type: "text" as const, text: "And tomorrow?" }] },
      { id: "a2", role: "assistant" as const, parts: [{ type: "text" as const, text: "Rain." }] },
    ];
    await saveChat({ chatId, messages: [...messages, ...added] });
    expect(await loadChat(chatId)).toStrictEqual([...messages, ...added]);

    expect((await session.getItems()).slice(3)).toStrictEqual([
      { type: "message", role: "user", content: "And tomorrow?" },
      { type: "message", role: "assistant", status: "completed", content: [{ type: "output_text", text: "Rain." }] },
    ]);
    const { data } = await store.listTurns({ threadId: chatId, itemsView: "full", sortDirection: "asc" });
    expect(data.map(({ status, items }) => [status, ...items.map(({ item }) => item.type)])).toStrictEqual([
      ["completed", "UserMessage", "DynamicToolCall"],
      ["completed", "UserMessage", "AgentMessage"],
    ]);
  });
});
