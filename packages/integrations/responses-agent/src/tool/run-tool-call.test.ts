import type { AgentTurn } from "@threadstore/runtime";
import { describe, expect, it } from "vitest";
import type { FunctionTool } from "./function-tool.js";
import { runToolCall } from "./run-tool-call.js";

const TURN: AgentTurn = {
  threadId: "01900000-0000-7000-8000-000000000001",
  turnId: "turn-1",
  rootTurnId: "turn-0",
  settings: { cwd: "/project", model: "fake-model" },
  input: [],
  usage: { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, reasoningOutputTokens: 0, totalTokens: 0 },
  signal: new AbortController().signal,
  history: async () => [],
  takeInput: async () => [],
  whileWaiting: (_on, work) => work(),
};

/** What is told of one call of a tool that does this. */
function answerOf(run: FunctionTool["run"], rest: Partial<FunctionTool> = {}) {
  const tool: FunctionTool = { name: "tool", description: "", parameters: {}, run, ...rest };
  const options = { tools: new Map([["tool", tool]]), toolTimeoutMs: 1_000, outputMaxCharacters: 100 };
  return runToolCall({ callId: "call_1", name: "tool", args: "{}" }, TURN, options);
}

function failsWith(error: unknown) {
  return answerOf(() => {
    throw error;
  });
}

describe("runToolCall", () => {
  it.each([
    ["text", "text"],
    ["", ""],
    [{ a: 1 }, '{"a":1}'],
    [[1, "two"], '[1,"two"]'],
    [null, "null"],
    [0, "0"],
    [false, "false"],
    [undefined, ""],
  ])("tells %j as %j", async (output, told) => {
    expect(await answerOf(() => output)).toStrictEqual({ callId: "call_1", output: told });
  });

  it.each([
    ["an error", new Error("no such file"), "error: no such file"],
    ["a text", "no such file", "error: no such file"],
    ["an object", { code: 2 }, 'error: {"code":2}'],
    ["an object without a prototype", Object.create(null), "error: {}"],
    ["nothing", undefined, "error: "],
    ["what is no JSON", 1n, "error"],
  ])("tells %s that is thrown", async (_name, error, output) => {
    expect(await failsWith(error)).toStrictEqual({ callId: "call_1", output, success: false });
  });

  it.each([
    [
      "a circle",
      () => {
        const circle: unknown[] = [];
        circle.push(circle);
        return circle;
      },
    ],
    ["a big number", () => 1n],
  ])("tells that %s is no JSON", async (_name, run) => {
    const { output, success } = await answerOf(run);
    expect([output.startsWith("error: "), success]).toStrictEqual([true, false]);
  });

  it("bounds what is thrown too", async () => {
    const { output } = await failsWith(new Error("x".repeat(1_000)));
    expect(output).toContain("[… 907 characters were left out …]");
  });

  it("heeds the time of the tool over that of the agent", async () => {
    const slow = await answerOf(() => new Promise(() => {}), { timeoutMs: 1 });
    expect(slow.output).toBe("it took more than 1 ms and was stopped");
  });
});
