import type { JsonObject } from "@threadstore/core";
import { afterEach, describe, expect, it } from "vitest";
import { never, newGate } from "../../../../test/support/gate.js";
import type { FunctionTool, ResponsesAgentOptions, ToolCall } from "../src/index.js";
import { type AgentScene, HISTORY_MODES, openAgentScene } from "./support/agent-scene.js";
import { calls, toldCall, toldOutput, toldUser } from "./support/model-items.js";
import { lastTurnOf, payloadsOf, recordsOf } from "./support/stored-records.js";
import { ToldEvents } from "./support/told-events.js";

let scene: AgentScene;

afterEach(() => scene[Symbol.asyncDispose]());

function toolOf(run: FunctionTool["run"], rest: Partial<FunctionTool> = {}): FunctionTool {
  return { name: "tool", description: "Does something.", parameters: { type: "object" }, run, ...rest };
}

/** What the model is told of one call of a tool. */
async function outputOf(tool: FunctionTool, options: ResponsesAgentOptions = {}): Promise<unknown> {
  scene = await openAgentScene({ tools: [tool], ...options });
  const { provider, manager } = scene;
  const thread = await manager.startThread();
  provider.answerNext([calls("tool", { a: 1 })]);
  const end = await thread.runTurn("Go");
  expect([end.status, provider.requests.length]).toStrictEqual(["completed", 2]);
  const output = provider.requests[1]?.input.at(-1) as JsonObject;
  expect(output).toStrictEqual(toldOutput(String(output.output)));
  return output.output;
}

describe("the output of a tool is", () => {
  it("a text as it is", async () => {
    expect(await outputOf(toolOf(() => "a text"))).toBe("a text");
  });

  it("anything else as JSON", async () => {
    expect(await outputOf(toolOf(async () => ({ b: [1, null] })))).toBe('{"b":[1,null]}');
  });

  it("empty where it returns nothing", async () => {
    expect(await outputOf(toolOf(() => undefined))).toBe("");
  });

  it("what it throws", async () => {
    const failing = toolOf(() => {
      throw new Error("no such file");
    });
    expect(await outputOf(failing)).toBe("error: no such file");
  });

  it("that it took too long, and it is told to stop", async () => {
    let stopped: AbortSignal | undefined;
    const slow = toolOf((_args, { signal }) => {
      stopped = signal;
      return never();
    });
    expect(await outputOf(slow, { toolTimeoutMs: 5 })).toBe("it took more than 5 ms and was stopped");
    expect(stopped?.aborted).toBe(true);
  });

  it("cut in its middle where it is too long, never within a character", async () => {
    const output = await outputOf(
      toolOf(() => "a😀😀b"),
      { outputMaxCharacters: 4 },
    );
    expect(output).toBe("a\n[… 4 characters were left out …]\nb");
  });
});

describe.each(HISTORY_MODES)("the calls of one answer, in a %s thread,", (historyMode) => {
  it("run at the same time and are answered in their order", async () => {
    const [first, second] = [newGate(), newGate()];
    const wait = toolOf(
      async ({ until }) => {
        // The first ends only when the second one has begun and ended.
        if (until === "second") await second.opened;
        else second.open();
        first.open();
        return `waited for ${until}`;
      },
      { name: "wait" },
    );
    scene = await openAgentScene({ tools: [wait] });
    const { provider, manager, store } = scene;
    const thread = await manager.startThread({ historyMode });
    const [one, two] = [{ until: "second" }, { until: "nothing" }];
    provider.answerNext([calls("wait", one, "call_1"), calls("wait", two, "call_2")]);
    await thread.runTurn("Go");
    const shown = historyMode === "paginated" ? ["seen DynamicToolCall"] : [];
    expect(await lastTurnOf(store, thread.threadId)).toStrictEqual([
      "user: Go",
      historyMode === "paginated" ? "seen UserMessage" : "user_message",
      "function_call wait",
      "function_call wait",
      "token_usage_record",
      ...shown,
      "function_call_output waited for second",
      ...shown,
      "function_call_output waited for nothing",
      "token_count",
      historyMode === "paginated" ? "seen AgentMessage" : "agent_message",
      "assistant: Answer to: Go",
      "token_usage_record",
      "token_count",
      "task_complete",
    ]);
    expect(provider.requests[1]?.input).toStrictEqual([
      toldUser("Go"),
      toldCall("wait", one, "call_1"),
      toldCall("wait", two, "call_2"),
      toldOutput("waited for second", "call_1"),
      toldOutput("waited for nothing", "call_2"),
    ]);
  });

  it("are recorded as the provider gave them", async () => {
    scene = await openAgentScene({ tools: [toolOf(() => ({ is: "done" }))] });
    const { provider, manager, store } = scene;
    const { threadId } = await manager.startThread({ historyMode });
    provider.answerNext([calls("tool", '{ "a":1 }')]);
    const { turnId } = await manager.getThread(threadId).runTurn("Go");
    const output = '{"is":"done"}';
    const call = { type: "function_call", id: "fc_call_1", name: "tool", arguments: '{ "a":1 }', call_id: "call_1" };
    const item = {
      type: "DynamicToolCall",
      id: "call_1",
      tool: "tool",
      arguments: { a: 1 },
      status: "completed",
      content_items: [{ type: "inputText", text: output }],
      success: true,
    };
    expect(await payloadsOf(store, threadId, "function_call tool")).toStrictEqual([call]);
    expect(await payloadsOf(store, threadId, `function_call_output ${output}`)).toStrictEqual([
      { type: "function_call_output", call_id: "call_1", output },
    ]);
    const [seen] = await payloadsOf(store, threadId, "seen DynamicToolCall");
    expect([seen?.turn_id, seen?.item]).toStrictEqual(
      historyMode === "paginated" ? [turnId, item] : [undefined, undefined],
    );
  });

  it("fail one by one", async () => {
    const names: string[] = [];
    const good = toolOf((args, { name, callId }) => names.push([name, callId, JSON.stringify(args)].join(" ")), {
      name: "good",
    });
    scene = await openAgentScene({ tools: [good] });
    const { provider, manager, store } = scene;
    const thread = await manager.startThread({ historyMode });
    provider.answerNext([
      calls("unknown", {}, "call_1"),
      calls("good", "{not json", "call_2"),
      calls("good", "[1]", "call_3"),
      calls("good", "", "call_4"),
    ]);
    const { status } = await thread.runTurn("Go");
    expect([status, names]).toStrictEqual(["completed", ["good call_4 {}"]]);
    expect(provider.requests[1]?.input.slice(-4)).toStrictEqual([
      toldOutput("error: there is no tool unknown", "call_1"),
      toldOutput("error: the arguments are no JSON", "call_2"),
      toldOutput("error: the arguments are no JSON object", "call_3"),
      toldOutput("1", "call_4"),
    ]);
    const seen = await payloadsOf(store, thread.threadId, "seen DynamicToolCall");
    const items = seen.map(({ item }) => item as JsonObject);
    const failed = [
      { tool: "unknown", arguments: {}, status: "failed", success: false },
      { tool: "good", arguments: "{not json", status: "failed", success: false },
      { tool: "good", arguments: [1], status: "failed", success: false },
      { tool: "good", arguments: "", status: "completed", success: true },
    ];
    expect(
      items.map(({ tool, arguments: args, status, success }) => ({ tool, arguments: args, status, success })),
    ).toStrictEqual(historyMode === "paginated" ? failed : []);
  });
});

describe("a tool", () => {
  it("is told of which call and which turn it is a part", async () => {
    let told: ToolCall | undefined;
    const tool = toolOf((_args, call) => {
      told = call;
    });
    scene = await openAgentScene({ tools: [tool] });
    const { provider, manager } = scene;
    const thread = await manager.startThread();
    provider.answerNext([calls("tool")]);
    const { turnId } = await thread.runTurn("Go");
    const { signal, ...rest } = told as ToolCall;
    expect(rest).toStrictEqual({
      threadId: thread.threadId,
      turnId,
      rootTurnId: turnId,
      callId: "call_1",
      name: "tool",
    });
    expect(signal).toBeInstanceOf(AbortSignal);
  });

  it("is shown when it is called and when it has answered", async () => {
    scene = await openAgentScene({ tools: [toolOf(() => "done")] });
    const { provider, manager } = scene;
    const thread = await manager.startThread();
    const events = new ToldEvents(thread);
    provider.answerNext([calls("tool")]);
    await thread.runTurn("Go");
    expect((await events.until("turnEnded")).slice(3, 7)).toStrictEqual([
      "itemStarted DynamicToolCall",
      "tokens 110 of 110",
      "itemCompleted DynamicToolCall",
      "itemCompleted AgentMessage",
    ]);
  });

  it("is told to stop when its turn is interrupted, and its call has no output", async () => {
    const begun = newGate();
    let stopped: AbortSignal | undefined;
    const stubborn = toolOf((_args, { signal }) => {
      stopped = signal;
      begun.open();
      return never();
    });
    scene = await openAgentScene({ tools: [stubborn] });
    const { provider, manager, store } = scene;
    const thread = await manager.startThread();
    provider.answerNext([calls("tool")]);
    await thread.submit({ type: "userTurn", input: [{ type: "text", text: "Go" }] });
    await begun.opened;
    await thread.submit({ type: "interrupt" });
    expect(stopped?.aborted).toBe(true);
    await thread.agentStopped();
    expect((await lastTurnOf(store, thread.threadId)).slice(2)).toStrictEqual([
      "function_call tool",
      "token_usage_record",
      "token_count",
      "user: <turn_aborted>",
      "turn_aborted",
    ]);
    await thread.runTurn("And now?");
    expect(provider.requests[1]?.input.slice(1, 3)).toStrictEqual([toldCall("tool"), toldOutput("aborted")]);
  });

  it("may be called so often and no more in one turn", async () => {
    scene = await openAgentScene({ tools: [toolOf(() => "again")], requestsMax: 2 });
    const { provider, manager, store } = scene;
    const thread = await manager.startThread();
    for (const callId of ["call_1", "call_2"]) provider.answerNext([calls("tool", {}, callId)]);
    const { status, error } = await thread.runTurn("Go");
    expect([status, error, provider.requests.length]).toStrictEqual([
      "failed",
      { message: "the turn took more than 2 requests", codexErrorInfo: "other" },
      2,
    ]);
    expect((await recordsOf(store, thread.threadId)).slice(-3)).toStrictEqual([
      "function_call_output again",
      "token_count",
      "task_complete",
    ]);
  });
});
