import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMemoryThreadStore, type ThreadStore } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AgentScene, HISTORY_MODES, KEY, openAgentScene } from "./support/agent-scene.js";
import { calls, says, thinks, toldAgent, toldCall, toldOutput, toldThought, toldUser } from "./support/model-items.js";
import { payloadsOf, recordsOf, textOfThread } from "./support/stored-records.js";
import { ToldEvents } from "./support/told-events.js";

const WEATHER = {
  name: "weather",
  description: "The weather of a city.",
  parameters: { type: "object", properties: { city: { type: "string" } } },
  run: () => "sunny",
};

let home: string;
let scene: AgentScene;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "responses-agent-"));
});

afterEach(async () => {
  await scene[Symbol.asyncDispose]();
  rmSync(home, { recursive: true, force: true });
});

const MEDIA: Readonly<Record<string, () => ThreadStore>> = {
  memory: () => openMemoryThreadStore(),
  local: () => openLocalThreadStore({ home }),
};

const SHOWN = {
  paginated: { user: "seen UserMessage", thought: "seen Reasoning", agent: "seen AgentMessage" },
  legacy: { user: "user_message", thought: "agent_reasoning", agent: "agent_message" },
} as const;

const CASES = Object.keys(MEDIA).flatMap((medium) => HISTORY_MODES.map((historyMode) => ({ medium, historyMode })));

describe.each(CASES)("turns in a $historyMode thread of a $medium store", ({ medium, historyMode }) => {
  beforeEach(async () => {
    scene = await openAgentScene({
      store: (MEDIA[medium] as () => ThreadStore)(),
      tools: [WEATHER],
      instructions: "Be brief.",
      settings: { cwd: home },
    });
  });

  it("are recorded line by line as the real Codex does, and told again with the next one", async () => {
    const { provider, store, manager } = scene;
    const { user, thought, agent } = SHOWN[historyMode];
    const thread = await manager.startThread({ historyMode });
    provider.answerNext([
      thinks("of the city", "secret"),
      says("Let me see.", "msg_1"),
      calls("weather", { city: "Oslo" }),
    ]);
    provider.answerNext([says("It is sunny.", "msg_2")]);
    const first = await thread.runTurn("What is the weather?");
    const second = await thread.runTurn("Thanks");
    expect([first.status, first.lastMessage, second.status, second.lastMessage]).toStrictEqual([
      "completed",
      "It is sunny.",
      "completed",
      "Answer to: Thanks",
    ]);
    expect(await recordsOf(store, thread.threadId)).toStrictEqual([
      "task_started",
      "turn_context",
      "thread_settings_applied",
      "user: What is the weather?",
      user,
      thought,
      "reasoning",
      agent,
      "assistant: Let me see.",
      "function_call weather",
      "token_usage_record",
      ...(historyMode === "paginated" ? ["seen DynamicToolCall"] : []),
      "function_call_output sunny",
      "token_count",
      agent,
      "assistant: It is sunny.",
      "token_usage_record",
      "token_count",
      "task_complete",
      "task_started",
      "turn_context",
      "user: Thanks",
      user,
      agent,
      "assistant: Answer to: Thanks",
      "token_usage_record",
      "token_count",
      "task_complete",
    ]);
    const told = [
      toldUser("What is the weather?"),
      toldThought("of the city", "secret"),
      toldAgent("Let me see."),
      toldCall("weather", { city: "Oslo" }),
      toldOutput("sunny"),
      toldAgent("It is sunny."),
      toldUser("Thanks"),
    ];
    expect(provider.requests.map(({ input }) => input)).toStrictEqual([told.slice(0, 1), told.slice(0, 5), told]);
    const body = provider.requests.map(({ input: _input, ...rest }) => rest)[2];
    const { name, description, parameters } = WEATHER;
    expect(body).toStrictEqual({
      model: "fake-model",
      instructions: "Be brief.",
      tools: [{ type: "function", name, description, parameters, strict: false }],
      parallel_tool_calls: true,
      store: false,
      prompt_cache_key: thread.threadId,
      stream: true,
    });
  });

  it("go on in a thread that was closed and resumed", async () => {
    const { provider, store, manager } = scene;
    const { threadId } = await manager.startThread({ historyMode, instructions: "Be polite." });
    provider.answerNext([thinks("nothing to keep"), says("Hello.")]);
    await manager.getThread(threadId).runTurn("Hi");
    await manager.submit(threadId, { type: "shutdown" });
    const thread = await manager.resumeThread({ threadId });
    await thread.runTurn("Bye");
    // A thought that the provider cannot read again is in the thread, and in no request.
    expect(provider.requests[1]?.input).toStrictEqual([toldUser("Hi"), toldAgent("Hello."), toldUser("Bye")]);
    expect(provider.requests.map(({ instructions }) => instructions)).toStrictEqual(["Be polite.", "Be polite."]);
    expect((await recordsOf(store, threadId)).filter((word) => word === "reasoning")).toHaveLength(1);
    expect(await textOfThread(store, threadId)).not.toContain(KEY);
  });

  it("count the tokens of each answer, of the turn and of the thread", async () => {
    const { provider, store, manager } = scene;
    const thread = await manager.startThread({ historyMode });
    await thread.runTurn("one");
    provider.answerNext([calls("weather")]);
    await thread.runTurn("two");
    const records = await payloadsOf(store, thread.threadId, "token_usage_record");
    const total = (usage: unknown) => (usage as { readonly total_tokens: number }).total_tokens;
    expect(
      records.map(({ response_id, usage, turn_token_usage, thread_token_usage }) => [
        response_id,
        ...[usage, turn_token_usage, thread_token_usage].map(total),
      ]),
    ).toStrictEqual([
      ["resp_000001", 110, 110, 110],
      ["resp_000002", 310, 310, 420],
      ["resp_000003", 510, 820, 930],
    ]);
    expect(thread.snapshot().usage).toStrictEqual({
      inputTokens: 900,
      cachedInputTokens: 0,
      outputTokens: 30,
      reasoningOutputTokens: 0,
      totalTokens: 930,
    });
    expect((await payloadsOf(store, thread.threadId, "token_count")).length).toBe(3);
  });
});

describe("an answer that is streamed", () => {
  beforeEach(async () => {
    scene = await openAgentScene({ settings: { reasoningEffort: "low" } });
  });

  it("is told word by word, and recorded whole", async () => {
    const { provider, manager, store } = scene;
    const thread = await manager.startThread();
    const events = new ToldEvents(thread);
    provider.answerNext({ output: [thinks("of words"), says("Two words.")], hasDeltas: true });
    await thread.runTurn("Say two words");
    expect(await events.until("turnEnded")).toStrictEqual([
      "active",
      "turnStarted",
      "itemCompleted UserMessage",
      "itemStarted Reasoning",
      "reasoningDelta rs_thought of ",
      "reasoningDelta rs_thought words",
      "itemCompleted Reasoning",
      "itemStarted AgentMessage",
      "messageDelta msg_said Two ",
      "messageDelta msg_said words.",
      "itemCompleted AgentMessage",
      "tokens 110 of 110",
      "idle",
      "turnEnded completed",
    ]);
    expect((await payloadsOf(store, thread.threadId, "seen AgentMessage"))[0]?.item).toStrictEqual({
      type: "AgentMessage",
      id: "msg_said",
      content: [{ type: "Text", text: "Two words." }],
    });
    expect([provider.requests[0]?.reasoning, provider.requests[0]?.include]).toStrictEqual([
      { effort: "low", summary: "auto" },
      ["reasoning.encrypted_content"],
    ]);
  });

  it("tells pictures as the user gave them", async () => {
    const { provider, manager } = scene;
    const thread = await manager.startThread();
    await thread.runTurn([
      { type: "text", text: "What is this?" },
      { type: "image", imageUrl: "data:image/png;base64,AAAA" },
    ]);
    const content = [
      { type: "input_text", text: "What is this?" },
      { type: "input_image", image_url: "data:image/png;base64,AAAA", detail: "auto" },
    ];
    expect(provider.requests[0]?.input).toStrictEqual([{ type: "message", role: "user", content }]);
  });
});
