import { describe, expect, it } from "vitest";
import { openScene, SETTINGS, text, USAGE, userTurn } from "../../test/support/runtime-scene.js";
import { silent } from "../../test/support/silent-work.js";
import { payloadsOf, recordsOf, turnsOf } from "../../test/support/stored-records.js";
import { allOf, wordsOf } from "../../test/support/told-events.js";
import type { AgentEvent } from "../agent/agent.js";
import { scriptedAgent } from "../agent/scripted-agent.js";
import { loadModelContext } from "../context/model-context.js";

const ANSWER = { type: "message", id: "msg_1", text: "It is sunny.", phase: "final_answer" } as const;
const CALL = { type: "functionCall", callId: "call_1", name: "weather", args: '{"at":"home"}' } as const;
const OUTPUT = { type: "functionOutput", callId: "call_1", output: "sunny" } as const;

/** A turn with everything in it. */
const WHOLE: readonly AgentEvent[] = [
  { type: "reasoningDelta", id: "rs_1", delta: "of" },
  { type: "reasoning", id: "rs_1", summary: ["of a tool"] },
  CALL,
  { type: "tokens", usage: USAGE },
  OUTPUT,
  { type: "warning", message: "careful" },
  { type: "messageDelta", id: "msg_1", delta: "It is" },
  { type: "messageDelta", id: "msg_1", delta: " sunny." },
  ANSWER,
  { type: "tokens", usage: USAGE },
];

const TOLD = [
  "active",
  "turnStarted",
  "itemCompleted UserMessage",
  "itemStarted Reasoning",
  "reasoningDelta of",
  "itemCompleted Reasoning",
  "itemStarted DynamicToolCall",
  "tokens 110 of 110",
  "itemCompleted DynamicToolCall",
  "warning careful",
  "itemStarted AgentMessage",
  "messageDelta It is",
  "messageDelta  sunny.",
  "itemCompleted AgentMessage",
  "tokens 110 of 220",
  "idle",
  "turnEnded completed",
  "notLoaded",
  "closed",
];

describe("a turn", () => {
  it("is recorded in a paginated thread as the real Codex does, and told as it goes on", async () => {
    const { manager, store } = openScene({ agent: scriptedAgent([WHOLE]) });
    const thread = await manager.startThread();
    const told = allOf(thread.events());
    const end = await thread.runTurn("What is the weather?");
    await thread.submit({ type: "shutdown" });
    expect(end).toStrictEqual({ turnId: end.turnId, status: "completed", lastMessage: "It is sunny.", durationMs: 0 });
    expect(await recordsOf(store, thread.threadId)).toStrictEqual([
      "task_started",
      "turn_context",
      "thread_settings_applied",
      "user: What is the weather?",
      "seen UserMessage",
      "seen Reasoning",
      "reasoning",
      "function_call",
      "seen DynamicToolCall",
      "function_call_output sunny",
      "token_count",
      "seen AgentMessage",
      "assistant: It is sunny.",
      "token_count",
      "task_complete",
    ]);
    expect(wordsOf(await told)).toStrictEqual(TOLD);
  });

  it("is recorded in a legacy thread with events for what a person sees, and told in the same words", async () => {
    const { manager, store } = openScene({ agent: scriptedAgent([WHOLE]) });
    const thread = await manager.startThread({ historyMode: "legacy" });
    const told = allOf(thread.events());
    await thread.runTurn("What is the weather?");
    await thread.submit({ type: "shutdown" });
    expect(await recordsOf(store, thread.threadId)).toStrictEqual([
      "task_started",
      "turn_context",
      "thread_settings_applied",
      "user: What is the weather?",
      "user_message",
      "agent_reasoning",
      "reasoning",
      "function_call",
      "function_call_output sunny",
      "token_count",
      "agent_message",
      "assistant: It is sunny.",
      "token_count",
      "task_complete",
    ]);
    expect(wordsOf(await told)).toStrictEqual(TOLD);
  });

  it("gives its agent what it needs", async () => {
    const { manager } = openScene({
      agent: scriptedAgent([
        [{ type: "tokens", usage: USAGE }],
        silent(async ({ history, signal, takeInput, whileWaiting: _wait, ...turn }) => {
          seen.push({ ...turn, isAborted: signal.aborted, taken: await takeInput() }, (await history()).length);
        }),
      ]),
    });
    const seen: unknown[] = [];
    const thread = await manager.startThread({ instructions: "be kind" });
    await thread.runTurn("one");
    const turnId = await thread.submit({ ...userTurn("two"), rootTurnId: "root-1", settings: { model: "other" } });
    await thread.untilIdle();
    expect(seen).toStrictEqual([
      {
        threadId: thread.threadId,
        turnId,
        rootTurnId: "root-1",
        settings: { ...SETTINGS, model: "other" },
        instructions: "be kind",
        input: text("two"),
        usage: USAGE,
        isAborted: false,
        taken: [],
      },
      2,
    ]);
  });

  it("may begin with nothing that the user says", async () => {
    const { manager, store } = openScene({ agent: scriptedAgent([[ANSWER]]) });
    const thread = await manager.startThread();
    const turnId = await thread.submit({ type: "userTurn", input: [] });
    expect(await thread.untilIdle()).toMatchObject({ turnId, status: "completed", lastMessage: ANSWER.text });
    const { data } = await store.listTurns({ threadId: thread.threadId, itemsView: "full" });
    expect(data.map(({ items }) => items.map(({ item }) => item.type))).toStrictEqual([["AgentMessage"]]);
  });

  it("records what a client calls its messages, and what it shows of them", async () => {
    const image = { type: "localImage", path: "/pictures/one.png", imageUrl: "data:image/png;base64,AA==" } as const;
    const spans = [{ byteRange: { start: 0, end: 2 } }];
    const input = [{ type: "text", text: "go", textElements: spans } as const, image];
    const { manager, store } = openScene({ agent: scriptedAgent([[ANSWER]]) });
    const thread = await manager.startThread();
    await thread.submit({ type: "userTurn", input, clientId: "mine" });
    await thread.untilIdle();
    const [shown] = (await store.listItems({ threadId: thread.threadId })).data;
    expect(shown?.item).toMatchObject({
      client_id: "mine",
      content: [
        { type: "text", text: "go", text_elements: spans },
        { type: "local_image", path: image.path },
      ],
    });
    const { items } = await loadModelContext(store, { threadId: thread.threadId });
    expect(items[0]).toMatchObject({ role: "user", content: [{ text: "go" }, { image_url: image.imageUrl }] });
  });

  it("begins after the one before has ended", async () => {
    const { manager, store } = openScene({ agent: scriptedAgent([[ANSWER], [ANSWER]]) });
    const thread = await manager.startThread();
    await thread.runTurn("one");
    await thread.runTurn("two");
    expect(await turnsOf(store, thread.threadId)).toStrictEqual([
      "completed | UserMessage one | AgentMessage It is sunny.",
      "completed | UserMessage two | AgentMessage It is sunny.",
    ]);
    expect(await payloadsOf(store, thread.threadId, "thread_settings_applied")).toHaveLength(1);
  });
});

describe("a tool", () => {
  async function seenOf(...events: readonly AgentEvent[]): Promise<unknown[]> {
    const { manager, store } = openScene({ agent: scriptedAgent([events]) });
    const thread = await manager.startThread();
    await thread.runTurn("go");
    const { data } = await store.listItems({ threadId: thread.threadId });
    return data.map(({ item }) => item).filter(({ type }) => type !== "UserMessage");
  }

  const shown = {
    type: "DynamicToolCall",
    id: "call_1",
    tool: "weather",
    arguments: { at: "home" },
    status: "completed",
    content_items: [{ type: "inputText", text: "sunny" }],
    success: true,
  };

  it("is shown with its arguments and its output", async () => {
    expect(await seenOf(CALL, OUTPUT)).toStrictEqual([shown]);
  });

  it("that failed is shown so", async () => {
    expect(await seenOf(CALL, { ...OUTPUT, success: false })).toStrictEqual([
      { ...shown, status: "failed", success: false },
    ]);
  });

  it("is shown as its agent wants, or not at all", async () => {
    const seen = { type: "WebSearch", id: "ws_1", query: "weather" };
    expect(await seenOf(CALL, { ...OUTPUT, seen })).toStrictEqual([seen]);
    expect(await seenOf(CALL, { ...OUTPUT, seen: null })).toStrictEqual([]);
  });

  it("whose arguments are no JSON is shown with their text", async () => {
    expect(await seenOf({ ...CALL, args: "{at home" }, OUTPUT)).toStrictEqual([{ ...shown, arguments: "{at home" }]);
  });

  it("that nobody called is not shown", async () => {
    expect(await seenOf(OUTPUT)).toStrictEqual([]);
  });

  it("is told as begun when the call is recorded", async () => {
    const { manager } = openScene({ agent: scriptedAgent([[CALL, OUTPUT]]) });
    const thread = await manager.startThread();
    const told = allOf(thread.events());
    await thread.runTurn("go");
    await thread.submit({ type: "shutdown" });
    const { content_items: _content, success: _success, ...begun } = shown;
    const started = (await told).find(({ type }) => type === "itemStarted");
    expect(started).toMatchObject({ item: { ...begun, status: "in_progress" } });
  });
});

describe("events", () => {
  it("go to many, and a slow reader is told how many it missed", async () => {
    const { manager } = openScene({ agent: scriptedAgent([WHOLE]), limits: { eventBufferMaxEvents: 8 } });
    const thread = await manager.startThread();
    const slow = thread.events();
    const quick = allOf(thread.events());
    const [left] = [thread.events()];
    await left?.return?.();
    expect(thread.subscribers).toBe(2);
    await thread.runTurn("go");
    await thread.submit({ type: "shutdown" });
    expect(wordsOf(await quick)).toStrictEqual(TOLD);
    expect(wordsOf(await allOf(slow))).toStrictEqual(["lagged 16", ...TOLD.slice(16)]);
    expect([thread.subscribers, await allOf(thread.events())]).toStrictEqual([0, []]);
  });
});
