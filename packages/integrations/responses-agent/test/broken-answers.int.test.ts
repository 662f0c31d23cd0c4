import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Answer, listAnswerEvents } from "../../../../test/support/answer-events.js";
import { type AgentScene, HISTORY_MODES, openAgentScene } from "./support/agent-scene.js";
import { calls, says, thinks, toldAgent, toldCall, toldOutput, toldThought, toldUser } from "./support/model-items.js";
import { lastTurnOf } from "./support/stored-records.js";
import { ToldEvents } from "./support/told-events.js";

const OUTPUT = [thinks("of two words", "secret"), says("Two words."), calls("work")];
const EVENTS = listAnswerEvents([], { output: OUTPUT, hasDeltas: true, number: 1 });

/** The one real wait of these tests: long enough for an answer that does come. */
const IDLE_MAX_MS = 500;

let scene: AgentScene;
let runs: number;

async function open(idleMaxMs?: number): Promise<void> {
  runs = 0;
  const run = () => {
    runs += 1;
    return "done";
  };
  const work = { name: "work", description: "Works.", parameters: { type: "object" }, run };
  scene = await openAgentScene({ tools: [work], retriesMax: 1, ...(idleMaxMs === undefined ? {} : { idleMaxMs }) });
}

beforeEach(() => open());

afterEach(() => scene[Symbol.asyncDispose]());

/** How many items the model had said whole after so many events, and whether it came to its end. */
function saidAfter(events: number) {
  const said = EVENTS.slice(0, events);
  return {
    items: said.filter(({ type }) => type === "response.output_item.done").length,
    isWhole: said.length === EVENTS.length,
  };
}

const CASES = HISTORY_MODES.flatMap((historyMode) => EVENTS.map((_event, events) => ({ historyMode, events })));

describe.each(CASES)("an answer that breaks off after $events events, in a $historyMode thread,", (broken) => {
  const { historyMode, events } = broken;
  const { items } = saidAfter(events);
  const hasCall = items === OUTPUT.length;
  const user = historyMode === "paginated" ? ["seen UserMessage"] : ["user_message"];
  const thought = historyMode === "paginated" ? ["seen Reasoning"] : ["agent_reasoning"];
  const agent = historyMode === "paginated" ? "seen AgentMessage" : "agent_message";
  const tool = historyMode === "paginated" ? ["seen DynamicToolCall"] : [];

  it("is gone on with: nothing is lost, and nothing doubled", async () => {
    const { provider, manager, store } = scene;
    const thread = await manager.startThread({ historyMode });
    provider.answerNext({ output: OUTPUT, hasDeltas: true, breaksAfterEvents: events });
    const { status, lastMessage } = await thread.runTurn("Go");
    expect([status, lastMessage, runs]).toStrictEqual(["completed", "Answer to: Go", hasCall ? 1 : 0]);
    const said = [
      [...thought, "reasoning"],
      [agent, "assistant: Two words."],
      ["function_call work", ...tool, "function_call_output done"],
    ];
    expect(await lastTurnOf(store, thread.threadId)).toStrictEqual([
      "user: Go",
      ...user,
      ...said.slice(0, items).flat(),
      agent,
      "assistant: Answer to: Go",
      "token_usage_record",
      "token_count",
      "task_complete",
    ]);
    const told = [
      [toldThought("of two words", "secret")],
      [toldAgent("Two words.")],
      [toldCall("work"), toldOutput("done")],
    ];
    expect(provider.requests.map(({ input }) => input)).toStrictEqual([
      [toldUser("Go")],
      [toldUser("Go"), ...told.slice(0, items).flat()],
    ]);
  });
});

describe("an answer that breaks off", () => {
  it("is told as a warning, and its words again with the next one", async () => {
    const { provider, manager } = scene;
    const thread = await manager.startThread();
    const events = new ToldEvents(thread);
    const answer: Answer = { output: [says("Two words.")], hasDeltas: true };
    provider.answerNext({ ...answer, breaksAfterEvents: 3 });
    provider.answerNext(answer);
    await thread.runTurn("Go");
    expect((await events.until("turnEnded")).slice(3)).toStrictEqual([
      "itemStarted AgentMessage",
      "messageDelta msg_said Two ",
      "warning the connection was lost: asking again, 1 of 1",
      "messageDelta msg_said Two ",
      "messageDelta msg_said words.",
      "itemCompleted AgentMessage",
      "tokens 110 of 110",
      "idle",
      "turnEnded completed",
    ]);
  });

  it("between two calls is gone on with by the output of the first", async () => {
    const { provider, manager } = scene;
    const thread = await manager.startThread();
    const output = [calls("work", {}, "call_1"), calls("work", {}, "call_2")];
    // created, added, done, added.
    provider.answerNext({ output, breaksAfterEvents: 4 });
    expect([(await thread.runTurn("Go")).status, runs]).toStrictEqual(["completed", 1]);
    expect(provider.requests[1]?.input).toStrictEqual([toldUser("Go"), toldCall("work"), toldOutput("done")]);
  });

  it("with an error of the server after a call is gone on with by its output", async () => {
    const { provider, manager } = scene;
    const thread = await manager.startThread();
    provider.answerNext({ output: [calls("work")], failure: { code: "server_error", message: "it broke" } });
    expect([(await thread.runTurn("Go")).status, runs]).toStrictEqual(["completed", 1]);
    expect(provider.requests[1]?.input).toStrictEqual([toldUser("Go"), toldCall("work"), toldOutput("done")]);
  });

  it("again and again fails the turn", async () => {
    const { provider, manager, store } = scene;
    const thread = await manager.startThread();
    for (const _ of [1, 2]) provider.answerNext({ output: [says("So far.")], breaksAfterEvents: 3 });
    const { status, error } = await thread.runTurn("Go");
    const codexErrorInfo = { response_stream_disconnected: { http_status_code: null } };
    expect([status, error]).toStrictEqual(["failed", { message: "the connection was lost", codexErrorInfo }]);
    expect((await lastTurnOf(store, thread.threadId)).slice(2)).toStrictEqual([
      "seen AgentMessage",
      "assistant: So far.",
      "seen AgentMessage",
      "assistant: So far.",
      "task_complete",
    ]);
  });
});

describe("a model that says nothing for too long", () => {
  beforeEach(async () => {
    await scene[Symbol.asyncDispose]();
    await open(IDLE_MAX_MS);
  });

  it.each([0, 3])("is asked again, after %d events", async (stallsAfterEvents) => {
    const { provider, manager } = scene;
    const thread = await manager.startThread();
    const events = new ToldEvents(thread);
    provider.answerNext({ output: OUTPUT, stallsAfterEvents });
    expect((await thread.runTurn("Go")).status).toBe("completed");
    const told = await events.until("turnEnded");
    const warnings = told.filter((word) => word.startsWith("warning"));
    const why = stallsAfterEvents === 0 ? "Request timed out." : `the model said nothing for ${IDLE_MAX_MS} ms`;
    expect(warnings).toStrictEqual([`warning ${why}: asking again, 1 of 1`]);
    expect(provider.requests).toHaveLength(2);
  });

  it("after it called a tool, is told the output", async () => {
    const { provider, manager } = scene;
    const thread = await manager.startThread();
    provider.answerNext({ output: [calls("work"), says("Working.")], stallsAfterEvents: 3 });
    const { status } = await thread.runTurn("Go");
    expect([status, runs]).toStrictEqual(["completed", 1]);
    expect(provider.requests[1]?.input).toStrictEqual([toldUser("Go"), toldCall("work"), toldOutput("done")]);
  });
});
