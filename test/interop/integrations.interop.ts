import { createChatStore } from "@threadstore/ai-sdk";
import { type HistoryMode, newThreadId, type ThreadId } from "@threadstore/core";
import { ThreadStoreSession } from "@threadstore/openai-agents";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "./support/app-server-client.js";
import { useScene } from "./support/scene.js";

const scene = useScene("integrations");

type AgentItems = Awaited<ReturnType<ThreadStoreSession["getItems"]>>;
type ChatMessages = Awaited<ReturnType<ReturnType<typeof createChatStore>["loadChat"]>>;

const PICTURE =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** A question, a thought, a tool and an answer, with what Codex has no place for. */
const ITEMS: AgentItems = [
  {
    type: "message",
    role: "user",
    content: [
      { type: "input_text", text: "use a tool" },
      { type: "input_image", image: PICTURE },
      { type: "input_file", file: { id: "file_1" }, filename: "a.pdf" },
    ],
  },
  {
    type: "reasoning",
    content: [{ type: "input_text", text: "**Thinking** of a tool" }],
    providerData: { effort: "low" },
  },
  { type: "function_call", callId: "c1", name: "weather", arguments: "{}", status: "completed" },
  {
    type: "function_call_result",
    callId: "c1",
    name: "weather",
    status: "completed",
    output: [{ type: "input_text", text: "sunny" }],
    providerData: { tookMs: 3 },
  },
  { type: "shell_call", callId: "c2", action: { commands: ["ls"], timeoutMs: 5 } },
  { type: "shell_call_output", callId: "c2", output: [{ stdout: "a", stderr: "", outcome: { type: "timeout" } }] },
  { type: "unknown", providerData: { type: "some_call", beta: true } },
  {
    type: "message",
    role: "assistant",
    status: "completed",
    content: [
      { type: "output_text", text: "It is sunny." },
      { type: "refusal", refusal: " No more." },
    ],
  },
];

const MESSAGES: ChatMessages = [
  {
    id: "u1",
    role: "user",
    parts: [
      { type: "text", text: "use a tool" },
      { type: "file", mediaType: "image/png", url: PICTURE },
    ],
  },
  {
    id: "a1",
    role: "assistant",
    metadata: { tokens: 3 },
    parts: [
      { type: "step-start" },
      { type: "reasoning", text: "**Thinking** of a tool", state: "done" },
      { type: "tool-weather", toolCallId: "c1", state: "output-available", input: {}, output: { sky: "blue" } },
      { type: "data-chart", data: [1] },
      { type: "text", text: "It is sunny.", state: "done" },
    ],
  },
];

/** What the real Codex says of a thread, and of going on with it. */
async function readByCodex(threadId: ThreadId) {
  const client = await scene.start();
  const { data } = await client.request("thread/list", {});
  await client.request("thread/resume", { threadId });
  const { thread } = await client.request("thread/read", { threadId, includeTurns: true });
  const turn = await client.runTurn(threadId, "and now?");
  const sent = ((scene.provider.requests.at(-1)?.input ?? []) as JsonObject[]).map(
    ({ type, role, output }) => `${type} ${role ?? JSON.stringify(output ?? null)}`,
  );
  return {
    listed: data.map(({ id }: JsonObject) => id),
    turns: thread.turns.map(({ status, items }: JsonObject) => [status, ...items.map(({ type }: JsonObject) => type)]),
    ended: turn.status,
    sent,
  };
}

const metadata = () => ({ cwd: scene.home.workspace, source: "vscode", modelProvider: "fake" }) as const;

describe.each(["paginated", "legacy"] as const)("a %s thread", (historyMode: HistoryMode) => {
  const tools = historyMode === "paginated" ? ["dynamicToolCall"] : [];

  it("of a session of the OpenAI Agents SDK is listed, read and continued by the real Codex", async () => {
    const store = scene.openStore();
    const session = new ThreadStoreSession({ store, historyMode, model: "fake-model", metadata: metadata() });
    await session.addItems(ITEMS);
    await session.close();
    const { listed, turns, ended, sent } = await readByCodex(session.threadId);
    expect(listed).toEqual([session.threadId]);
    expect(turns).toEqual([["completed", "userMessage", "reasoning", ...tools, "agentMessage"]]);
    expect(ended).toBe("completed");
    expect(sent).toEqual(
      expect.arrayContaining(["reasoning null", 'function_call_output [{"type":"input_text","text":"sunny"}]']),
    );
    const items = await session.getItems();
    expect(items.slice(0, ITEMS.length)).toEqual(ITEMS);
    expect(items.at(-1)).toMatchObject({ type: "message", role: "assistant" });
  });

  it("of a chat of the AI SDK is listed, read and continued by the real Codex", async () => {
    const store = scene.openStore();
    const chats = createChatStore(store, { historyMode, model: "fake-model", metadata: metadata() });
    const chatId = newThreadId();
    await chats.saveChat({ chatId, messages: MESSAGES });
    const { listed, turns, ended, sent } = await readByCodex(chatId);
    expect(listed).toEqual([chatId]);
    expect(turns).toEqual([["completed", "userMessage", "reasoning", ...tools, "agentMessage"]]);
    expect(ended).toBe("completed");
    expect(sent).toEqual(expect.arrayContaining(["reasoning null", 'function_call_output "{\\"sky\\":\\"blue\\"}"']));
    const messages = await chats.loadChat(chatId);
    expect(messages.slice(0, 2)).toEqual(MESSAGES);
    expect(messages.slice(2).map(({ role, parts }) => [role, parts[0]?.type])).toEqual([
      ["user", "text"],
      ["assistant", "text"],
    ]);
  });
});
