import { describe, expect, it } from "vitest";
import { agentMessage, event, userMessage } from "../../test/support/rollout-items.js";
import {
  commandEnd,
  foldHistory,
  historyOf,
  itemCompleted,
  legacyTurns,
  outlineOf,
  taskComplete,
  taskStarted,
  timeAt,
  turnAborted,
  turnItemOf,
  turnOf,
} from "../../test/support/turn-histories.js";
import type { HistoryMode } from "../protocol/history-mode.js";
import type { RolloutItem } from "../protocol/rollout-item.js";

const MODES: readonly HistoryMode[] = ["legacy", "paginated"];
const STARTED = { startedAt: timeAt(0) };

describe.each(MODES)("a turn of a %s thread", (mode) => {
  const turns = (...items: readonly RolloutItem[]) => foldHistory(historyOf(items), mode);

  it("is completed by its end", () => {
    expect(turns(taskStarted("t"), taskComplete("t"))).toStrictEqual([
      turnOf("t", [0, 2], { ...STARTED, completedAt: timeAt(1) }),
    ]);
  });

  it("is started and completed by the older names of these events too", () => {
    const [started, complete] = [event("turn_started", { turn_id: "t" }), event("turn_complete", { turn_id: "t" })];
    expect(turns(started, complete)).toStrictEqual(turns(taskStarted("t"), taskComplete("t")));
  });

  it("has the times of its events, in seconds, and the duration that was measured", () => {
    const started = taskStarted("t", { started_at: 1_000 });
    const complete = taskComplete("t", { started_at: 1_000, completed_at: 1_001, duration_ms: 1_234 });
    const times = { startedAt: "1970-01-01T00:16:40.000Z", completedAt: "1970-01-01T00:16:41.000Z", durationMs: 1_234 };
    expect(turns(started, complete)).toStrictEqual([turnOf("t", [0, 2], times)]);
    const aborted = turnAborted("t", { completed_at: 1_001, duration_ms: 1_234 });
    expect(turns(started, aborted)).toStrictEqual([turnOf("t", [0, 2], { ...times, status: "interrupted" })]);
  });

  it("has the times of its records where its events tell none", () => {
    const unreadable = { started_at: "1000", completed_at: null, duration_ms: "1" };
    expect(turns(taskStarted("t", unreadable), taskComplete("t", unreadable))).toStrictEqual([
      turnOf("t", [0, 2], { ...STARTED, completedAt: timeAt(1) }),
    ]);
  });

  it("names the turn it is a part of", () => {
    const fields = { root_turn_id: "root" };
    expect(turns(taskStarted("t", fields), taskComplete("t"))).toStrictEqual([
      turnOf("t", [0, 2], { ...STARTED, completedAt: timeAt(1), rootTurnId: "root" }),
    ]);
  });

  it("that is open is ended by an end that names none, or an unknown one", () => {
    const ended = [turnOf("t", [0, 2], { ...STARTED, completedAt: timeAt(1) })];
    expect(turns(taskStarted("t"), event("task_complete"))).toStrictEqual(ended);
    expect(turns(taskStarted("t"), taskComplete("unknown"))).toStrictEqual(ended);
  });

  it("that is open is interrupted by an abort that names none, or an unknown one", () => {
    const ended = [turnOf("t", [0, 2], { ...STARTED, completedAt: timeAt(1), status: "interrupted" })];
    expect(turns(taskStarted("t"), event("turn_aborted", { reason: "interrupted" }))).toStrictEqual(ended);
    expect(turns(taskStarted("t"), turnAborted("unknown"))).toStrictEqual(ended);
  });

  it("that is open is ended by an end that names none, also when there is a turn without a name", () => {
    const plan = { type: "Plan", id: "plan" };
    const nameless = [event("task_started", { turn_id: "" }), itemCompleted("", plan)];
    for (const end of [event("task_complete"), event("turn_aborted")]) {
      const [, open] = turns(...nameless, taskStarted("t"), end);
      expect(open?.completedAt).toBe(timeAt(3));
    }
  });

  it("that is over is not ended again by an end that names none", () => {
    const first = [taskStarted("t"), taskComplete("t")];
    const later = [event("task_complete"), event("turn_aborted"), event("error", { message: "no" })];
    expect(turns(...first, ...later)).toStrictEqual(turns(...first));
  });

  it("that another one follows stays in progress until its own end is told", () => {
    const open = [taskStarted("t"), taskStarted("u"), taskComplete("u")];
    expect(outlineOf(turns(...open))).toStrictEqual([
      ["t", [0, 1], "inProgress", []],
      ["u", [1, 3], "completed", []],
    ]);
    expect(outlineOf(turns(...open, taskComplete("t")))).toStrictEqual([
      ["t", [0, 4], "completed", []],
      ["u", [1, 3], "completed", []],
    ]);
  });

  it("whose end is told while another is open leaves that one open", () => {
    const plan = itemCompleted(null, { type: "Plan", id: "plan" });
    expect(outlineOf(turns(taskStarted("t"), taskStarted("u"), taskComplete("t"), plan))).toStrictEqual([
      ["t", [0, 3], "completed", []],
      ["u", [1, 4], "inProgress", ["plan"]],
    ]);
  });

  it("that was interrupted is open for what still belongs to it, until the next one starts", () => {
    const plan = (id: string) => itemCompleted(null, { type: "Plan", id });
    const aborted = turnAborted("t");
    expect(turns(taskStarted("t"), aborted, plan("a"), taskStarted("u"), plan("b"))).toStrictEqual([
      turnOf("t", [0, 3], {
        ...STARTED,
        completedAt: timeAt(1),
        status: "interrupted",
        items: [turnItemOf("t", 2, { type: "Plan", id: "a" })],
      }),
      turnOf("u", [3, 5], {
        startedAt: timeAt(3),
        status: "inProgress",
        items: [turnItemOf("u", 4, { type: "Plan", id: "b" })],
      }),
    ]);
  });

  it("that was interrupted or failed stays so when it is completed", () => {
    const outcomes = [turnAborted("t"), event("error", { message: "no" })].map(
      (bad) => turns(taskStarted("t"), bad, taskComplete("t"))[0],
    );
    expect(outcomes).toStrictEqual([
      turnOf("t", [0, 3], { ...STARTED, completedAt: timeAt(2), status: "interrupted" }),
      turnOf("t", [0, 3], { ...STARTED, completedAt: timeAt(2), status: "failed", error: { message: "no" } }),
    ]);
  });

  it("that failed and is aborted is interrupted, and keeps its error", () => {
    expect(turns(taskStarted("t"), event("error", { message: "no" }), turnAborted("t"))).toStrictEqual([
      turnOf("t", [0, 3], { ...STARTED, completedAt: timeAt(2), status: "interrupted", error: { message: "no" } }),
    ]);
  });

  it("is failed by an error while it is open, and does not end", () => {
    const error = event("error", { message: "no", codex_error_info: { http_connection_failed: { code: 500 } } });
    const plan = itemCompleted(null, { type: "Plan", id: "plan" });
    expect(turns(taskStarted("t"), error, plan)).toStrictEqual([
      turnOf("t", [0, 3], {
        ...STARTED,
        status: "failed",
        error: { message: "no", codexErrorInfo: { http_connection_failed: { code: 500 } } },
        items: [turnItemOf("t", 2, { type: "Plan", id: "plan" })],
      }),
    ]);
  });

  it("reaches to the error that failed it", () => {
    expect(outlineOf(turns(taskStarted("t"), event("error", { message: "no" })))).toStrictEqual([
      ["t", [0, 2], "failed", []],
    ]);
  });

  it("is failed by an end that has an error, with its details", () => {
    const error = { message: "no", additional_details: "because", codex_error_info: "other" };
    expect(turns(taskStarted("t"), taskComplete("t", { error }))).toStrictEqual([
      turnOf("t", [0, 2], {
        ...STARTED,
        completedAt: timeAt(1),
        status: "failed",
        error: { message: "no", additionalDetails: "because", codexErrorInfo: "other" },
      }),
    ]);
  });

  it("that is aborted with an error is interrupted, and has it", () => {
    expect(turns(taskStarted("t"), turnAborted("t", { error: { message: "no" } }))).toStrictEqual([
      turnOf("t", [0, 2], { ...STARTED, completedAt: timeAt(1), status: "interrupted", error: { message: "no" } }),
    ]);
  });

  it("is not failed by an error that says nothing", () => {
    const empty = [null, "no", {}, { message: "" }, { message: 5 }];
    for (const error of empty) {
      expect(turns(taskStarted("t"), taskComplete("t", { error }))).toStrictEqual(
        turns(taskStarted("t"), taskComplete("t")),
      );
    }
    const silent = [event("error"), event("error", { message: "" })];
    expect(turns(taskStarted("t"), ...silent)).toStrictEqual(turns(taskStarted("t")));
  });

  it("is not failed by an error that is about something else", () => {
    const others = ["thread_rollback_failed", { active_turn_not_steerable: { turn_kind: "review" } }];
    for (const codex_error_info of others) {
      const error = event("error", { message: "no", codex_error_info });
      expect(turns(taskStarted("t"), error)).toStrictEqual(turns(taskStarted("t")));
    }
  });

  it("has of several errors the last", () => {
    const [first, second] = ["a", "b"].map((message) => ({ message, codex_error_info: null }));
    expect(turns(taskStarted("t"), event("error", first), taskComplete("t", { error: second }))).toStrictEqual([
      turnOf("t", [0, 3], { ...STARTED, completedAt: timeAt(2), status: "failed", error: { message: "b" } }),
    ]);
  });

  it("whose start is told again while it is open goes on where it stands, with its items", () => {
    const plan = (id: string) => itemCompleted("t", { type: "Plan", id });
    const again = taskStarted("t", { started_at: 1_000 });
    expect(turns(taskStarted("t"), plan("a"), again, plan("b"), taskComplete("t"))).toStrictEqual([
      turnOf("t", [0, 5], {
        startedAt: "1970-01-01T00:16:40.000Z",
        completedAt: timeAt(4),
        items: [turnItemOf("t", 1, { type: "Plan", id: "a" }), turnItemOf("t", 3, { type: "Plan", id: "b" })],
      }),
    ]);
  });

  it("that starts again when it is over, or another one is open, takes the place of the older one", () => {
    const plan = (id: string) => itemCompleted("t", { type: "Plan", id });
    expect(turns(taskStarted("t"), plan("a"), taskComplete("t"), taskStarted("t"), plan("a"))).toStrictEqual([
      turnOf("t", [3, 5], {
        startedAt: timeAt(3),
        status: "inProgress",
        items: [turnItemOf("t", 4, { type: "Plan", id: "a" })],
      }),
    ]);
    expect(outlineOf(turns(taskStarted("t"), plan("a"), taskStarted("u"), taskStarted("t"), plan("b")))).toStrictEqual([
      ["u", [2, 3], "inProgress", []],
      ["t", [3, 5], "inProgress", ["b"]],
    ]);
  });

  it("that was interrupted and starts again before another does is in progress again", () => {
    expect(turns(taskStarted("t"), turnAborted("t", { error: { message: "no" } }), taskStarted("t"))).toStrictEqual([
      turnOf("t", [0, 3], { startedAt: timeAt(2), status: "inProgress" }),
    ]);
  });
});

describe("a legacy turn", () => {
  it("that no event started keeps its place when it is ended, and has no start", () => {
    expect(legacyTurns(userMessage("a"), taskComplete("t"), userMessage("b"), turnAborted("u"))).toStrictEqual([
      turnOf("rollout-0", [0, 2], {
        completedAt: timeAt(1),
        items: legacyTurns(userMessage("a"))[0]?.items ?? [],
      }),
      turnOf("rollout-2", [2, 4], {
        status: "interrupted",
        completedAt: timeAt(3),
        items: [
          {
            turnId: "rollout-2",
            itemId: "item-2",
            ordinal: 2,
            createdAt: timeAt(2),
            item: { type: "UserMessage", id: "item-2", content: [{ type: "text", text: "b", text_elements: [] }] },
          },
        ],
      }),
    ]);
  });

  it("that nobody knows is not made by its end", () => {
    expect(legacyTurns(taskComplete("t"), turnAborted("t"), event("error", { message: "no" }))).toStrictEqual([]);
  });

  it("that is over stays so when something late is shown in it", () => {
    const turns = legacyTurns(
      taskStarted("t"),
      turnAborted("t"),
      taskStarted("u"),
      commandEnd("call", { turn_id: "t" }),
    );
    expect(outlineOf(turns)).toStrictEqual([
      ["t", [0, 4], "interrupted", ["call"]],
      ["u", [2, 3], "inProgress", []],
    ]);
  });

  it("that was interrupted takes what comes before the next user message, if no event started it", () => {
    expect(
      outlineOf(legacyTurns(userMessage("a"), turnAborted("x"), agentMessage("b"), userMessage("c"))),
    ).toStrictEqual([
      ["rollout-0", [0, 3], "interrupted", ["item-1", "item-2"]],
      ["rollout-3", [3, 4], "completed", ["item-3"]],
    ]);
  });
});
