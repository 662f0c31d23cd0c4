import { describe, expect, it } from "vitest";
import { withoutOutput } from "./output-deferral.js";

const NO_TIMES = { startedAtMs: null, completedAtMs: null };
const TEXT = { type: "text", text: "hello" };
const IMAGE = { type: "image", data: "AAAA", mimeType: "image/png" };

// What the real server left out of such items.
describe("the output of a command", () => {
  const command = { ...NO_TIMES, type: "commandExecution", id: "c", status: "completed", exitCode: 0 };

  it.each(["output", " "])("is left out when it succeeded: %j", (aggregatedOutput) => {
    const item = { ...command, aggregatedOutput };
    expect(withoutOutput(item, { commandExecution: true })).toEqual({ ...command, aggregatedOutput: null });
    expect(withoutOutput(item, { mcpToolCall: true })).toBeNull();
    expect(withoutOutput(item, { commandExecution: null })).toBeNull();
  });

  it.each([
    { aggregatedOutput: null },
    { exitCode: 1 },
    { exitCode: null },
    { status: "declined" },
    { status: "failed" },
    { status: "inProgress" },
  ])("stays where %j", (fields) => {
    const item = { ...command, aggregatedOutput: "output", ...fields };
    expect(withoutOutput(item, { commandExecution: true, mcpToolCall: true })).toBeNull();
  });
});

describe("the result of an MCP tool call", () => {
  const call = { ...NO_TIMES, type: "mcpToolCall", id: "m", status: "completed" };
  const result = { content: [TEXT], structuredContent: null, _meta: null };

  it("is left out when it is text alone", () => {
    const item = { ...call, result };
    expect(withoutOutput(item, { mcpToolCall: true })).toEqual({ ...call, result: { ...result, content: [] } });
    expect(withoutOutput(item, { commandExecution: true })).toBeNull();
  });

  it.each([
    { content: [] },
    { content: [{ type: "text", text: "" }] },
    { content: [IMAGE] },
    { content: [TEXT, IMAGE] },
    { structuredContent: { x: 1 } },
    { content: [], structuredContent: { x: 1 } },
    { structuredContent: { x: 1 }, _meta: { m: 1 } },
  ])("stays where it is more or nothing: %j", (fields) => {
    expect(withoutOutput({ ...call, result: { ...result, ...fields } }, { mcpToolCall: true })).toBeNull();
  });

  it("stays where it failed", () => {
    expect(withoutOutput({ ...call, status: "failed", result }, { mcpToolCall: true })).toBeNull();
    expect(withoutOutput({ ...call, status: "failed", result: null }, { mcpToolCall: true })).toBeNull();
  });
});
