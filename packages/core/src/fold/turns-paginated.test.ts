import { describe, expect, it } from "vitest";
import { agentMessage, COMPACTED, event, sessionMeta, userMessage } from "../../test/support/rollout-items.js";
import {
  commandEnd,
  foldHistory,
  historyOf,
  itemCompleted,
  outlineOf,
  ownMeta,
  paginatedTurns,
  rolledBack,
  taskComplete,
  taskStarted,
  timeAt,
  turnAborted,
  turnItemOf,
  turnOf,
} from "../../test/support/turn-histories.js";

const A = { type: "AgentMessage", id: "a", content: [{ type: "Text", text: "A" }], phase: "final_answer" };

describe("a completed item", () => {
  it("is shown as it was recorded, of whatever kind, in the turn it names", () => {
    const future = { type: "AKindOfTheFuture", id: "b", nested: { deep: [null, 1.5] } };
    const turns = paginatedTurns(ownMeta(), taskStarted("t"), itemCompleted("t", A), itemCompleted("t", future));
    expect(turns).toStrictEqual([
      turnOf("t", [1, 4], {
        status: "inProgress",
        startedAt: timeAt(1),
        items: [turnItemOf("t", 2, A), turnItemOf("t", 3, future)],
      }),
    ]);
  });

  it("was created when it started, or else when it was recorded", () => {
    const [turn] = paginatedTurns(
      taskStarted("t"),
      itemCompleted("t", A, { started_at_ms: 1_500, completed_at_ms: 2_750 }),
      itemCompleted("t", { ...A, id: "b" }, { completed_at_ms: 2_750 }),
      itemCompleted("t", { ...A, id: "c" }, { started_at_ms: "1500", completed_at_ms: null }),
    );
    const [startedAt, completedAt] = ["1970-01-01T00:00:01.500Z", "1970-01-01T00:00:02.750Z"];
    expect(turn?.items).toStrictEqual([
      { ...turnItemOf("t", 1, A), createdAt: startedAt, startedAt, completedAt },
      { ...turnItemOf("t", 2, { ...A, id: "b" }), completedAt },
      turnItemOf("t", 3, { ...A, id: "c" }),
    ]);
  });

  it("that is completed again is the newer one, with the place, the ordinal and the creation of the older", () => {
    const newer = { type: "AgentMessage", id: "a", content: [] };
    const [turn] = paginatedTurns(
      taskStarted("t"),
      itemCompleted("t", A, { started_at_ms: 1_000, completed_at_ms: 2_000 }),
      itemCompleted("t", { ...A, id: "b" }),
      itemCompleted("t", newer, { started_at_ms: 3_000, completed_at_ms: 4_000 }),
    );
    const [startedAt, completedAt] = ["1970-01-01T00:00:01.000Z", "1970-01-01T00:00:04.000Z"];
    expect(turn).toStrictEqual(
      turnOf("t", [0, 4], {
        status: "inProgress",
        startedAt: timeAt(0),
        items: [
          { ...turnItemOf("t", 1, newer), createdAt: startedAt, startedAt, completedAt },
          turnItemOf("t", 2, { ...A, id: "b" }),
        ],
      }),
    );
  });

  it("that is completed again without times keeps those that were known", () => {
    const [turn] = paginatedTurns(
      taskStarted("t"),
      itemCompleted("t", A, { started_at_ms: 1_000, completed_at_ms: 2_000 }),
      itemCompleted("t", A),
    );
    const [startedAt, completedAt] = ["1970-01-01T00:00:01.000Z", "1970-01-01T00:00:02.000Z"];
    expect(turn?.items).toStrictEqual([{ ...turnItemOf("t", 1, A), createdAt: startedAt, startedAt, completedAt }]);
  });

  it("that is completed again with times has those that were not known, and its first creation", () => {
    const [turn] = paginatedTurns(
      taskStarted("t"),
      itemCompleted("t", A),
      itemCompleted("t", A, { started_at_ms: 1_000, completed_at_ms: 2_000 }),
    );
    const [startedAt, completedAt] = ["1970-01-01T00:00:01.000Z", "1970-01-01T00:00:02.000Z"];
    expect(turn?.items).toStrictEqual([{ ...turnItemOf("t", 1, A), startedAt, completedAt }]);
  });

  it("of a turn that is over belongs to it, and leaves its outcome as it is", () => {
    const turns = paginatedTurns(taskStarted("t"), taskComplete("t"), taskStarted("u"), itemCompleted("t", A));
    expect(turns).toStrictEqual([
      turnOf("t", [0, 4], { startedAt: timeAt(0), completedAt: timeAt(1), items: [turnItemOf("t", 3, A)] }),
      turnOf("u", [2, 3], { startedAt: timeAt(2), status: "inProgress" }),
    ]);
  });

  it("of a turn that is unknown makes it, and leaves the open one open", () => {
    const turns = paginatedTurns(taskStarted("t"), itemCompleted("u", A), itemCompleted(null, { ...A, id: "b" }));
    expect(turns).toStrictEqual([
      turnOf("t", [0, 3], {
        startedAt: timeAt(0),
        status: "inProgress",
        items: [turnItemOf("t", 2, { ...A, id: "b" })],
      }),
      turnOf("u", [1, 2], { items: [turnItemOf("u", 1, A)] }),
    ]);
  });

  it("of no turn, when none is open, is in one that is named by its ordinal", () => {
    expect(paginatedTurns(ownMeta(), itemCompleted(null, A), itemCompleted(null, { ...A, id: "b" }))).toStrictEqual([
      turnOf("rollout-1", [1, 3], {
        items: [turnItemOf("rollout-1", 1, A), turnItemOf("rollout-1", 2, { ...A, id: "b" })],
      }),
    ]);
  });

  it("without a type or an id is passed over", () => {
    const broken = [{}, { type: "Plan" }, { id: "a" }, { type: "", id: "a" }, { type: "Plan", id: "" }];
    const items = broken.map((item) => itemCompleted("t", item));
    expect(paginatedTurns(...items, event("item_completed"), event("item_completed", { item: "Plan" }))).toStrictEqual(
      [],
    );
  });

  it("may have the id of one in another turn", () => {
    const turns = paginatedTurns(taskStarted("t"), itemCompleted("t", A), taskStarted("u"), itemCompleted("u", A));
    expect(outlineOf(turns)).toStrictEqual([
      ["t", [0, 2], "inProgress", ["a"]],
      ["u", [2, 4], "inProgress", ["a"]],
    ]);
  });
});

describe("a paginated thread", () => {
  it("shows nothing of the older events, nor of kinds that are not its own", () => {
    const old = [
      userMessage("a"),
      agentMessage("b"),
      event("agent_reasoning", { text: "c" }),
      event("context_compacted"),
      event("entered_review_mode"),
      commandEnd("call"),
      COMPACTED,
      sessionMeta({}),
      {
        type: "response_item",
        payload: {
          type: "message",
          role: "user",
          content: [{ type: "input_text", text: '<hook_prompt hook_run_id="run">Stop.</hook_prompt>' }],
        },
      },
    ];
    expect(paginatedTurns(...old)).toStrictEqual([]);
    const inTurn = [taskStarted("t"), ...old, rolledBack(1)];
    expect(paginatedTurns(...inTurn)).toStrictEqual(paginatedTurns(taskStarted("t")));
  });

  it("whose ordinals fall has turns that reach to the highest", () => {
    const history = historyOf([taskStarted("t"), itemCompleted("t", A), taskComplete("t")]);
    const fallen = history.map((item, at) => (at === 1 ? { ...item, ordinal: 9 } : item));
    expect(outlineOf(foldHistory(fallen, "paginated"))).toStrictEqual([["t", [0, 10], "completed", ["a"]]]);
  });

  it("holds turns that are empty", () => {
    expect(outlineOf(paginatedTurns(taskStarted("t"), taskComplete("t"), taskStarted("u")))).toStrictEqual([
      ["t", [0, 2], "completed", []],
      ["u", [2, 3], "inProgress", []],
    ]);
  });
});

describe("a paginated turn whose start was not recorded", () => {
  it("stands where it ended, with what its end tells of its beginning", () => {
    const ended = { started_at: 1_000, completed_at: 1_002, duration_ms: 2_000, root_turn_id: "root" };
    const turns = paginatedTurns(itemCompleted("t", A), itemCompleted("u", A), taskComplete("t", ended));
    expect(turns).toStrictEqual([
      turnOf("u", [1, 2], { items: [turnItemOf("u", 1, A)] }),
      turnOf("t", [2, 3], {
        startedAt: "1970-01-01T00:16:40.000Z",
        completedAt: "1970-01-01T00:16:42.000Z",
        durationMs: 2_000,
        rootTurnId: "root",
        items: [turnItemOf("t", 0, A)],
      }),
    ]);
  });

  it("stands where it was interrupted", () => {
    expect(outlineOf(paginatedTurns(itemCompleted("t", A), taskStarted("u"), turnAborted("t")))).toStrictEqual([
      ["u", [1, 2], "inProgress", []],
      ["t", [2, 3], "interrupted", ["a"]],
    ]);
  });

  it("does not move again when its end is told again", () => {
    const end = taskComplete("t", { started_at: 1_000 });
    const turns = paginatedTurns(itemCompleted("t", A), end, taskStarted("u"), end);
    expect(outlineOf(turns)).toStrictEqual([
      ["t", [1, 4], "completed", ["a"]],
      ["u", [2, 3], "inProgress", []],
    ]);
  });

  it("is not made by its end alone", () => {
    expect(paginatedTurns(taskComplete("t"), turnAborted("u"))).toStrictEqual([]);
  });

  it("that starts after something was told of it begins anew", () => {
    expect(
      outlineOf(paginatedTurns(itemCompleted("t", A), taskStarted("t"), itemCompleted("t", { ...A, id: "b" }))),
    ).toStrictEqual([["t", [1, 3], "inProgress", ["b"]]]);
  });
});
