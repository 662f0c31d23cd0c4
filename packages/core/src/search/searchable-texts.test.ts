import { describe, expect, it } from "vitest";
import type { JsonObject } from "../protocol/json-value.js";
import { searchableTexts } from "./searchable-texts.js";

const event = (payload: JsonObject) => searchableTexts({ type: "event_msg", payload });
const response = (payload: JsonObject) => searchableTexts({ type: "response_item", payload });
const seen = (item: JsonObject) => event({ type: "item_completed", item });
const message = (role: string, text: string) =>
  response({ type: "message", role, content: [{ type: "input_text", text }] });

describe("what is said", () => {
  it.each([
    ["an event of a user", event({ type: "user_message", message: "hello" })],
    ["an event of an agent", event({ type: "agent_message", message: "hello" })],
    [
      "a turn item of a user",
      seen({ type: "UserMessage", content: [{ type: "text", text: "hello" }, { type: "image" }] }),
    ],
    [
      "a turn item of an agent",
      seen({ type: "AgentMessage", content: [{ type: "Text", text: "hel" }, { text: "lo" }] }),
    ],
    ["a plan", seen({ type: "Plan", text: "hello" })],
    ["a message to the model", message("user", "hello")],
    ["a message of the model", message("assistant", "hello")],
  ])("in %s is a message", (_where, texts) => {
    expect(texts).toStrictEqual([{ scope: "messages", text: "hello" }]);
  });

  it("by the harness is left out, but for what it says about turns", () => {
    expect(message("user", "<environment_context>\n<cwd>/</cwd>")).toStrictEqual([]);
    expect(message("user", "# AGENTS.md instructions for /project")).toStrictEqual([]);
    expect(message("developer", "be brief")).toStrictEqual([]);
    expect(message("user", "<turn_aborted>\nwhy")).toStrictEqual([{ scope: "messages", text: "<turn_aborted>\nwhy" }]);
  });
});

describe("tools and thoughts", () => {
  it.each([
    ["a call", response({ type: "function_call", name: "grep", arguments: '{"a":1}' }), ["grep", '{"a":1}']],
    ["an output", response({ type: "function_call_output", output: "found" }), ["found"]],
    [
      "an output in parts",
      response({ type: "function_call_output", output: [{ text: "a" }, { text: "b" }] }),
      ["a\nb"],
    ],
    [
      "a command",
      seen({ type: "CommandExecution", command: ["ls", "-l"], aggregated_output: "files" }),
      ["ls -l", "files"],
    ],
    ["an old command", event({ type: "exec_command_end", command: ["ls"], aggregated_output: "" }), ["ls"]],
    [
      "a tool of a client",
      seen({ type: "DynamicToolCall", tool: "t", arguments: {}, content_items: [{ text: "x" }] }),
      ["t", "{}", "x"],
    ],
  ])("%s is searched as a tool", (_what, texts, expected) => {
    expect(texts).toStrictEqual(expected.map((text) => ({ scope: "tools", text })));
  });

  it("thoughts are reasoning", () => {
    const texts = [
      ...seen({ type: "Reasoning", summary_text: ["a", "b"], raw_content: [] }),
      ...event({ type: "agent_reasoning", text: "c" }),
      ...response({ type: "reasoning", summary: [{ type: "summary_text", text: "d" }], content: null }),
    ];
    expect(texts).toStrictEqual(["a\nb", "c", "d"].map((text) => ({ scope: "reasoning", text })));
  });

  it("nothing is said by other records, whatever they hold", () => {
    for (const payload of [null, "text", 7, [], { type: "token_count" }, { type: "item_completed" }]) {
      expect(searchableTexts({ type: "event_msg", payload })).toStrictEqual([]);
      expect(searchableTexts({ type: "turn_context", payload })).toStrictEqual([]);
      expect(searchableTexts({ type: "response_item", payload })).toStrictEqual([]);
    }
  });
});
