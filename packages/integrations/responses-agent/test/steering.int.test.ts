import type { AgentThread } from "@threadstore/runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Gate, newGate } from "../../../../test/support/gate.js";
import { type AgentScene, HISTORY_MODES, openAgentScene } from "./support/agent-scene.js";
import { calls, says, thinks, toldAgent, toldCall, toldOutput, toldUser, wordsOfInput } from "./support/model-items.js";
import { lastTurnOf } from "./support/stored-records.js";
import { ToldEvents } from "./support/told-events.js";

let scene: AgentScene;
let begun: Gate;
let going: Gate;
let runs: number;

function text(words: string) {
  return [{ type: "text", text: words }] as const;
}

beforeEach(async () => {
  begun = newGate();
  going = newGate();
  runs = 0;
  const run = async () => {
    runs += 1;
    begun.open();
    await going.opened;
    return "done";
  };
  const work = { name: "work", description: "Works.", parameters: { type: "object" }, run };
  scene = await openAgentScene({ tools: [work] });
});

afterEach(() => scene[Symbol.asyncDispose]());

describe.each(HISTORY_MODES)("what is said in the middle of a turn of a %s thread", (historyMode) => {
  const user = historyMode === "paginated" ? "seen UserMessage" : "user_message";
  const agent = historyMode === "paginated" ? "seen AgentMessage" : "agent_message";
  let thread: AgentThread;

  beforeEach(async () => {
    thread = await scene.manager.startThread({ historyMode });
  });

  it("is recorded before the next request, and told with it", async () => {
    const { provider, store } = scene;
    provider.answerNext([calls("work")]);
    const turnId = await thread.submit({ type: "userTurn", input: text("Go") });
    await begun.opened;
    expect(await thread.submit({ type: "steer", input: text("Faster"), turnId })).toBe(turnId);
    expect(await thread.submit({ type: "userTurn", input: text("And better") })).toBe(turnId);
    going.open();
    await thread.untilIdle();
    expect(await lastTurnOf(store, thread.threadId)).toStrictEqual([
      "user: Go",
      user,
      "function_call work",
      "token_usage_record",
      ...(historyMode === "paginated" ? ["seen DynamicToolCall"] : []),
      "function_call_output done",
      "token_count",
      "user: Faster",
      user,
      "user: And better",
      user,
      agent,
      "assistant: Answer to: And better",
      "token_usage_record",
      "token_count",
      "task_complete",
    ]);
    expect(provider.requests.map(({ input }) => input)).toStrictEqual([
      [toldUser("Go")],
      [toldUser("Go"), toldCall("work"), toldOutput("done"), toldUser("Faster"), toldUser("And better")],
    ]);
  });

  it("while the last answer comes is answered by one more", async () => {
    const { provider, store } = scene;
    const held = provider.hold();
    await thread.submit({ type: "userTurn", input: text("Go") });
    await held;
    await thread.submit({ type: "steer", input: text("One more thing") });
    provider.release();
    const end = await thread.untilIdle();
    expect([end?.status, end?.lastMessage]).toStrictEqual(["completed", "Answer to: One more thing"]);
    expect((await lastTurnOf(store, thread.threadId)).slice(2)).toStrictEqual([
      agent,
      "assistant: Answer to: Go",
      "token_usage_record",
      "token_count",
      "user: One more thing",
      user,
      agent,
      "assistant: Answer to: One more thing",
      "token_usage_record",
      "token_count",
      "task_complete",
    ]);
    expect(provider.requests[1]?.input).toStrictEqual([
      toldUser("Go"),
      toldAgent("Answer to: Go"),
      toldUser("One more thing"),
    ]);
  });

  it("is in the thread too when the turn is interrupted or fails before anybody took it", async () => {
    const { provider, store } = scene;
    const held = provider.hold();
    provider.answerNext({ output: [], failure: { code: "invalid_prompt", message: "no" } });
    await thread.submit({ type: "userTurn", input: text("Go") });
    await held;
    await thread.submit({ type: "steer", input: text("Wait") });
    provider.release();
    expect((await thread.untilIdle())?.status).toBe("failed");
    expect((await lastTurnOf(store, thread.threadId)).slice(2)).toStrictEqual(["user: Wait", user, "task_complete"]);
    const heldAgain = provider.hold();
    await thread.submit({ type: "userTurn", input: text("Again") });
    await heldAgain;
    await thread.submit({ type: "steer", input: text("Stop") });
    await thread.submit({ type: "interrupt" });
    expect(await lastTurnOf(store, thread.threadId)).toStrictEqual([
      "user: Again",
      user,
      "user: Stop",
      user,
      "user: <turn_aborted>",
      "turn_aborted",
    ]);
  });
});

describe("items that are injected in the middle of a turn", () => {
  it("are told with the next request, and once in those after it", async () => {
    const { provider, manager } = scene;
    const thread = await manager.startThread();
    provider.answerNext([calls("work")]);
    await thread.submit({ type: "userTurn", input: text("Go") });
    await begun.opened;
    await thread.submit({ type: "injectItems", items: [{ ...toldUser("It is late."), type: "message" }] });
    going.open();
    await thread.untilIdle();
    await thread.runTurn("Thanks");
    const told = [toldUser("Go"), toldCall("work"), toldOutput("done"), toldUser("It is late.")];
    expect(provider.requests[1]?.input).toStrictEqual(told);
    // It was recorded when it was taken: never between a call and its output.
    const answered = [...told, toldAgent("Answer to: It is late."), toldUser("Thanks")];
    expect(provider.requests[2]?.input).toStrictEqual(answered);
  });
});

describe.each(HISTORY_MODES)("an interruption of a %s thread", (historyMode) => {
  const agent = historyMode === "paginated" ? "seen AgentMessage" : "agent_message";
  const thought = historyMode === "paginated" ? "seen Reasoning" : "agent_reasoning";

  it("keeps what the model had said whole, and nothing of what it was saying", async () => {
    const { provider, manager, store } = scene;
    const thread = await manager.startThread({ historyMode });
    const events = new ToldEvents(thread);
    // created, the thought (5 events), the message up to its first word.
    const output = [thinks("of it all"), says("Half an answer.")];
    provider.answerNext({ output, hasDeltas: true, stallsAfterEvents: 8 });
    await thread.submit({ type: "userTurn", input: text("Go") });
    await events.until("messageDelta");
    await thread.submit({ type: "interrupt" });
    await thread.agentStopped();
    expect((await events.until("turnEnded")).slice(-3)).toStrictEqual([
      "messageDelta msg_said Half ",
      "idle",
      "turnEnded interrupted",
    ]);
    expect((await lastTurnOf(store, thread.threadId)).slice(2)).toStrictEqual([
      thought,
      "reasoning",
      "user: <turn_aborted>",
      "turn_aborted",
    ]);
    await thread.runTurn("Go on");
    expect(wordsOfInput(provider.requests[1]?.input ?? [])).toStrictEqual([
      "user: Go",
      "user: <turn_aborted>",
      "user: Go on",
    ]);
    expect((await lastTurnOf(store, thread.threadId)).slice(2, 4)).toStrictEqual([
      agent,
      "assistant: Answer to: Go on",
    ]);
  });

  it("is heeded while the model says nothing at all", async () => {
    const { provider, manager, store } = scene;
    const thread = await manager.startThread({ historyMode });
    const asked = provider.hold();
    provider.answerNext({ stallsAfterEvents: 0 });
    await thread.submit({ type: "userTurn", input: text("Go") });
    await asked;
    await thread.submit({ type: "interrupt" });
    await thread.agentStopped();
    expect((await lastTurnOf(store, thread.threadId)).slice(2)).toStrictEqual(["user: <turn_aborted>", "turn_aborted"]);
  });

  it("runs no tool that was called before", async () => {
    const { provider, manager, store } = scene;
    const thread = await manager.startThread({ historyMode });
    const events = new ToldEvents(thread);
    // created, added, done: the call is whole, the answer goes on.
    provider.answerNext({ output: [calls("work"), says("Working.")], stallsAfterEvents: 3 });
    await thread.submit({ type: "userTurn", input: text("Go") });
    await events.until("itemStarted DynamicToolCall");
    await thread.submit({ type: "interrupt" });
    await thread.agentStopped();
    expect([runs, provider.requests.length]).toStrictEqual([0, 1]);
    expect((await lastTurnOf(store, thread.threadId)).slice(2)).toStrictEqual([
      "function_call work",
      "user: <turn_aborted>",
      "turn_aborted",
    ]);
  });
});
