import type { JsonObject } from "@threadstore/core";
import type { AgentThread } from "@threadstore/runtime";
import { afterEach, describe, expect, it } from "vitest";
import { compactionInput } from "../src/conversation/compaction.js";
import {
  type AgentScene,
  type AgentSceneOptions,
  HISTORY_MODES,
  type HistoryMode,
  openAgentScene,
} from "./support/agent-scene.js";
import { calls, says, thinks, toldAgent, toldCall, toldOutput, toldUser } from "./support/model-items.js";
import { payloadsOf, recordsOf } from "./support/stored-records.js";
import { ToldEvents } from "./support/told-events.js";

const PREFIX = "The conversation so far was cut short. These are the notes of the one who led it until now:";
const [PROMPT] = compactionInput([]);
const TOO_LONG = { refusal: { status: 400, code: "context_length_exceeded", message: "too long" } } as const;

let scene: AgentScene;

afterEach(() => scene[Symbol.asyncDispose]());

function notes(text: string): JsonObject {
  return toldUser(`${PREFIX}\n${text}`);
}

/** A thread in which a tool was called. */
async function openThread(historyMode: HistoryMode, options: AgentSceneOptions = {}): Promise<AgentThread> {
  const look = { name: "look", description: "Looks.", parameters: { type: "object" }, run: () => "seen" };
  scene = await openAgentScene({ tools: [look], ...options });
  const thread = await scene.manager.startThread({ historyMode });
  scene.provider.answerNext([thinks("of it", "secret"), calls("look")]);
  await thread.runTurn("Look at it");
  return thread;
}

function inputs(): readonly unknown[] {
  return scene.provider.requests.map(({ input }) => input);
}

const LOOKED = [
  toldUser("Look at it"),
  { type: "reasoning", summary: [{ type: "summary_text", text: "of it" }], encrypted_content: "secret" },
  toldCall("look"),
  toldOutput("seen"),
  toldAgent("Answer to: Look at it"),
];

describe.each(HISTORY_MODES)("a %s thread that is compacted", (historyMode) => {
  const shown = historyMode === "paginated" ? "seen ContextCompaction" : "context_compacted";
  const user = historyMode === "paginated" ? "seen UserMessage" : "user_message";
  const agent = historyMode === "paginated" ? "seen AgentMessage" : "agent_message";

  it("on demand is told what users said and the notes of the model from then on", async () => {
    const thread = await openThread(historyMode);
    const { provider, store } = scene;
    provider.answerNext([thinks("of notes"), says("It was looked at.")]);
    await thread.submit({ type: "compact" });
    expect((await thread.untilIdle())?.status).toBe("completed");
    await thread.runTurn("What was it?");
    const [, , compaction, after] = provider.requests;
    expect([compaction?.input, compaction?.tools]).toStrictEqual([[...LOOKED, PROMPT], []]);
    expect(after?.input).toStrictEqual([toldUser("Look at it"), notes("It was looked at."), toldUser("What was it?")]);
    const records = await recordsOf(store, thread.threadId);
    expect(records.slice(records.indexOf("task_complete") + 1)).toStrictEqual([
      "task_started",
      "assistant: It was looked at.",
      "token_usage_record",
      "token_count",
      "compacted",
      "turn_context",
      shown,
      "task_complete",
      "task_started",
      "turn_context",
      "user: What was it?",
      user,
      agent,
      "assistant: Answer to: What was it?",
      "token_usage_record",
      "token_count",
      "task_complete",
    ]);
    expect(await payloadsOf(store, thread.threadId, "compacted")).toStrictEqual([
      {
        message: `${PREFIX}\nIt was looked at.`,
        replacement_history: [toldUser("Look at it"), notes("It was looked at.")],
      },
    ]);
  });

  it("by itself, before a request that would be too long, goes on with the turn", async () => {
    const thread = await openThread(historyMode, { compactAtTokens: 500 });
    const { provider, store } = scene;
    // What a turn begins with is estimated: by now it is some 700 tokens.
    provider.answerNext([says("x".repeat(2_000))]);
    await thread.runTurn("Say something long");
    provider.answerNext([says("It was looked at.")]);
    const { status, lastMessage } = await thread.runTurn("And now?");
    expect([status, lastMessage]).toStrictEqual(["completed", expect.stringContaining("It was looked at.")]);
    const kept = [toldUser("Look at it"), toldUser("Say something long"), toldUser("And now?")];
    expect(provider.requests.at(-2)?.input.at(-1)).toStrictEqual(PROMPT);
    const [summary] = await payloadsOf(store, thread.threadId, "compacted");
    expect(summary?.replacement_history).toStrictEqual([...kept, notes("It was looked at.")]);
    expect(provider.requests.at(-1)?.input).toStrictEqual([...kept, notes("It was looked at.")]);
  });
});

describe("a turn that grows too long", () => {
  it("is compacted in its middle, by the tokens that the provider counted", async () => {
    const thread = await openThread("paginated", { compactAtTokens: 400 });
    const { provider, store } = scene;
    expect(inputs()).toHaveLength(2);
    // Six items: 610 tokens.
    provider.answerNext([calls("look", {}, "call_2")]);
    provider.answerNext([says("Looked twice.")]);
    await thread.runTurn("Again");
    const asked = [...LOOKED, toldUser("Again"), toldCall("look", {}, "call_2"), toldOutput("seen", "call_2")];
    const kept = [toldUser("Look at it"), toldUser("Again"), notes("Looked twice.")];
    expect(inputs().slice(2)).toStrictEqual([asked.slice(0, 6), [...asked, PROMPT], kept]);
    const records = await recordsOf(store, thread.threadId);
    expect(records.slice(records.lastIndexOf("task_started") + 4)).toStrictEqual([
      "function_call look",
      "token_usage_record",
      "seen DynamicToolCall",
      "function_call_output seen",
      "token_count",
      "assistant: Looked twice.",
      "token_usage_record",
      "token_count",
      "compacted",
      "turn_context",
      "seen ContextCompaction",
      "seen AgentMessage",
      expect.stringMatching(/^assistant: Answer to: /),
      "token_usage_record",
      "token_count",
      "task_complete",
    ]);
  });

  it("is compacted at nine tenths of the context window where nothing else is said", async () => {
    const thread = await openThread("paginated", { settings: { contextWindow: 600 } });
    const { provider } = scene;
    // Six items: 610 tokens, of 540.
    provider.answerNext([calls("look", {}, "call_2")]);
    provider.answerNext([says("Looked twice.")]);
    await thread.runTurn("Again");
    expect(provider.requests.map(({ input }) => input.length)).toStrictEqual([1, 4, 6, 9, 3]);
  });
});

describe("a thread that is too long even to be compacted", () => {
  it("is compacted without its oldest part, and no output is told without its call", async () => {
    const thread = await openThread("paginated");
    const { provider, store } = scene;
    const events = new ToldEvents(thread);
    provider.answerNext(TOO_LONG);
    provider.answerNext(TOO_LONG);
    provider.answerNext([says("Something was looked at.")]);
    await thread.submit({ type: "compact" });
    const warning = "warning the thread is too long to be compacted whole: its oldest part is left out";
    expect((await events.until("turnEnded")).filter((word) => word.startsWith("warning"))).toStrictEqual([
      warning,
      warning,
    ]);
    // Of five items two, then one are left out: the output of a call that is left out goes with it.
    expect(inputs().slice(2)).toStrictEqual([
      [...LOOKED, PROMPT],
      [...LOOKED.slice(2), PROMPT],
      [...LOOKED.slice(4), PROMPT],
    ]);
    expect((await payloadsOf(store, thread.threadId, "compacted"))[0]?.replacement_history).toStrictEqual([
      toldUser("Look at it"),
      notes("Something was looked at."),
    ]);
  });

  it("fails when nothing is left that could be left out", async () => {
    scene = await openAgentScene();
    const { provider, manager, store } = scene;
    const thread = await manager.startThread();
    await thread.runTurn("Hi");
    for (const _ of [1, 2]) provider.answerNext(TOO_LONG);
    await thread.submit({ type: "compact" });
    const end = await thread.untilIdle();
    expect([end?.status, end?.error?.codexErrorInfo]).toStrictEqual(["failed", "context_window_exceeded"]);
    expect(await payloadsOf(store, thread.threadId, "compacted")).toStrictEqual([]);
    await thread.runTurn("Still there?");
    expect(provider.requests.at(-1)?.input).toHaveLength(3);
  });
});

describe("a compaction", () => {
  it("that is interrupted leaves the thread as it was", async () => {
    const thread = await openThread("paginated");
    const { provider } = scene;
    const held = provider.hold();
    await thread.submit({ type: "compact" });
    await held;
    await thread.submit({ type: "interrupt" });
    provider.release();
    await thread.runTurn("Go on");
    expect(provider.requests.at(-1)?.input.slice(0, LOOKED.length)).toStrictEqual(LOOKED);
  });

  it("to which the model writes no notes fails, and leaves the thread as it was", async () => {
    const thread = await openThread("paginated");
    const { provider } = scene;
    provider.answerNext([calls("look")]);
    await thread.submit({ type: "compact" });
    const end = await thread.untilIdle();
    expect(end?.error).toStrictEqual({ message: "the model wrote no notes", codexErrorInfo: "other" });
    await thread.runTurn("Go on");
    expect(provider.requests.at(-1)?.input).toStrictEqual([...LOOKED, toldUser("Go on")]);
  });

  it("whose answer breaks off is asked for again, and told once", async () => {
    const thread = await openThread("paginated");
    const { provider, store } = scene;
    provider.answerNext({ output: [says("Never whole.")], breaksAfterEvents: 2 });
    provider.answerNext({ output: [says("Whole.")], breaksAfterEvents: 3 });
    await thread.submit({ type: "compact" });
    expect((await thread.untilIdle())?.status).toBe("completed");
    expect((await payloadsOf(store, thread.threadId, "compacted")).map(({ message }) => message)).toStrictEqual([
      `${PREFIX}\nWhole.`,
    ]);
  });

  it("of a thread that was compacted before keeps the newer notes alone", async () => {
    const thread = await openThread("legacy");
    const { provider } = scene;
    for (const note of ["First.", "Second."]) {
      provider.answerNext([says(note)]);
      await thread.submit({ type: "compact" });
      await thread.untilIdle();
    }
    await thread.runTurn("Go on");
    expect(inputs().slice(3)).toStrictEqual([
      [toldUser("Look at it"), notes("First."), PROMPT],
      [toldUser("Look at it"), notes("Second."), toldUser("Go on")],
    ]);
  });
});
