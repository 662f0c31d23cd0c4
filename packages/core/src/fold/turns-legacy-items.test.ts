import { describe, expect, it } from "vitest";
import { agentMessage, event, type Fields, userMessage } from "../../test/support/rollout-items.js";
import {
  commandEnd,
  itemCompleted,
  legacyTurns,
  outlineOf,
  taskComplete,
  taskStarted,
  timeAt,
  turnItemOf,
  turnOf,
} from "../../test/support/turn-histories.js";
import type { RolloutItem } from "../protocol/rollout-item.js";

describe("reasoning of a legacy thread", () => {
  it("that follows other reasoning belongs to the same item, summaries and raw content apart", () => {
    expect(legacyTurns(summary("a"), raw("b"), summary("c"), raw("d"))).toStrictEqual([
      turnOf("rollout-0", [0, 4], {
        items: [
          turnItemOf("rollout-0", 0, {
            type: "Reasoning",
            id: "item-1",
            summary_text: ["a", "c"],
            raw_content: ["b", "d"],
          }),
        ],
      }),
    ]);
  });

  it("may begin with raw content", () => {
    expect(itemsOf(raw("a"), summary(""))).toStrictEqual([
      { type: "Reasoning", id: "item-1", summary_text: [], raw_content: ["a"] },
    ]);
  });

  it.each([
    ["a tool", commandEnd("call"), "call", "item-2"],
    ["a message", agentMessage("text"), "item-2", "item-3"],
    ["a recorded item", itemCompleted(null, { type: "Plan", id: "plan" }), "plan", "item-2"],
  ])("begins another item after %s", (_what, between, betweenId, nextId) => {
    expect(outlineOf(legacyTurns(summary("a"), between, summary("b")))).toStrictEqual([
      ["rollout-0", [0, 3], "completed", ["item-1", betweenId, nextId]],
    ]);
  });

  it("goes on after the news of a tool that stands before it", () => {
    expect(outlineOf(legacyTurns(commandEnd("call"), summary("a"), commandEnd("call"), summary("b")))).toStrictEqual([
      ["rollout-0", [0, 4], "completed", ["call", "item-1"]],
    ]);
  });

  it("goes on after items of other turns, and never in another turn", () => {
    const late = commandEnd("call", { turn_id: "t" });
    const turns = legacyTurns(
      taskStarted("t"),
      taskStarted("u"),
      summary("a"),
      late,
      summary("b"),
      taskStarted("v"),
      summary("c"),
    );
    expect(outlineOf(turns)).toStrictEqual([
      ["t", [0, 4], "inProgress", ["call"]],
      ["u", [1, 5], "inProgress", ["item-1"]],
      ["v", [5, 7], "inProgress", ["item-2"]],
    ]);
  });
});

describe("a tool of a legacy thread", () => {
  it.each([
    ["exec_command_end", "CommandExecution"],
    ["patch_apply_end", "FileChange"],
    ["mcp_tool_call_end", "McpToolCall"],
    ["web_search_end", "WebSearch"],
    ["image_generation_end", "ImageGeneration"],
    ["view_image_tool_call", "ImageView"],
    ["dynamic_tool_call_response", "DynamicToolCall"],
    ["sub_agent_activity", "SubAgentActivity"],
  ])("is shown by the id of its call: %s as %s", (type, itemType) => {
    const fields = { turn_id: "t", status: "completed", nested: { deep: [1, null] } };
    expect(legacyTurns(taskStarted("t"), event(type, { call_id: "call", ...fields }))).toStrictEqual([
      turnOf("t", [0, 2], {
        status: "inProgress",
        startedAt: timeAt(0),
        items: [turnItemOf("t", 1, { type: itemType, id: "call", status: "completed", nested: { deep: [1, null] } })],
      }),
    ]);
  });

  it("that is told again is the newer one, at the place of the older", () => {
    const turns = legacyTurns(
      taskStarted("t"),
      commandEnd("a", { exit_code: 1, stdout: "x" }),
      commandEnd("b"),
      commandEnd("a", { exit_code: 0 }),
    );
    expect(turns[0]?.items).toStrictEqual([
      turnItemOf("t", 1, { type: "CommandExecution", id: "a", exit_code: 0 }),
      turnItemOf("t", 2, { type: "CommandExecution", id: "b" }),
    ]);
  });

  it("that ends late belongs to the turn it names, finished or not", () => {
    const turns = legacyTurns(
      taskStarted("t"),
      taskComplete("t"),
      taskStarted("u"),
      commandEnd("late", { turn_id: "t" }),
      commandEnd("call"),
    );
    expect(turns).toStrictEqual([
      turnOf("t", [0, 4], {
        startedAt: timeAt(0),
        completedAt: timeAt(1),
        items: [turnItemOf("t", 3, { type: "CommandExecution", id: "late" })],
      }),
      turnOf("u", [2, 5], {
        status: "inProgress",
        startedAt: timeAt(2),
        items: [turnItemOf("u", 4, { type: "CommandExecution", id: "call" })],
      }),
    ]);
  });

  it("of a turn that is unknown is dropped", () => {
    expect(outlineOf(legacyTurns(taskStarted("t"), commandEnd("call", { turn_id: "unknown" })))).toStrictEqual([
      ["t", [0, 1], "inProgress", []],
    ]);
  });

  it("of the same call in another turn is another item", () => {
    expect(
      outlineOf(legacyTurns(taskStarted("t"), commandEnd("call"), taskStarted("u"), commandEnd("call"))),
    ).toStrictEqual([
      ["t", [0, 2], "inProgress", ["call"]],
      ["u", [2, 4], "inProgress", ["call"]],
    ]);
  });
});

describe("a recorded item of a legacy thread", () => {
  it.each([
    "Plan",
    "HookPrompt",
    "FunctionCallOutput",
    "CommandExecution",
    "DynamicToolCall",
    "CollabAgentToolCall",
    "SubAgentActivity",
    "Extension",
    "Sleep",
    "EnteredReviewMode",
    "ExitedReviewMode",
  ])("is shown as it is, with its times: %s", (type) => {
    const times = { started_at_ms: 1_000, completed_at_ms: 2_500 };
    const turns = legacyTurns(taskStarted("t"), itemCompleted("t", { type, id: "id", more: 1 }, times));
    expect(turns[0]?.items).toStrictEqual([
      {
        ...turnItemOf("t", 1, { type, id: "id", more: 1 }),
        createdAt: "1970-01-01T00:00:01.000Z",
        startedAt: "1970-01-01T00:00:01.000Z",
        completedAt: "1970-01-01T00:00:02.500Z",
      },
    ]);
  });

  it.each([
    "UserMessage",
    "AgentMessage",
    "Reasoning",
    "WebSearch",
    "ImageView",
    "ImageGeneration",
    "FileChange",
    "McpToolCall",
    "ContextCompaction",
    "AKindOfTheFuture",
  ])("is passed over when older events stand for it: %s", (type) => {
    expect(legacyTurns(itemCompleted(null, { type, id: "id" }))).toStrictEqual([]);
  });

  it("of a turn that is unknown is dropped, one of no turn belongs to the open one", () => {
    const plan = { type: "Plan", id: "plan" };
    expect(legacyTurns(itemCompleted("unknown", plan))).toStrictEqual([]);
    expect(outlineOf(legacyTurns(itemCompleted(null, plan)))).toStrictEqual([
      ["rollout-0", [0, 1], "completed", ["plan"]],
    ]);
  });
});

describe("a mark in a legacy thread", () => {
  it("of a compaction is an item", () => {
    expect(itemsOf(event("context_compacted"))).toStrictEqual([{ type: "ContextCompaction", id: "item-1" }]);
  });

  it("of a review shows what was asked and what came of it", () => {
    const target = { type: "custom", instructions: "Look." };
    const review = { findings: [], overall_correctness: "" };
    expect(
      itemsOf(
        event("entered_review_mode", { target, user_facing_hint: "Look." }),
        event("exited_review_mode", { review_output: review }),
      ),
    ).toStrictEqual([
      { type: "EnteredReviewMode", id: "item-1", target, user_facing_hint: "Look." },
      { type: "ExitedReviewMode", id: "item-2", review_output: review },
    ]);
  });

  it("of a review stands in the turn that is open when it comes", () => {
    const turns = legacyTurns(
      userMessage("review"),
      event("entered_review_mode"),
      taskStarted("inner"),
      userMessage("do"),
      event("exited_review_mode"),
      agentMessage("done"),
      taskComplete("inner"),
    );
    expect(outlineOf(turns)).toStrictEqual([
      ["rollout-0", [0, 2], "completed", ["item-1", "item-2"]],
      ["inner", [2, 7], "completed", ["item-3", "item-4", "item-5"]],
    ]);
  });
});

describe("a hook's prompt", () => {
  const text = '<hook_prompt hook_run_id="run">Stop.</hook_prompt>';
  const fragments = [{ text: "Stop.", hook_run_id: "run" }];

  it("is an item by the id of its message, or else by number", () => {
    expect(itemsOf(hookMessage([text], { id: "msg" }), hookMessage([text]))).toStrictEqual([
      { type: "HookPrompt", id: "msg", fragments },
      { type: "HookPrompt", id: "item-1", fragments },
    ]);
  });

  it("belongs to the open turn, and ends a run of reasoning", () => {
    const turns = legacyTurns(taskStarted("t"), summary("a"), hookMessage([text], { id: "msg" }), summary("b"));
    expect(outlineOf(turns)).toStrictEqual([["t", [0, 4], "inProgress", ["item-1", "msg", "item-2"]]]);
  });
});

function summary(text: string): RolloutItem {
  return event("agent_reasoning", { text });
}

function raw(text: string): RolloutItem {
  return event("agent_reasoning_raw_content", { text });
}

function hookMessage(texts: readonly string[], fields: Fields = {}): RolloutItem {
  const content = texts.map((text) => ({ type: "input_text", text }));
  return { type: "response_item", payload: { type: "message", role: "user", content, ...fields } };
}

/** The items of the only turn. */
function itemsOf(...history: readonly RolloutItem[]) {
  const turns = legacyTurns(...history);
  expect(turns.length).toBe(1);
  return turns[0]?.items.map(({ item }) => item);
}
