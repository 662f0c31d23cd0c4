import { type JsonObject, storedItem } from "@threadstore/core";
import { describe, expect, it } from "vitest";
import { eventsOfTurnItem } from "./events-of-turn-item.js";
import { itemsForCodex } from "./items-for-codex.js";

function events(type: string, fields: JsonObject = {}): JsonObject[] {
  return eventsOfTurnItem({ type, id: "i", ...fields }, "t");
}

describe("items of paginated threads", () => {
  it("a completed item is told as events, a plan as it is", () => {
    const completed = (item: object) => ({
      type: "event_msg",
      payload: { type: "item_completed", thread_id: "a", turn_id: "t", item },
    });
    const plan = completed({ type: "Plan", id: "p", text: "First." });
    const message = completed({ type: "AgentMessage", id: "m", content: [{ type: "Text", text: "Hello" }] });
    const broken = completed([]);
    const items = [plan, message, broken].map((item, ordinal) =>
      storedItem({ ordinal, timestamp: "2026-01-15T12:00:00.000Z", json: JSON.stringify(item) }),
    );
    const texts = itemsForCodex()(items);
    expect(texts.map((text) => JSON.parse(text))).toStrictEqual([
      plan,
      { type: "event_msg", payload: { type: "agent_message", message: "Hello" } },
    ]);
  });

  it.each(["CommandExecution", "Sleep", "OfLaterTimes", ""])("of an item %j nothing is told", (type) => {
    expect(events(type)).toStrictEqual([]);
  });

  it.each(["toString", "constructor", "valueOf"])("of an item %j, which is no kind, nothing is told", (type) => {
    expect(events(type)).toStrictEqual([]);
  });

  it("of an item without a type nothing is told", () => {
    expect(eventsOfTurnItem({}, "t")).toStrictEqual([]);
  });

  it("a user's message has its texts, pictures and marks", () => {
    const content = [
      { type: "text", text: "Look ", text_elements: [{ byte_range: { start: 0, end: 4 }, placeholder: "L" }] },
      { type: "image", image_url: "https://example.com/a.png" },
      { type: "image", url: "https://example.com/b.png" },
      { type: "local_image", path: "/c.png" },
      { type: "text", text: "here", text_elements: [] },
      { type: "skill", name: "s" },
    ];
    expect(events("UserMessage", { content })).toStrictEqual([
      {
        type: "user_message",
        message: "Look here",
        images: ["https://example.com/a.png", "https://example.com/b.png"],
        local_images: ["/c.png"],
        text_elements: [{ byte_range: { start: 0, end: 4 }, placeholder: "L" }],
      },
    ]);
  });

  it("the marks of later texts are moved by the bytes of those before", () => {
    const mark = (start: number, end: number) => ({ byte_range: { start, end } });
    const content = [
      { type: "text", text: "\u{1f600}é", text_elements: [mark(0, 4)] },
      { type: "text", text: "ab", text_elements: [mark(0, 1), mark(1, 2)] },
      { type: "text", text: "語", text_elements: [mark(0, 3)] },
    ];
    const [message] = events("UserMessage", { content });
    expect(message?.message).toBe("\u{1f600}éab語");
    expect(message?.text_elements).toStrictEqual([mark(0, 4), mark(6, 7), mark(7, 8), mark(8, 11)]);
  });

  it("a user's message without content is empty", () => {
    const empty = { type: "user_message", message: "", images: [], local_images: [], text_elements: [] };
    expect(events("UserMessage")).toStrictEqual([empty]);
    expect(events("UserMessage", { content: ["text", null, { type: "image" }] })).toStrictEqual([empty]);
  });

  it("an agent's message keeps the phases that are known", () => {
    const content = [
      { type: "Text", text: "Hello " },
      { type: "Text", text: "there" },
    ];
    const message = { type: "agent_message", message: "Hello there" };
    expect(events("AgentMessage", { content })).toStrictEqual([message]);
    expect(events("AgentMessage", { content, phase: "other" })).toStrictEqual([message]);
    for (const phase of ["commentary", "final_answer"]) {
      expect(events("AgentMessage", { content, phase })).toStrictEqual([{ ...message, phase }]);
    }
  });

  it("reasoning is an event for each summary, then for each raw text", () => {
    const fields = { summary_text: ["one", "two", 7], raw_content: ["raw"] };
    expect(events("Reasoning", fields)).toStrictEqual([
      { type: "agent_reasoning", text: "one" },
      { type: "agent_reasoning", text: "two" },
      { type: "agent_reasoning_raw_content", text: "raw" },
    ]);
    expect(events("Reasoning")).toStrictEqual([]);
  });

  it.each([
    ["completed", "completed", true],
    ["declined", "declined", false],
    ["failed", "failed", false],
    ["in_progress", "failed", false],
    [undefined, "failed", false],
  ])("a file change that is %s ends as %s", (status, ended, success) => {
    const changes = { "/a": { type: "add", content: "" } };
    const end = { type: "patch_apply_end", call_id: "i", turn_id: "t", stdout: "", stderr: "", changes };
    expect(events("FileChange", { status, changes })).toStrictEqual([{ ...end, success, status: ended }]);
  });

  it("a tool call tells its result, or why it failed", () => {
    const call = { server: "s", tool: "t", arguments: { a: 1 }, duration: { secs: 1, nanos: 2 } };
    const invocation = { server: "s", tool: "t", arguments: { a: 1 } };
    const end = { type: "mcp_tool_call_end", call_id: "i", invocation, duration: { secs: 1, nanos: 2 } };
    const content = [{ type: "text", text: "x" }];
    expect(events("McpToolCall", { ...call, result: { content, isError: false } })).toStrictEqual([
      { ...end, result: { Ok: { content, isError: false } } },
    ]);
    expect(events("McpToolCall", { ...call, error: { message: "broken" } })).toStrictEqual([
      { ...end, result: { Err: "broken" } },
    ]);
    expect(events("McpToolCall", { ...call, error: {} })).toStrictEqual([{ ...end, result: { Err: "failed" } }]);
  });

  it("a tool call that tells little took no time and has no content", () => {
    expect(events("McpToolCall", { server: "s", tool: "t" })).toStrictEqual([
      {
        type: "mcp_tool_call_end",
        call_id: "i",
        invocation: { server: "s", tool: "t", arguments: null },
        duration: { secs: 0, nanos: 0 },
        result: { Ok: { content: [] } },
      },
    ]);
  });

  it("a web search has a query and an action", () => {
    const action = { type: "search", query: "q" };
    const end = { type: "web_search_end", call_id: "i" };
    expect(events("WebSearch", { query: "q", action })).toStrictEqual([{ ...end, query: "q", action }]);
    expect(events("WebSearch")).toStrictEqual([{ ...end, query: "", action: { type: "other" } }]);
  });

  it("a picture that was made has a status and a result", () => {
    const end = { type: "image_generation_end", call_id: "i" };
    const fields = { status: "failed", revised_prompt: "p", result: "r" };
    expect(events("ImageGeneration", fields)).toStrictEqual([{ ...end, ...fields }]);
    expect(events("ImageGeneration")).toStrictEqual([
      { ...end, status: "completed", revised_prompt: null, result: "" },
    ]);
  });

  it("compactions and reviews are told", () => {
    const target = { type: "uncommittedChanges" };
    expect(events("ContextCompaction")).toStrictEqual([{ type: "context_compacted" }]);
    expect(events("EnteredReviewMode", { target })).toStrictEqual([
      { type: "entered_review_mode", target, user_facing_hint: null },
    ]);
    expect(events("ExitedReviewMode")).toStrictEqual([{ type: "exited_review_mode", review_output: null }]);
  });
});
