import { describe, expect, it } from "vitest";
import { turnItemOf, turnOf } from "../../test/support/turn-histories.js";
import type { TurnItem } from "../protocol/turn-item.js";
import type { StoredTurn } from "../store/records.js";
import { type ItemRole, roleOf, summaryPlaces, viewTurn } from "./turn-view.js";

describe("a view of a turn", () => {
  const turn = turnOf("t", [0, 9], {
    status: "failed",
    error: { message: "no" },
    items: [
      { type: "Reasoning", id: "r" },
      { type: "UserMessage", id: "u", content: [] },
      { type: "UserMessage", id: "v", content: [] },
      message("m"),
      message("n"),
      { type: "CommandExecution", id: "c" },
    ].map((item, ordinal) => turnItemOf("t", ordinal, item)),
  });

  it("full has all items", () => {
    expect(viewTurn(turn, "full")).toStrictEqual(turn);
  });

  it("notLoaded has none, and everything else", () => {
    expect(viewTurn(turn, "notLoaded")).toStrictEqual({ ...turn, itemsView: "notLoaded", items: [] });
  });

  it("summary has the first user message and the answer", () => {
    expect(viewTurn(turn, "summary")).toStrictEqual({
      ...turn,
      itemsView: "summary",
      items: [turn.items[1], turn.items[4]],
    });
  });

  it("summary of a turn without items is empty", () => {
    expect(viewTurn(turnOf("t", [0, 1]), "summary")).toStrictEqual(turnOf("t", [0, 1], { itemsView: "summary" }));
  });
});

describe("the part of an item in a summary", () => {
  it.each<[TurnItem, ItemRole]>([
    [{ type: "UserMessage", id: "u" }, "request"],
    [message("m"), "answer"],
    [message("m", { phase: null }), "answer"],
    [message("m", { phase: "final_answer" }), "finalAnswer"],
    [message("m", { phase: "partial_answer" }), "other"],
    [message("m", { phase: "commentary" }), "other"],
    [{ type: "Reasoning", id: "r", phase: "final_answer" }, "other"],
  ])("%j plays %s", (item, role) => {
    expect(roleOf(item)).toBe(role);
  });
});

describe("what a summary shows", () => {
  const ended = ["completed", "interrupted", "failed"] as const;
  const places = (roles: readonly ItemRole[], status: StoredTurn["status"]) => summaryPlaces(roles, status);

  it.each(ended)("is the last final answer, even before later messages (%s)", (status) => {
    expect(places(["request", "finalAnswer", "answer", "finalAnswer", "answer", "other"], status)).toStrictEqual([
      0, 3,
    ]);
  });

  it.each(ended)("is the last message of no phase, when none was final (%s)", (status) => {
    expect(places(["other", "request", "answer", "answer", "request"], status)).toStrictEqual([1, 3]);
  });

  it("is no message of no phase while the turn is in progress", () => {
    expect(places(["request", "answer"], "inProgress")).toStrictEqual([0]);
    expect(places(["request", "finalAnswer", "answer"], "inProgress")).toStrictEqual([0, 1]);
  });

  it("stands in the order of the items", () => {
    expect(places(["answer", "request"], "completed")).toStrictEqual([0, 1]);
  });

  it("is what there is", () => {
    expect(places([], "completed")).toStrictEqual([]);
    expect(places(["other"], "completed")).toStrictEqual([]);
    expect(places(["request"], "completed")).toStrictEqual([0]);
    expect(places(["finalAnswer"], "inProgress")).toStrictEqual([0]);
  });
});

function message(id: string, fields: object = {}): TurnItem {
  return { type: "AgentMessage", id, content: [], ...fields };
}
