import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RolloutItem } from "../protocol/rollout-item.js";
import { applyPersistencePolicy, policyOf } from "./persistence-policy.js";

fc.configureGlobal({ seed: 20_261_120, numRuns: 100 });

const POLICIES = ["limited", "extended", "legacy", "paginated"] as const;

/** What is durable, by policy. A turn item stands behind the event that completes it. */
const EVENTS = readTable(`
  event                          limited  extended  legacy  paginated
  user_message                   yes      yes       yes     no
  agent_message                  yes      yes       yes     no
  agent_reasoning                yes      yes       yes     no
  agent_reasoning_raw_content    yes      yes       yes     no
  context_compacted              yes      yes       yes     no
  entered_review_mode            yes      yes       yes     no
  exited_review_mode             yes      yes       yes     no
  image_generation_end           yes      yes       yes     no
  sub_agent_activity             yes      yes       yes     no

  token_count                    yes      yes       yes     yes
  thread_rolled_back             yes      yes       yes     yes
  turn_aborted                   yes      yes       yes     yes
  task_started                   yes      yes       yes     yes
  turn_started                   yes      yes       yes     yes
  task_complete                  yes      yes       yes     yes
  turn_complete                  yes      yes       yes     yes
  thread_name_updated            yes      yes       yes     yes
  undo_completed                 yes      yes       yes     yes
  thread_goal_updated            yes      yes       yes     yes
  thread_settings_applied        yes      yes       yes     yes

  patch_apply_end                no       yes       yes     no
  mcp_tool_call_end              no       yes       yes     no
  web_search_end                 no       yes       yes     no

  item_completed:Plan            yes      yes       yes     yes
  item_completed:Sleep           no       no        yes     yes
  item_completed:UserMessage     no       no        no      yes
  item_completed:AgentMessage    no       no        no      yes
  item_completed:CommandExecution  no     no        no      yes
  item_completed:Unheard         no       no        no      yes
  item_completed                 no       no        no      yes

  error                          no       yes       no      no
  guardian_assessment            no       yes       no      no
  exec_command_end               no       yes       no      no
  view_image_tool_call           no       yes       no      no
  collab_agent_spawn_end         no       yes       no      no
  collab_agent_interaction_end   no       yes       no      no
  collab_waiting_end             no       yes       no      no
  collab_close_end               no       yes       no      no
  collab_resume_end              no       yes       no      no
  dynamic_tool_call_request      no       yes       no      no
  dynamic_tool_call_response     no       yes       no      no

  agent_message_delta            no       no        no      no
  agent_message_content_delta    no       no        no      no
  agent_reasoning_delta          no       no        no      no
  agent_reasoning_raw_content_delta  no   no        no      no
  agent_reasoning_section_break  no       no        no      no
  reasoning_content_delta        no       no        no      no
  reasoning_raw_content_delta    no       no        no      no
  exec_command_output_delta      no       no        no      no
  plan_delta                     no       no        no      no
  exec_command_begin             no       no        no      no
  patch_apply_begin              no       no        no      no
  mcp_tool_call_begin            no       no        no      no
  web_search_begin               no       no        no      no
  image_generation_begin         no       no        no      no
  collab_agent_spawn_begin       no       no        no      no
  collab_agent_interaction_begin  no      no        no      no
  collab_waiting_begin           no       no        no      no
  collab_close_begin             no       no        no      no
  collab_resume_begin            no       no        no      no
  exec_approval_request          no       no        no      no
  apply_patch_approval_request   no       no        no      no
  elicitation_request            no       no        no      no
  request_user_input             no       no        no      no
  warning                        no       no        no      no
  guardian_warning               no       no        no      no
  stream_error                   no       no        no      no
  hook_started                   no       no        no      no
  hook_completed                 no       no        no      no
  realtime_conversation_started  no       no        no      no
  realtime_conversation_realtime  no      no        no      no
  realtime_conversation_closed   no       no        no      no
  mcp_startup_update             no       no        no      no
  mcp_startup_complete           no       no        no      no
  plan_update                    no       no        no      no
  turn_diff                      no       no        no      no
  shutdown_complete              no       no        no      no
  item_started                   no       no        no      no
  session_configured             no       no        no      no
  raw_response_item              no       no        no      no
`);

const RESPONSE_ITEMS = readTable(`
  item                           limited  extended  legacy  paginated
  message                        yes      yes       yes     yes
  agent_message                  yes      yes       yes     yes
  reasoning                      yes      yes       yes     yes
  local_shell_call               yes      yes       yes     yes
  function_call                  yes      yes       yes     yes
  function_call_output           yes      yes       yes     yes
  tool_search_call               yes      yes       yes     yes
  tool_search_output             yes      yes       yes     yes
  custom_tool_call               yes      yes       yes     yes
  custom_tool_call_output        yes      yes       yes     yes
  web_search_call                yes      yes       yes     yes
  image_generation_call          yes      yes       yes     yes
  compaction                     yes      yes       yes     yes
  context_compaction             yes      yes       yes     yes
  ghost_snapshot                 yes      yes       yes     yes
  additional_tools               yes      yes       yes     no
  compaction_trigger             no       no        no      no
  other                          no       no        no      no
`);

/** Events that a remote client sends one by one, whatever it was asked to keep. Its threads are legacy. */
const SENT_BY_REMOTE_CLIENTS = {
  kept: [
    "user_message",
    "agent_message",
    "agent_reasoning",
    "agent_reasoning_raw_content",
    "token_count",
    "context_compacted",
    "entered_review_mode",
    "exited_review_mode",
    "thread_rolled_back",
    "undo_completed",
    "turn_aborted",
    "task_started",
    "task_complete",
    "thread_name_updated",
  ],
  dropped: [
    "session_configured",
    "warning",
    "agent_message_delta",
    "agent_message_content_delta",
    "item_started",
    "item_completed",
    "raw_response_item",
    "exec_command_begin",
    "exec_command_end",
    "mcp_startup_complete",
    "collab_agent_spawn_begin",
    "collab_agent_spawn_end",
  ],
} as const;

describe("applyPersistencePolicy", () => {
  it.each(EVENTS)("event $name", ({ name, fate }) => {
    expect(fateOf(eventNamed(name))).toStrictEqual(fate);
  });

  it.each(RESPONSE_ITEMS)("response item $name", ({ name, fate }) => {
    expect(fateOf({ type: "response_item", payload: { type: name } })).toStrictEqual(fate);
  });

  it("of what remote clients send, legacy threads keep what replays the conversation", () => {
    const all = [...SENT_BY_REMOTE_CLIENTS.kept, ...SENT_BY_REMOTE_CLIENTS.dropped];
    const kept = all.filter((name) => applyPersistencePolicy(eventNamed(name), "legacy") !== null);
    expect(kept).toStrictEqual(SENT_BY_REMOTE_CLIENTS.kept);
  });

  it.each([
    "session_meta",
    "turn_context",
    "compacted",
    "inter_agent_communication",
    "inter_agent_communication_metadata",
    "world_state",
    "realtime_item",
    "retained_context",
    "security_risk_score",
    "token_usage_record",
    "a_kind_of_the_future",
    "",
  ])("items of kind %j are always kept, whatever their payload says", (type) => {
    expect(fateOf({ type, payload: { type: "item_started" } })).toStrictEqual([true, true, true, true]);
    expect(fateOf({ type, payload: { type: "other" } })).toStrictEqual([true, true, true, true]);
  });

  it.each(["event_msg", "response_item"])("%s: names of the future, and payloads without one, are kept", (type) => {
    const payloads = [{ type: "not_yet_known" }, { type: "user_message_delta" }, { type: 5 }, {}, null, "text", [], 7];
    for (const payload of payloads) expect(fateOf({ type, payload })).toStrictEqual([true, true, true, true]);
  });

  it("names of object members are names like any other", () => {
    for (const name of ["constructor", "__proto__", "toString"]) {
      expect(fateOf(eventNamed(name))).toStrictEqual([true, true, true, true]);
    }
  });

  it("what is kept is the very object that was given", () => {
    const item = { ...eventNamed("token_count"), metadata: { unknown: [1] } };
    for (const policy of POLICIES) expect(applyPersistencePolicy(item, policy)).toBe(item);
  });
});

describe("the extended policy", () => {
  it("keeps 10,000 bytes of a command's output and no copies of it", () => {
    const item = commandEnd("x".repeat(10_001));
    expect(applyPersistencePolicy(item, "extended")).toStrictEqual({
      type: "event_msg",
      metadata: { kept: true },
      payload: {
        type: "exec_command_end",
        call_id: "call",
        exit_code: 1,
        aggregated_output: `${"x".repeat(4_998)}…${"x".repeat(4_998)}`,
        stdout: "",
        stderr: "",
        formatted_output: "",
      },
    });
  });

  it("leaves an output of 10,000 bytes as it is", () => {
    for (const output of ["", "x".repeat(10_000), "é".repeat(5_000), "😀".repeat(2_500)]) {
      expect(shortened(output)).toBe(output);
    }
  });

  it("cuts the middle between two characters, within the bound and close to it", () => {
    const texts = fc.string({ unit: fc.constantFrom("a", "é", "日", "😀", "\n"), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(texts, texts, (start, unit) => {
        const output = start + unit.repeat(Math.ceil(10_001 / byteLength(unit)));
        const text = shortened(output);
        const [head = "", tail = "", ...others] = text.split("…");
        expect(others).toStrictEqual([]);
        expect([output.startsWith(head), output.endsWith(tail)]).toStrictEqual([true, true]);
        expect([...head, ...tail].filter((character) => /\p{Surrogate}/u.test(character))).toStrictEqual([]);
        expect(byteLength(text)).toBeLessThanOrEqual(10_000);
        expect(byteLength(text)).toBeGreaterThan(9_990);
      }),
    );
  });

  it("a byte order mark where a kept part begins is a character like any other", () => {
    const mark = "\uFEFF";
    const text = shortened(mark + "x".repeat(10_000) + mark + "y".repeat(4_995));
    expect([text.startsWith(`${mark}x`), text.includes(`…${mark}y`)]).toStrictEqual([true, true]);
  });
});

describe("policyOf", () => {
  it("is the mode a caller asks for, else that of the history", () => {
    expect(policyOf("paginated", undefined)).toBe("paginated");
    expect(policyOf("legacy", undefined)).toBe("legacy");
    expect(policyOf("paginated", "limited")).toBe("limited");
    expect(policyOf("legacy", "extended")).toBe("extended");
  });
});

interface Row {
  readonly name: string;
  /** Whether it is kept, in the order of POLICIES. */
  readonly fate: readonly boolean[];
}

function readTable(table: string): readonly Row[] {
  const [header, ...rows] = table.split("\n").map((line) => line.trim().split(/ +/));
  const lines = [header, ...rows].filter((cells) => cells !== undefined && cells.length > 1) as string[][];
  const [columns, ...body] = lines;
  if (columns?.slice(1).join() !== POLICIES.join()) throw new Error(`unexpected columns: ${columns}`);
  return body.map(([name = "", ...cells]) => ({ name, fate: cells.map((cell) => cell === "yes") }));
}

function eventNamed(name: string): RolloutItem {
  const [type, turnItem] = name.split(":");
  return { type: "event_msg", payload: { type, ...(turnItem === undefined ? {} : { item: { type: turnItem } }) } };
}

function fateOf(item: RolloutItem): readonly boolean[] {
  return POLICIES.map((policy) => applyPersistencePolicy(item, policy) !== null);
}

function commandEnd(output: string): RolloutItem {
  const payload = {
    type: "exec_command_end",
    call_id: "call",
    aggregated_output: output,
    stdout: output,
    stderr: "e",
    formatted_output: output,
    exit_code: 1,
  };
  return { type: "event_msg", payload, metadata: { kept: true } };
}

function shortened(output: string): string {
  const { payload } = applyPersistencePolicy(commandEnd(output), "extended") as RolloutItem;
  return (payload as { aggregated_output: string }).aggregated_output;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
