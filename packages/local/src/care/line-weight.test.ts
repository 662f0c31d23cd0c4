import { describe, expect, it } from "vitest";
import { type LineWeight, weighLine } from "./line-weight.js";

const TIME = '"timestamp":"2026-11-20T10:51:48.248Z"';

function weigh(text: string): LineWeight {
  const padded = Buffer.from(`\n${text}\n`);
  return weighLine({ buffer: padded, start: 1, end: padded.length - 1 });
}

const event = (payload: string) => `{${TIME},"ordinal":7,"type":"event_msg","payload":${payload}}`;
const item = (type: string) =>
  event(`{"type":"item_completed","thread_id":"a","turn_id":"b","item":{"type":"${type}"}}`);
const response = (type: string) => `{${TIME},"type":"response_item","payload":{"type":"${type}"}}`;

describe("weighLine", () => {
  it.each([
    [`{${TIME},"type":"session_meta","payload":{"id":"x"}}`, "context"],
    [`{${TIME},"type":"world_state","payload":{"id":"x"}}`, "context"],
    [`{${TIME},"type":"compacted","payload":{"message":""}}`, "compactions"],
    [`{${TIME},"type":"token_usage_record","payload":{"total":1}}`, "events"],
    [`{${TIME},"type":"something_new","payload":{"type":"event_msg"}}`, "other"],
    [event('{"type":"user_message","message":"hello"}'), "messages"],
    [event('{"type":"agent_reasoning","text":"hm"}'), "reasoning"],
    [event('{"type":"exec_command_end","call_id":"c"}'), "tools"],
    [event('{"type":"token_count","info":null}'), "events"],
    [event('{"type":"agent_message_delta","delta":"x"}'), "events"],
    [item("AgentMessage"), "messages"],
    [item("Reasoning"), "reasoning"],
    [item("CommandExecution"), "tools"],
    [item("ToolOfTomorrow"), "tools"],
    [item("ContextCompaction"), "compactions"],
    [response("message"), "messages"],
    [response("reasoning"), "reasoning"],
    [response("function_call_output"), "tools"],
    [response("ghost_snapshot"), "context"],
    ["garbage", "other"],
    ["", "other"],
  ])("says what Codex's lines are for: %s", (line, kind) => {
    expect(weigh(line)).toEqual(expect.objectContaining({ kind, base64Bytes: 0 }));
  });

  it.each([
    [`{"type":"event_msg","payload":{"message":"hello","type":"user_message"},${TIME}}`, "messages", "message"],
    [event('{"turn_id":"t","type":"task_started"}'), "events", "turn"],
    [`{"type":"response_item", "payload":{"output":"x","type":"function_call_output"}}`, "tools", null],
    [event('{"type":"item_completed","item":{"id":"1","type":"UserMessage"}}'), "messages", null],
    [event(`{"turn_id":"t","type":"item_completed","item":{"id":"1","type":"Reasoning"}}`), "reasoning", null],
    [`{"type":"compacted","payload":{}}`, "compactions", null],
    [`{"type":"event_msg","payload":{"type":"of tomorrow"}}`, "events", null],
    ['{"payload":{}}', "other", null],
  ])("looks at the whole of a line in another order: %s", (line, kind, begins) => {
    expect(weigh(line)).toEqual({ kind, base64Bytes: 0, begins });
  });

  it.each(["constructor", "valueOf", "__proto__"])("takes %s for a name that nobody knows", (name) => {
    const kinds = [`{"type":"${name}","payload":{}}`, event(`{"type":"${name}"}`), item(name), response(name)];
    expect(kinds.map((line) => weigh(line).kind)).toEqual(["other", "events", "tools", "tools"]);
  });

  it("tells where turns begin", () => {
    const begins = (type: string) => weigh(event(`{"type":"${type}","turn_id":"t"}`)).begins;
    expect(["task_started", "turn_started", "user_message", "task_complete"].map(begins)).toEqual([
      "turn",
      "turn",
      "message",
      null,
    ]);
  });

  it("counts base64 in data URLs, in contents of tools and in results, and nothing that is short", () => {
    const run = "iVBORw0KGgo+/".repeat(100);
    const inside = (text: string) => weigh(event(`{"type":"user_message",${text}}`)).base64Bytes;
    expect(inside(`"images":["data:image/png;base64,${run}","data:image/png;base64,${run}=="]`)).toBe(
      2 * run.length + 2,
    );
    expect(inside(`"content":[{"type":"image","data":"${run}","mimeType":"image/png"}]`)).toBe(run.length);
    expect(inside(`"result":"${run}"`)).toBe(run.length);
    expect(inside(`"output":"{\\"url\\":\\"data:image/png;base64,${run}\\"}"`)).toBe(run.length);
    expect(inside(`"message":"data:image/png;base64, ${run} and ${"word ".repeat(100)}"`)).toBe(0);
    expect(inside(`"data":"${run.slice(0, 200)}","padding":"${"x ".repeat(200)}"`)).toBe(0);
  });
});
