import { type RolloutItem, storedItem } from "@threadstore/core";
import { describe, expect, it } from "vitest";
import { itemsForCodex } from "./items-for-codex.js";

/** What a history of these items is told as. */
function told(...items: readonly RolloutItem[]): unknown[] {
  return toldTexts(...items.map((item) => JSON.stringify(item))).map((text) => JSON.parse(text));
}

function toldTexts(...texts: readonly string[]): string[] {
  const timestamp = "2026-01-15T12:00:00.000Z";
  return itemsForCodex()(texts.map((json, ordinal) => storedItem({ ordinal, timestamp, json })));
}

function event(type: string, fields: object = {}): RolloutItem {
  return { type: "event_msg", payload: { type, ...fields } };
}

function context(fields: object): RolloutItem {
  return { type: "turn_context", payload: { cwd: "/project", model: "gpt", ...fields } };
}

const META = { id: "a", timestamp: "2026-01-15T12:00:00.000Z", cwd: "/project", originator: "o", cli_version: "1" };

function meta(fields: object = {}): RolloutItem {
  return { type: "session_meta", payload: { ...META, ...fields } };
}

describe("kinds of items", () => {
  it("response items and compactions are told byte for byte", () => {
    const texts = [
      '{"type":"response_item", "payload":{"type":"message","role":"user","content":[]}}',
      '{"type":"compacted","payload":{"message":"short"},"later":1.50}',
    ];
    expect(toldTexts(...texts)).toStrictEqual(texts);
  });

  it.each(["world_state", "realtime_item", "retained_context", "security_risk_score", "of_later_times"])(
    "an item of type %s is withheld",
    (type) => {
      expect(told({ type, payload: {} })).toStrictEqual([]);
    },
  );

  it.each([[null], ["text"], [7], [["list"]]])("an item whose payload is %j is withheld", (payload) => {
    const types = ["response_item", "compacted", "turn_context", "event_msg", "session_meta"];
    expect(told(...types.map((type) => ({ type, payload })))).toStrictEqual([]);
  });

  it("halves of a character are replaced, whole ones are kept", () => {
    const texts = toldTexts('{"type":"compacted","payload":{"message":"\\ud83d and \\ud83d\\ude00"}}');
    expect(texts.map((text) => JSON.parse(text))).toStrictEqual([
      { type: "compacted", payload: { message: "\ufffd and \u{1f600}" } },
    ]);
  });

  it("the backslash of a text is no half of a character", () => {
    const text = '{"type":"compacted","payload":{"message":"a\\\\ud83d"}}';
    expect(toldTexts(text).map((one) => JSON.parse(one))).toStrictEqual([JSON.parse(text)]);
  });

  it("halves of a character in the names of members are replaced", () => {
    const changes = '{"\\ud83d.txt":{"type":"delete","content":""}}';
    const [text] = toldTexts(`{"type":"event_msg","payload":{"type":"patch_apply_end","changes":${changes}}}`);
    expect(text).not.toContain("\\ud83d");
  });
});

describe("session_meta", () => {
  it("the first one is told with what the client needs", () => {
    const fields = {
      source: "of later times",
      history_mode: "paginated",
      base_instructions: { text: "Be brief.", of: 1 },
    };
    const payload = { ...META, base_instructions: { text: "Be brief." } };
    expect(told(meta(fields))).toStrictEqual([{ type: "session_meta", payload }]);
  });

  it("tells the tools that this Codex can read", () => {
    const tool = { name: "weather", description: "Tells the weather", inputSchema: { type: "object" } };
    const dynamic_tools = [{ ...tool, type: "function", deferLoading: true }, { name: "bare" }, null, tool];
    const payload = { ...META, dynamic_tools: [{ ...tool, deferLoading: true }, tool] };
    expect(told(meta({ dynamic_tools }))).toStrictEqual([{ type: "session_meta", payload }]);
  });

  it("later ones are withheld, in later batches too", () => {
    const toTexts = itemsForCodex();
    const stored = (ordinal: number) =>
      storedItem({ ordinal, timestamp: META.timestamp, json: JSON.stringify(meta({ cwd: `/${ordinal}` })) });
    expect(toTexts([stored(0), stored(1)]).map((text) => JSON.parse(text))).toStrictEqual([meta({ cwd: "/0" })]);
    expect(toTexts([stored(2)])).toStrictEqual([]);
  });

  it.each(["id", "timestamp", "cwd", "originator", "cli_version"])(
    "one without %s is withheld, and so are those after it",
    (member) => {
      expect(told(meta({ [member]: null }), meta())).toStrictEqual([]);
    },
  );
});

describe("turn_context", () => {
  it.each([
    { approval_policy: "never" },
    { approval_policy: "on-request", sandbox_policy: { type: "read-only" } },
    { approval_policy: "untrusted", sandbox_policy: { type: "workspace-write" } },
    { approval_policy: "on-failure", sandbox_policy: { type: "danger-full-access" } },
    { approval_policy: "never", sandbox_policy: { type: "external-sandbox" } },
  ])("%j is told", (fields) => {
    expect(told(context(fields))).toStrictEqual([context(fields)]);
  });

  it.each([
    {},
    { approval_policy: "granular" },
    { approval_policy: { granular: {} } },
    { approval_policy: "never", sandbox_policy: { type: "cloud" } },
    { approval_policy: "never", sandbox_policy: {} },
  ])("%j is withheld", (fields) => {
    expect(told(context(fields))).toStrictEqual([]);
  });
});

describe("events", () => {
  it.each([
    "thread_rolled_back",
    "task_started",
    "turn_started",
    "task_complete",
    "turn_complete",
    "token_count",
    "agent_reasoning",
    "agent_reasoning_raw_content",
    "context_compacted",
    "patch_apply_end",
    "mcp_tool_call_end",
    "web_search_end",
    "image_generation_end",
    "entered_review_mode",
    "exited_review_mode",
  ])("%s is told as it is", (type) => {
    expect(told(event(type, { later: 1 }))).toStrictEqual([event(type, { later: 1 })]);
  });

  it.each([
    "exec_command_end",
    "thread_settings_applied",
    "thread_goal_updated",
    "sub_agent_activity",
    "of_later_times",
  ])("%s is withheld", (type) => {
    expect(told(event(type))).toStrictEqual([]);
  });

  it("an event without a type is withheld", () => {
    expect(told({ type: "event_msg", payload: {} }, { type: "event_msg", payload: { type: 7 } })).toStrictEqual([]);
  });

  it("a user message is told without sounds", () => {
    const fields = { message: "Hello", images: [], text_elements: [] };
    expect(told(event("user_message", { ...fields, audio: ["x"] }))).toStrictEqual([event("user_message", fields)]);
  });

  it.each(["commentary", "final_answer"])("an agent's message keeps the phase %s", (phase) => {
    const fields = { message: "Hello", phase };
    expect(told(event("agent_message", fields))).toStrictEqual([event("agent_message", fields)]);
  });

  it.each([[null], ["of later times"], [7]])("an agent's message loses the phase %j", (phase) => {
    const fields = { message: "Hello" };
    const more = { phase, memory_citation: {} };
    expect(told(event("agent_message", { ...fields, ...more }))).toStrictEqual([event("agent_message", fields)]);
  });

  it.each(["interrupted", "replaced", "review_ended", "budget_limited"])("a turn is aborted for %s", (reason) => {
    const aborted = event("turn_aborted", { turn_id: "t", reason });
    expect(told(aborted)).toStrictEqual([aborted]);
  });

  it.each([[null], ["of later times"], [7]])("a turn that is aborted for %j was interrupted", (reason) => {
    const interrupted = event("turn_aborted", { turn_id: "t", reason: "interrupted" });
    expect(told(event("turn_aborted", { turn_id: "t", reason }))).toStrictEqual([interrupted]);
  });
});
