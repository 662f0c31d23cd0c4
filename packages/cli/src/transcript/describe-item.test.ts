import type { ApiThreadItem } from "@threadstore/codex-wire";
import { describe, expect, it } from "vitest";
import { describeItem, firstLineOf } from "./describe-item.js";

function describeOf(type: string, fields: object): object {
  const item: ApiThreadItem = { ...fields, type, id: "1", startedAtMs: null, completedAtMs: null };
  const { tone: _tone, ...described } = describeItem(item);
  return Object.fromEntries(Object.entries(described).filter(([, value]) => value !== "" && value !== false));
}

describe("describeItem", () => {
  it.each([
    [
      "userMessage",
      {
        content: [
          { type: "text", text: "look" },
          { type: "image", url: "data:image/png;base64,AAAA" },
          { type: "image", url: "https://example.com/a.png" },
          { type: "localImage", path: "/a.png" },
        ],
      },
      { label: "user", text: "look\n[image]\n[image https://example.com/a.png]\n[localImage /a.png]" },
    ],
    ["agentMessage", { text: "Done." }, { label: "agent", text: "Done." }],
    ["reasoning", { summary: ["first", "second"], content: ["raw"] }, { label: "reasoning", text: "first\nsecond" }],
    ["reasoning", { summary: [], content: ["raw"] }, { label: "reasoning", text: "raw" }],
    ["plan", { text: "1. go" }, { label: "plan", text: "1. go" }],
    ["hookPrompt", { fragments: [{ text: "mind this", hookRunId: "h" }] }, { label: "hook", text: "mind this" }],
    [
      "commandExecution",
      { command: "ls", aggregatedOutput: "a\n", exitCode: 0, durationMs: 12, status: "completed" },
      { label: "$", title: "ls", text: "a\n", outcome: "exit 0, 12 ms" },
    ],
    [
      "commandExecution",
      { command: "false", aggregatedOutput: null, exitCode: 1, durationMs: null, status: "failed" },
      { label: "$", title: "false", outcome: "exit 1", isFailure: true },
    ],
    [
      "commandExecution",
      { command: "rm -r /", exitCode: null, durationMs: null, status: "declined" },
      { label: "$", title: "rm -r /", outcome: "declined", isFailure: true },
    ],
    [
      "fileChange",
      {
        status: "completed",
        changes: [
          { path: "/new", kind: { type: "add" }, diff: "a\nb\n" },
          { path: "/old", kind: { type: "delete" }, diff: "a" },
          { path: "/a", kind: { type: "update", move_path: "/b" }, diff: "--- a\n+++ b\n@@ -1 +1 @@\n--- x\n+y\n z\n" },
          { path: "/empty", kind: { type: "add" }, diff: "" },
        ],
      },
      { label: "files", text: "add /new +2\ndelete /old -1\nupdate /a -> /b +1 -1\nadd /empty" },
    ],
    [
      "mcpToolCall",
      {
        server: "s",
        tool: "t",
        arguments: { a: 1 },
        result: {
          content: [
            { type: "text", text: "ok" },
            { type: "image", data: "AAAA" },
          ],
        },
        error: null,
        status: "completed",
      },
      { label: "tool", title: 's.t({"a":1})', text: "ok\n[image]" },
    ],
    [
      "mcpToolCall",
      {
        server: "s",
        tool: "t",
        arguments: null,
        result: null,
        error: { message: "no" },
        status: "failed",
        durationMs: 3,
      },
      { label: "tool", title: "s.t()", text: "no", outcome: "failed, 3 ms", isFailure: true },
    ],
    [
      "dynamicToolCall",
      {
        namespace: null,
        tool: "t",
        arguments: {},
        contentItems: [{ type: "inputText", text: "out" }],
        status: "completed",
      },
      { label: "tool", title: "t({})", text: "out" },
    ],
    ["functionCallOutput", { namespace: "n", name: "f", output: "out" }, { label: "tool", title: "n.f", text: "out" }],
    [
      "collabAgentToolCall",
      {
        tool: "wait",
        receiverThreadIds: ["x"],
        prompt: null,
        agentsStates: { x: { status: "completed", message: "hi" } },
        status: "completed",
      },
      { label: "agents", title: "wait x", text: "x: completed: hi" },
    ],
    [
      "subAgentActivity",
      { kind: "started", agentPath: "/a", agentThreadId: "x" },
      { label: "agents", title: "started /a x" },
    ],
    ["webSearch", { query: "why", action: null }, { label: "web search", title: "why" }],
    [
      "webSearch",
      { query: "", action: { type: "openPage", url: "https://a" } },
      { label: "web search", title: "openPage https://a" },
    ],
    ["imageView", { path: "/p.png" }, { label: "image", title: "/p.png" }],
    [
      "imageGeneration",
      { result: "AAAA", savedPath: "/g.png", revisedPrompt: "a cat", status: "completed" },
      { label: "image", title: "/g.png", text: "a cat" },
    ],
    ["contextCompaction", {}, { label: "context compacted" }],
    ["enteredReviewMode", { review: "all" }, { label: "review begins", text: "all" }],
    ["exitedReviewMode", { review: "fine" }, { label: "review ends", text: "fine" }],
    ["sleep", { durationMs: 2_000 }, { label: "sleep", outcome: "2.0 s" }],
    ["valueOf", { field: 1 }, { label: "valueOf", text: '{"field":1}' }],
    ["somethingNew", { field: 1 }, { label: "somethingNew", text: '{"field":1}' }],
  ])("tells of %s what a person wants to know", (type, fields, expected) => {
    expect(describeOf(type, fields)).toEqual(expected);
  });

  it.each([
    "userMessage",
    "agentMessage",
    "reasoning",
    "commandExecution",
    "fileChange",
    "mcpToolCall",
    "dynamicToolCall",
    "functionCallOutput",
    "collabAgentToolCall",
    "subAgentActivity",
    "webSearch",
    "imageView",
    "imageGeneration",
  ])("takes a %s of which nothing is as it should be", (type) => {
    const odd = {
      content: 1,
      summary: [1],
      changes: [null, { path: 1, kind: "x" }],
      result: "x",
      error: 1,
      action: [],
      agentsStates: { x: 1 },
      output: null,
    };
    expect(describeOf(type, odd)).toHaveProperty("label");
    expect(describeOf(type, {})).toHaveProperty("label");
  });
});

describe("firstLineOf", () => {
  it("passes over blank lines and takes out what a terminal would obey", () => {
    expect(firstLineOf("\n  \n  hello\u001b[31m there\nmore")).toBe("hello there");
    expect(firstLineOf(" \n ")).toBe("");
  });
});
