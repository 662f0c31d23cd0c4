import { describe, expect, it } from "vitest";
import { COMPACTED, sessionMeta, userMessage } from "../../test/support/rollout-items.js";
import {
  agentItem,
  itemCompleted,
  legacyTurns,
  outlineOf,
  ownMeta,
  paginatedTurns,
  SOURCE_ID,
  THREAD_ID,
  taskComplete,
  taskStarted,
  timeAt,
  turnAborted,
  turnItemOf,
  turnOf,
} from "../../test/support/turn-histories.js";

const SOURCE_META = sessionMeta({ id: SOURCE_ID });
const A = agentItem("a", "A");

describe("an inherited turn", () => {
  it("is shown with its id, before those of the thread itself", () => {
    const inherited = [SOURCE_META, taskStarted("t"), itemCompleted("t", A), taskComplete("t")];
    expect(paginatedTurns(...inherited, ownMeta(), taskStarted("u"))).toStrictEqual([
      turnOf("t", [1, 4], { startedAt: timeAt(1), completedAt: timeAt(3), items: [turnItemOf("t", 2, A)] }),
      turnOf("u", [5, 6], { startedAt: timeAt(5), status: "inProgress" }),
    ]);
  });

  it("that the thread interrupts moves to where it was interrupted, with its items and its start", () => {
    const inherited = [SOURCE_META, taskStarted("t", { root_turn_id: "root" }), itemCompleted("t", A)];
    const turns = paginatedTurns(...inherited, ownMeta(), turnAborted("t", { started_at: 5, duration_ms: 7 }));
    expect(turns).toStrictEqual([
      turnOf("t", [4, 5], {
        status: "interrupted",
        startedAt: timeAt(1),
        completedAt: timeAt(4),
        durationMs: 7,
        rootTurnId: "root",
        items: [turnItemOf("t", 2, A)],
      }),
    ]);
  });

  it("that the thread interrupts stands behind the turns it has begun itself", () => {
    const turns = paginatedTurns(SOURCE_META, taskStarted("t"), ownMeta(), taskStarted("u"), turnAborted("t"));
    expect(outlineOf(turns)).toStrictEqual([
      ["u", [3, 4], "inProgress", []],
      ["t", [4, 5], "interrupted", []],
    ]);
  });

  it("that was interrupted before the thread began stays where it is", () => {
    const turns = paginatedTurns(SOURCE_META, taskStarted("t"), turnAborted("t"), ownMeta(), taskStarted("u"));
    expect(outlineOf(turns)).toStrictEqual([
      ["t", [1, 3], "interrupted", []],
      ["u", [4, 5], "inProgress", []],
    ]);
  });

  it("that the thread completes stays where it is", () => {
    const turns = paginatedTurns(SOURCE_META, taskStarted("t"), ownMeta(), taskStarted("u"), taskComplete("t"));
    expect(outlineOf(turns)).toStrictEqual([
      ["t", [1, 5], "completed", []],
      ["u", [3, 4], "inProgress", []],
    ]);
  });

  it("that is interrupted after a revert moves into the segment that the revert began", () => {
    const segment = [ownMeta(), taskStarted("t"), itemCompleted("t", A), ownMeta(), turnAborted("t")];
    expect(outlineOf(paginatedTurns(...segment))).toStrictEqual([["t", [4, 5], "interrupted", ["a"]]]);
  });

  it("is not moved by the session_meta of another thread", () => {
    const turns = paginatedTurns(ownMeta(), taskStarted("t"), SOURCE_META, taskStarted("u"), turnAborted("t"));
    expect(outlineOf(turns)).toStrictEqual([
      ["t", [1, 5], "interrupted", []],
      ["u", [3, 4], "inProgress", []],
    ]);
  });
});

describe("a turn of a legacy thread", () => {
  it("stays where it is when it is interrupted after an edit of the session_meta", () => {
    const turns = legacyTurns(ownMeta(), taskStarted("t"), ownMeta({ memory_mode: "disabled" }), turnAborted("t"));
    expect(outlineOf(turns)).toStrictEqual([["t", [1, 4], "interrupted", []]]);
  });

  it("is not ended by a session_meta", () => {
    const turns = legacyTurns(ownMeta(), userMessage("a"), ownMeta(), SOURCE_META, taskComplete("unknown"));
    expect(outlineOf(turns)).toStrictEqual([["rollout-1", [1, 5], "completed", ["item-1"]]]);
  });
});

describe.each([
  ["an attached thread", { attached_thread: true }],
  ["a sub-agent", { subagent_history_start_ordinal: 3 }],
])("the prefix that %s inherits", (_whose, fields) => {
  const prefix = [SOURCE_META, taskStarted("t"), itemCompleted("t", A)];

  it("is not shown, and what follows is", () => {
    expect(
      outlineOf(paginatedTurns(...prefix, ownMeta(fields), taskStarted("u"), itemCompleted("u", A))),
    ).toStrictEqual([["u", [4, 6], "inProgress", ["a"]]]);
  });

  it("leaves no turn open", () => {
    expect(outlineOf(paginatedTurns(...prefix, ownMeta(fields), itemCompleted(null, A)))).toStrictEqual([
      ["rollout-4", [4, 5], "completed", ["a"]],
    ]);
    expect(
      outlineOf(legacyTurns(COMPACTED, ...prefix, ownMeta(fields), userMessage("b"), userMessage("c"))),
    ).toStrictEqual([
      ["rollout-5", [5, 6], "completed", ["item-1"]],
      ["rollout-6", [6, 7], "completed", ["item-2"]],
    ]);
  });

  it("is known by the thread's own session_meta alone, however its id is spelled", () => {
    const other = sessionMeta({ id: SOURCE_ID, ...fields });
    expect(outlineOf(paginatedTurns(...prefix, other))).toStrictEqual([["t", [1, 3], "inProgress", ["a"]]]);
    const own = sessionMeta({ id: THREAD_ID.toUpperCase(), ...fields });
    expect(paginatedTurns(...prefix, own)).toStrictEqual([]);
  });
});

describe("a session_meta", () => {
  it("that says nothing of a hidden prefix hides none", () => {
    const loose = ownMeta({ attached_thread: "true", subagent_history_start_ordinal: null });
    expect(outlineOf(paginatedTurns(SOURCE_META, taskStarted("t"), loose, taskComplete("t")))).toStrictEqual([
      ["t", [1, 4], "completed", []],
    ]);
  });

  it("of an attached thread that was reverted keeps the turns it has of its own", () => {
    const first = ownMeta({ attached_thread: true, forked_from_ordinal_exclusive: 2 });
    const own = [taskStarted("u"), taskComplete("u")];
    expect(
      outlineOf(paginatedTurns(SOURCE_META, taskStarted("t"), first, ...own, first, taskStarted("v"))),
    ).toStrictEqual([
      ["u", [3, 5], "completed", []],
      ["v", [6, 7], "inProgress", []],
    ]);
  });

  it("of a sub-agent hides what was copied behind it, up to the ordinal it names", () => {
    const meta = ownMeta({ subagent_history_start_ordinal: 3 });
    expect(outlineOf(paginatedTurns(meta, taskStarted("t"), taskComplete("t"), taskStarted("u")))).toStrictEqual([
      ["u", [3, 4], "inProgress", []],
    ]);
  });
});
