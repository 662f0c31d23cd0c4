import { describe, expect, it } from "vitest";
import {
  agentMessage,
  COMPACTED,
  event,
  sessionMeta,
  turnContext,
  userMessage,
} from "../../test/support/rollout-items.js";
import {
  agentItem,
  commandEnd,
  legacyTurns,
  outlineOf,
  rolledBack,
  taskComplete,
  taskStarted,
  timeAt,
  turnItemOf,
  turnOf,
  userItem,
} from "../../test/support/turn-histories.js";

describe("a legacy turn that no event started", () => {
  it("begins with a user message, is named by its ordinal and is completed", () => {
    expect(legacyTurns(sessionMeta({}), userMessage("hi"), agentMessage("hello"))).toStrictEqual([
      turnOf("rollout-1", [1, 3], {
        items: [
          turnItemOf("rollout-1", 1, userItem("item-1", "hi")),
          turnItemOf("rollout-1", 2, agentItem("item-2", "hello")),
        ],
      }),
    ]);
  });

  it("ends where the next user message begins another", () => {
    const turns = legacyTurns(
      userMessage("a"),
      agentMessage("b"),
      turnContext({}),
      userMessage("c"),
      agentMessage("d"),
    );
    expect(outlineOf(turns)).toStrictEqual([
      ["rollout-0", [0, 2], "completed", ["item-1", "item-2"]],
      ["rollout-3", [3, 5], "completed", ["item-3", "item-4"]],
    ]);
  });

  it("begins with whatever is shown first", () => {
    expect(outlineOf(legacyTurns(agentMessage("a"), agentMessage("b"), userMessage("c")))).toStrictEqual([
      ["rollout-0", [0, 2], "completed", ["item-1", "item-2"]],
      ["rollout-2", [2, 3], "completed", ["item-3"]],
    ]);
    expect(outlineOf(legacyTurns(commandEnd("call")))).toStrictEqual([["rollout-0", [0, 1], "completed", ["call"]]]);
  });

  it("begins after the end of a turn that was started", () => {
    const turns = legacyTurns(taskStarted("t"), taskComplete("t"), agentMessage("a"), userMessage("b"));
    expect(outlineOf(turns)).toStrictEqual([
      ["t", [0, 2], "completed", []],
      ["rollout-2", [2, 3], "completed", ["item-1"]],
      ["rollout-3", [3, 4], "completed", ["item-2"]],
    ]);
  });

  it("is made by nothing that shows nothing", () => {
    const silent = [
      sessionMeta({}),
      turnContext({}),
      agentMessage(""),
      event("agent_reasoning", { text: "" }),
      event("agent_reasoning_raw_content"),
      event("token_count", { info: {} }),
      event("a_kind_of_the_future", { call_id: "call", text: "text" }),
      event("exec_command_end", { call_id: "" }),
      event("error", { message: "no" }),
      { type: "response_item", payload: { type: "message", role: "user", content: [] } },
      { type: "event_msg", payload: null },
      { type: "event_msg", payload: ["user_message"] },
      { type: "compacted", payload: "text" },
    ];
    expect(legacyTurns(...silent)).toStrictEqual([]);
  });
});

describe("a legacy turn that an event started", () => {
  it("is in progress until it ends, and holds every user message of that time", () => {
    expect(legacyTurns(taskStarted("t"), userMessage("a"), userMessage("b"))).toStrictEqual([
      turnOf("t", [0, 3], {
        status: "inProgress",
        startedAt: timeAt(0),
        items: [turnItemOf("t", 1, userItem("item-1", "a")), turnItemOf("t", 2, userItem("item-2", "b"))],
      }),
    ]);
  });

  it("is kept when nothing happens in it", () => {
    expect(legacyTurns(taskStarted("a"), taskStarted("b"), taskComplete("b"))).toStrictEqual([
      turnOf("a", [0, 1], { status: "inProgress", startedAt: timeAt(0) }),
      turnOf("b", [1, 3], { startedAt: timeAt(1), completedAt: timeAt(2) }),
    ]);
  });

  it("ends the one that was open", () => {
    const turns = legacyTurns(userMessage("a"), taskStarted("t"), agentMessage("b"));
    expect(outlineOf(turns)).toStrictEqual([
      ["rollout-0", [0, 1], "completed", ["item-1"]],
      ["t", [1, 3], "inProgress", ["item-2"]],
    ]);
  });

  it("is named by its ordinal when the event has no id", () => {
    expect(legacyTurns(event("task_started"), agentMessage("a"), event("task_complete"))).toStrictEqual([
      turnOf("rollout-0", [0, 3], {
        startedAt: timeAt(0),
        completedAt: timeAt(2),
        items: [turnItemOf("rollout-0", 1, agentItem("item-1", "a"))],
      }),
    ]);
  });
});

describe("a compaction", () => {
  it("between turns makes one of its own, which is kept without items", () => {
    expect(legacyTurns(taskStarted("t"), taskComplete("t"), COMPACTED, taskStarted("u"))).toStrictEqual([
      turnOf("t", [0, 2], { startedAt: timeAt(0), completedAt: timeAt(1) }),
      turnOf("rollout-2", [2, 3]),
      turnOf("u", [3, 4], { status: "inProgress", startedAt: timeAt(3) }),
    ]);
  });

  it("takes the user message that follows it into its turn, and no second one", () => {
    expect(outlineOf(legacyTurns(COMPACTED, userMessage("a"), userMessage("b")))).toStrictEqual([
      ["rollout-0", [0, 2], "completed", ["item-1"]],
      ["rollout-2", [2, 3], "completed", ["item-2"]],
    ]);
  });

  it("takes a user message no more when something else was shown in its turn", () => {
    expect(outlineOf(legacyTurns(COMPACTED, agentMessage("a"), userMessage("b")))).toStrictEqual([
      ["rollout-0", [0, 2], "completed", ["item-1"]],
      ["rollout-2", [2, 3], "completed", ["item-2"]],
    ]);
  });

  it("takes the user message also when something of another turn comes late before it", () => {
    const late = commandEnd("call", { turn_id: "t" });
    expect(
      outlineOf(legacyTurns(taskStarted("t"), taskComplete("t"), COMPACTED, late, userMessage("a"))),
    ).toStrictEqual([
      ["t", [0, 4], "completed", ["call"]],
      ["rollout-2", [2, 5], "completed", ["item-1"]],
    ]);
  });

  it("in a turn makes none, and does not open it for another user message", () => {
    expect(outlineOf(legacyTurns(userMessage("a"), COMPACTED, userMessage("b")))).toStrictEqual([
      ["rollout-0", [0, 1], "completed", ["item-1"]],
      ["rollout-2", [2, 3], "completed", ["item-2"]],
    ]);
    expect(outlineOf(legacyTurns(taskStarted("t"), COMPACTED, taskComplete("t")))).toStrictEqual([
      ["t", [0, 3], "completed", []],
    ]);
  });

  it("that is told twice makes one turn", () => {
    expect(legacyTurns(COMPACTED, COMPACTED)).toStrictEqual([turnOf("rollout-0", [0, 1])]);
  });
});

describe("a rollback", () => {
  const [a, b, c] = ["a", "b", "c"].map((text) => userMessage(text)) as [
    ReturnType<typeof userMessage>,
    ReturnType<typeof userMessage>,
    ReturnType<typeof userMessage>,
  ];

  it("takes the last turns away", () => {
    expect(outlineOf(legacyTurns(a, b, c, rolledBack(2)))).toStrictEqual([
      ["rollout-0", [0, 1], "completed", ["item-1"]],
    ]);
    expect(outlineOf(legacyTurns(a, b, c, rolledBack(1)))).toStrictEqual([
      ["rollout-0", [0, 1], "completed", ["item-1"]],
      ["rollout-1", [1, 2], "completed", ["item-2"]],
    ]);
  });

  it("of as many turns as there are, or more, takes all of them", () => {
    expect(legacyTurns(a, b, rolledBack(2))).toStrictEqual([]);
    expect(legacyTurns(a, b, rolledBack(3))).toStrictEqual([]);
    expect(legacyTurns(rolledBack(1))).toStrictEqual([]);
  });

  it("of none, or of no readable number, takes none, and ends the open turn", () => {
    for (const nothing of [rolledBack(0), rolledBack(-1), event("thread_rolled_back", { num_turns: "2" })]) {
      expect(outlineOf(legacyTurns(taskStarted("t"), a, nothing, agentMessage("b")))).toStrictEqual([
        ["t", [0, 2], "inProgress", ["item-1"]],
        ["rollout-3", [3, 4], "completed", ["item-2"]],
      ]);
    }
  });

  it("gives no number and no turn id again", () => {
    expect(outlineOf(legacyTurns(a, b, rolledBack(1), c, rolledBack(2), a))).toStrictEqual([
      ["rollout-5", [5, 6], "completed", ["item-4"]],
    ]);
  });

  it("counts turns that are empty", () => {
    const turns = legacyTurns(a, taskStarted("t"), taskComplete("t"), rolledBack(1));
    expect(outlineOf(turns)).toStrictEqual([["rollout-0", [0, 1], "completed", ["item-1"]]]);
  });

  it("forgets the turns it took: what is told of them later is dropped", () => {
    const turns = legacyTurns(
      a,
      taskStarted("t"),
      rolledBack(1),
      commandEnd("call", { turn_id: "t" }),
      taskComplete("t"),
    );
    expect(outlineOf(turns)).toStrictEqual([["rollout-0", [0, 1], "completed", ["item-1"]]]);
  });
});
