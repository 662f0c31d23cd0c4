import {
  type HistoryMode,
  type JsonObject,
  LiveThread,
  openMemoryThreadStore,
  type ResponseItem,
  type StoredTurn,
  type ThreadStore,
  type TurnItem,
} from "@threadstore/core";
import { beforeEach, describe, expect, it } from "vitest";
import { loadModelContext } from "../context/model-context.js";
import { TurnRecorder, type TurnRecorderOptions } from "./turn-recorder.js";

const ID = "01900000-0000-7000-8000-000000000001";
const METADATA = {
  cwd: "/project",
  originator: "test",
  cliVersion: "0",
  source: "cli",
  modelProvider: "fake",
} as const;
const USAGE = { inputTokens: 100, cachedInputTokens: 20, outputTokens: 10, reasoningOutputTokens: 5, totalTokens: 110 };
const SETTINGS = { cwd: "/project", model: "fake-model", contextWindow: 1_000 };

let store: ThreadStore;
let nowMs: number;

beforeEach(() => {
  nowMs = Date.parse("2026-01-15T12:00:00.500Z");
  store = openMemoryThreadStore({ clock: { nowMs: () => nowMs } });
});

async function turnOf(historyMode: HistoryMode, options: Partial<TurnRecorderOptions> = {}): Promise<TurnRecorder> {
  const recorder = await LiveThread.create(store, { threadId: ID, metadata: METADATA, historyMode });
  let ids = 0;
  return new TurnRecorder({
    recorder,
    historyMode,
    settings: SETTINGS,
    turnId: "turn-1",
    clock: { nowMs: () => nowMs },
    ids: { newId: () => `id-${++ids}` },
    ...options,
  });
}

/** A turn with a thought, a tool and an answer, which takes a second and a half. */
async function recordWhole(turn: TurnRecorder): Promise<void> {
  await turn.start([{ type: "text", text: "What is the weather?" }]);
  await turn.reasoning({ id: "rs_1", summary: ["of a tool"], encryptedContent: "secret" });
  await turn.functionCall({ callId: "call_1", name: "weather", args: "{}" });
  const seen = { type: "DynamicToolCall", id: "call_1", tool: "weather", status: "completed" };
  await turn.functionOutput({ callId: "call_1", output: "sunny", seen });
  await turn.tokens(USAGE);
  await turn.agentMessage({ id: "msg_1", text: "It is sunny.", phase: "final_answer" });
  nowMs += 1_500;
  await turn.complete();
}

/** What each record is: its kind, or the type of its payload, or of the item that a person sees. */
async function kinds(): Promise<unknown[]> {
  const { items } = await store.loadHistory({ threadId: ID });
  return items.slice(1).map(({ item: { type, payload } }) => {
    const { type: name, role, item } = payload as JsonObject & { readonly item?: JsonObject };
    return item?.type ?? (role === undefined ? (name ?? type) : `${String(role)} ${String(name)}`);
  });
}

async function lastPayload(): Promise<unknown> {
  return (await store.loadHistory({ threadId: ID })).items.at(-1)?.item.payload;
}

/** The payload of the first record of a kind. */
async function payloadOf(kind: string): Promise<unknown> {
  const { items } = await store.loadHistory({ threadId: ID });
  return items[(await kinds()).indexOf(kind) + 1]?.item.payload;
}

async function turns(): Promise<readonly StoredTurn[]> {
  return (await store.listTurns({ threadId: ID, itemsView: "full" })).data;
}

describe("a turn that is completed", () => {
  it("has the records of a paginated thread, in the order of the real Codex", async () => {
    await recordWhole(await turnOf("paginated"));
    expect(await kinds()).toStrictEqual([
      "task_started",
      "turn_context",
      "user message",
      "UserMessage",
      "Reasoning",
      "reasoning",
      "function_call",
      "DynamicToolCall",
      "function_call_output",
      "token_count",
      "AgentMessage",
      "assistant message",
      "task_complete",
    ]);
  });

  it("has the records of a legacy thread, which shows no tools", async () => {
    await recordWhole(await turnOf("legacy"));
    expect(await kinds()).toStrictEqual([
      "task_started",
      "turn_context",
      "user message",
      "user_message",
      "agent_reasoning",
      "reasoning",
      "function_call",
      "function_call_output",
      "token_count",
      "agent_message",
      "assistant message",
      "task_complete",
    ]);
  });

  it.each(["paginated", "legacy"] as const)("is shown as it was, in a %s thread", async (historyMode) => {
    await recordWhole(await turnOf(historyMode));
    const [turn] = await turns();
    expect([turn?.turnId, turn?.status, turn?.durationMs]).toStrictEqual(["turn-1", "completed", 1_500]);
    expect(turn?.items.map(({ item }) => item.type)).toStrictEqual(
      historyMode === "paginated"
        ? ["UserMessage", "Reasoning", "DynamicToolCall", "AgentMessage"]
        : ["UserMessage", "Reasoning", "AgentMessage"],
    );
    const thread = await store.readThread({ threadId: ID });
    expect([thread.preview, thread.model, thread.cwd]).toStrictEqual([
      "What is the weather?",
      "fake-model",
      "/project",
    ]);
  });

  it("tells its last message and its times in seconds", async () => {
    await recordWhole(await turnOf("paginated"));
    const at = Math.floor(Date.parse("2026-01-15T12:00:00Z") / 1_000);
    expect(await lastPayload()).toStrictEqual({
      type: "task_complete",
      turn_id: "turn-1",
      root_turn_id: "turn-1",
      last_agent_message: "It is sunny.",
      started_at: at,
      completed_at: at + 2,
      duration_ms: 1_500,
    });
  });
});

describe("a turn that is not", () => {
  it("fails with its error, and no last message", async () => {
    const turn = await turnOf("paginated");
    await turn.start([{ type: "text", text: "fail" }]);
    await turn.agentMessage({ id: "msg_1", text: "I try." });
    await turn.fail({ message: "the provider is away" });
    expect(await lastPayload()).toMatchObject({
      last_agent_message: null,
      error: { message: "the provider is away", codex_error_info: "other" },
    });
    expect((await turns())[0]).toMatchObject({ status: "failed", error: { message: "the provider is away" } });
  });

  it("is interrupted, and the model is told so before", async () => {
    const turn = await turnOf("paginated");
    await turn.start([{ type: "text", text: "take long" }]);
    await turn.interrupt();
    expect((await kinds()).slice(-2)).toStrictEqual(["user message", "turn_aborted"]);
    expect((await turns())[0]?.status).toBe("interrupted");
  });

  it("goes on when the user steers it", async () => {
    const turn = await turnOf("paginated");
    await turn.start([{ type: "text", text: "one" }]);
    await turn.steer([{ type: "text", text: "two" }]);
    expect((await turns()).map(({ status, items }) => [status, items.length])).toStrictEqual([["inProgress", 2]]);
  });
});

describe("what a user sends", () => {
  const input = [
    { type: "text", text: "What is on it?" },
    { type: "image", imageUrl: "data:image/png;base64,AA==" },
  ] as const;

  it("may be pictures: the model takes them, and a person sees them", async () => {
    const turn = await turnOf("legacy");
    await turn.start(input);
    const { items } = await store.loadHistory({ threadId: ID });
    const [said, seen] = items.slice(-2).map(({ item }) => item.payload as JsonObject);
    expect(said?.content).toStrictEqual([
      { type: "input_text", text: "What is on it?" },
      { type: "input_image", image_url: "data:image/png;base64,AA==", detail: "auto" },
    ]);
    expect([seen?.message, seen?.images]).toStrictEqual(["What is on it?", ["data:image/png;base64,AA=="]]);
  });
});

describe("tokens", () => {
  const TWICE = {
    inputTokens: 200,
    cachedInputTokens: 40,
    outputTokens: 20,
    reasoningOutputTokens: 10,
    totalTokens: 220,
  };

  it("are added to those of the thread before the turn", async () => {
    const turn = await turnOf("paginated", { usageBefore: USAGE });
    await turn.start([{ type: "text", text: "one" }]);
    await turn.tokens(USAGE);
    await turn.complete();
    expect(turn.usage).toStrictEqual(TWICE);
    expect(await payloadOf("token_count")).toMatchObject({
      info: {
        total_token_usage: { total_tokens: 220 },
        last_token_usage: { total_tokens: 110 },
        model_context_window: 1_000,
      },
    });
  });

  it("are counted after the outputs of the tools that the answer called, before whatever comes next", async () => {
    const turn = await turnOf("paginated");
    await turn.start([{ type: "text", text: "one" }]);
    await turn.functionCall({ callId: "call_1", name: "f", args: "{}" });
    await turn.tokens(USAGE);
    await turn.functionOutput({ callId: "call_1", output: "1" });
    await turn.tokens(USAGE);
    await turn.interrupt();
    expect((await kinds()).slice(4)).toStrictEqual([
      "function_call",
      "function_call_output",
      "token_count",
      "token_count",
      "user message",
      "turn_aborted",
    ]);
  });

  it("of an answer that its provider names have a record of their own, at once", async () => {
    const turn = await turnOf("paginated", { usageBefore: USAGE, sessionId: "the-session", rootTurnId: "root-1" });
    await turn.start([{ type: "text", text: "one" }]);
    await turn.tokens(USAGE, "resp_1");
    const once = {
      input_tokens: 100,
      cached_input_tokens: 20,
      cache_write_input_tokens: 0,
      output_tokens: 10,
      reasoning_output_tokens: 5,
      total_tokens: 110,
    };
    const twice = Object.fromEntries(Object.entries(once).map(([field, count]) => [field, 2 * count]));
    expect((await kinds()).slice(4)).toStrictEqual(["token_usage_record"]);
    expect(await lastPayload()).toStrictEqual({
      thread_id: ID,
      session_id: "the-session",
      turn_id: "turn-1",
      root_turn_id: "root-1",
      response_id: "resp_1",
      usage: once,
      turn_token_usage: once,
      thread_token_usage: twice,
    });
  });

  it("are counted all the same when what comes next is refused", async () => {
    const turn = await turnOf("paginated");
    await turn.start([{ type: "text", text: "one" }]);
    await turn.tokens(USAGE);
    const refused = turn.item({ type: "message", big: 1n } as unknown as ResponseItem);
    await expect(refused).rejects.toThrow();
    await turn.fail({ message: "refused" });
    expect((await kinds()).slice(4)).toStrictEqual(["token_count", "task_complete"]);
  });
});

describe("a turn that only compacts", () => {
  const left = { type: "message", role: "user", content: [{ type: "input_text", text: "what is left" }] };

  it.each([
    ["paginated", "ContextCompaction"],
    ["legacy", "context_compacted"],
  ] as const)("has no input, and tells its settings with the shorter history, in a %s thread", async (mode, shown) => {
    const turn = await turnOf(mode);
    await turn.start([]);
    await turn.compact({ summary: "short", replacementHistory: [left] });
    await turn.complete();
    expect(await kinds()).toStrictEqual(["task_started", "compacted", "turn_context", shown, "task_complete"]);
    expect(await payloadOf("compacted")).toStrictEqual({ message: "short", replacement_history: [left] });
    expect((await loadModelContext(store, { threadId: ID })).items).toStrictEqual([left]);
  });
});

describe("any other item", () => {
  const search = { type: "web_search_call", id: "ws_1", status: "completed" };
  const seen = { type: "WebSearch", id: "ws_1", query: "weather" };

  it("is recorded after what a person sees of it, which legacy threads do not keep", async () => {
    const turn = await turnOf("paginated");
    await turn.start([{ type: "text", text: "one" }]);
    await turn.item(search, seen);
    await turn.item(search);
    expect((await kinds()).slice(4)).toStrictEqual(["WebSearch", "web_search_call", "web_search_call"]);
  });

  it.each(["paginated", "legacy"] as const)("is told when it is recorded, in a %s thread", async (mode) => {
    const told: TurnItem[] = [];
    const turn = await turnOf(mode, { onItem: ({ item }) => told.push(item) });
    await turn.start([{ type: "text", text: "one" }]);
    await turn.item(search);
    await turn.item(search, seen);
    await turn.agentMessage({ id: "msg_1", text: "It rains." });
    expect(told).toStrictEqual([
      { type: "UserMessage", id: "id-1", content: [{ type: "text", text: "one", text_elements: [] }] },
      seen,
      { type: "AgentMessage", id: "msg_1", content: [{ type: "Text", text: "It rains." }] },
    ]);
  });

  it("that is refused is not told", async () => {
    const told: TurnItem[] = [];
    const turn = await turnOf("paginated", { onItem: ({ item }) => told.push(item) });
    await expect(turn.item({ type: "message", big: 1n } as unknown as ResponseItem, seen)).rejects.toThrow();
    expect(told).toStrictEqual([]);
  });
});

describe("the settings of a turn", () => {
  it("are told as those of the thread when they are announced", async () => {
    const settings = { cwd: "/project", model: "m", modelProvider: "p", approvalPolicy: "on-request" } as const;
    const turn = await turnOf("paginated", { settings, announcesSettings: true });
    await turn.start([{ type: "text", text: "one" }]);
    expect((await kinds()).slice(0, 3)).toStrictEqual(["task_started", "turn_context", "thread_settings_applied"]);
    expect(await payloadOf("thread_settings_applied")).toStrictEqual({
      type: "thread_settings_applied",
      thread_id: ID,
      thread_settings: {
        model: "m",
        model_provider_id: "p",
        approval_policy: "on-request",
        sandbox_policy: { type: "danger-full-access" },
        approvals_reviewer: "user",
        permission_profile: { type: "disabled" },
        cwd: "/project",
        runtime_workspace_roots: ["/project"],
        collaboration_mode: {
          mode: "default",
          settings: { model: "m", reasoning_effort: null, developer_instructions: null },
        },
      },
    });
  });
});

describe("a turn of a sub-agent", () => {
  it("names the turn of the user that it is a part of, from its beginning to its end", async () => {
    const turn = await turnOf("paginated", { rootTurnId: "root-1" });
    await recordWhole(turn);
    for (const kind of ["task_started", "turn_context", "task_complete"]) {
      expect(await payloadOf(kind)).toMatchObject({ turn_id: "turn-1", root_turn_id: "root-1" });
    }
  });
});
