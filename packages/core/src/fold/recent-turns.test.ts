import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { entangledHistories, turnHistories } from "../../test/support/random-turn-histories.js";
import { event, sessionMeta, tokenCount } from "../../test/support/rollout-items.js";
import {
  foldHistory,
  historyOf,
  itemCompleted,
  outlineOf,
  ownMeta,
  SOURCE_ID,
  THREAD_ID,
  taskComplete,
  taskStarted,
  turnAborted,
} from "../../test/support/turn-histories.js";
import type { JsonObject } from "../protocol/json-value.js";
import type { RolloutItem } from "../protocol/rollout-item.js";
import { parseThreadId } from "../protocol/thread-id.js";
import type { StoredTurn } from "../store/records.js";
import type { FoldedItem } from "./metadata.js";
import { RecentTurns } from "./recent-turns.js";
import { ownHistoryStart } from "./turns.js";

fc.configureGlobal({ seed: 20_261_120, numRuns: 1_500 });

const PLAN = { type: "Plan", id: "plan" };

describe("the last turns, folded from the end of a history", () => {
  it.each([
    ["of any kind", turnHistories("paginated")],
    ["of few turns that are told of again and again", entangledHistories()],
  ])(
    "are those that a fold of the whole history ends in, whenever they are known: histories %s",
    (_what, histories) => {
      fc.assert(
        fc.property(histories, fc.integer({ min: 1, max: 4 }), (history, count) => {
          const whole = sorted(foldHistory(history, "paginated"));
          const recent = new RecentTurns(THREAD_ID, hiddenBeforeOf(history));
          for (let at = history.length - 1; at >= 0; at--) {
            recent.take(history[at] as FoldedItem);
            const turns = recent.turns({ count, segmentStart: segmentStartOf(history.slice(0, at + 1)) });
            if (turns === null) continue;
            expect(turns).toStrictEqual(whole.slice(whole.length - turns.length));
            expect(turns.length).toBeGreaterThanOrEqual(recent.isWhole ? whole.length : count);
          }
          recent.end();
          expect(recent.turns({ count, segmentStart: 0 })).toStrictEqual(whole);
        }),
      );
    },
  );

  it("are known when one turn more has been seen to start", () => {
    const turn = (turnId: string) => [taskStarted(turnId), itemCompleted(turnId, PLAN), taskComplete(turnId)];
    const history = [ownMeta(), ...turn("a"), ...turn("b"), ...turn("c"), ...turn("d")];
    expect([1, 2, 3].map((count) => knownAt(history, count))).toStrictEqual([
      { at: 7, turnIds: ["d"] },
      { at: 4, turnIds: ["c", "d"] },
      { at: 1, turnIds: ["b", "c", "d"] },
    ]);
    expect(knownAt(history, 4)).toStrictEqual({ at: "the beginning", turnIds: ["a", "b", "c", "d"] });
  });

  it("of a long history are known from the last of its turns", () => {
    const turns = fc.array(wellFormedTurn(), { minLength: 8, maxLength: 30 });
    fc.assert(
      fc.property(turns, fc.integer({ min: 1, max: 5 }), (made, count) => {
        const items = made.map((turn, at) => turn(`turn-${at}`));
        const { at } = knownAt([ownMeta(), ...items.flat()], count);
        const bound = items.slice(-(count + 2)).flat().length;
        expect(1 + items.flat().length - Number(at)).toBeLessThanOrEqual(bound);
      }),
    );
  });

  it("wait for the start of every turn that something late was told of", () => {
    const started = ["x", "a", "b", "c"].map((turnId) => taskStarted(turnId));
    expect(knownAt([...started, taskStarted("d")], 1)).toStrictEqual({ at: 3, turnIds: ["d"] });
    const late = [...started, itemCompleted("a", PLAN), taskStarted("d")];
    expect(knownAt(late, 1)).toStrictEqual({ at: 1, turnIds: ["b", "c", "d"] });
  });

  it("wait for the whole history when something is told of a turn that never starts", () => {
    const history = [taskStarted("a"), taskStarted("b"), itemCompleted("x", PLAN), taskStarted("c"), taskStarted("d")];
    expect(knownAt(history, 1)).toStrictEqual({ at: 3, turnIds: ["d"] });
    expect(knownAt(history, 2)).toStrictEqual({ at: "the beginning", turnIds: ["a", "b", "x", "c", "d"] });
  });

  it("wait for the whole history when its ordinals do not ascend", () => {
    const items = historyOf(["a", "b", "c", "d"].map((turnId) => taskStarted(turnId)));
    const history = items.map((item, at) => (at === 3 ? { ...item, ordinal: 2 } : item));
    const recent = new RecentTurns(THREAD_ID);
    const early = history.toReversed().map((item) => [recent.take(item), recent.turns({ count: 1, segmentStart: 0 })]);
    expect(early).toStrictEqual([
      [true, null],
      [true, null],
      [true, null],
      [true, null],
    ]);
    recent.end();
    expect(recent.turns({ count: 1, segmentStart: 0 })).toStrictEqual(sorted(foldHistory(history, "paginated")));
  });

  it("count a turn that starts again once", () => {
    const history = [taskStarted("x"), taskStarted("a"), taskStarted("b"), taskStarted("a"), taskStarted("b")];
    expect(knownAt(history, 1)).toStrictEqual({ at: 3, turnIds: ["b"] });
    expect(knownAt(history, 2)).toStrictEqual({ at: 0, turnIds: ["a", "b"] });
  });

  it("do not tell of a turn that may have been open before its start was told", () => {
    const history = [taskStarted("x"), taskStarted("a"), itemCompleted("a", PLAN), taskStarted("a"), taskStarted("b")];
    expect(knownAt(history, 1)).toStrictEqual({ at: 3, turnIds: ["b"] });
    expect(knownAt(history, 2)).toStrictEqual({ at: 0, turnIds: ["a", "b"] });
  });

  it("have an inherited turn where the thread interrupted it", () => {
    const inherited = [sessionMeta({ id: SOURCE_ID }), taskStarted("y"), taskStarted("x"), taskStarted("a")];
    const history = [...inherited, ownMeta(), taskStarted("b"), turnAborted("a")];
    expect(knownAt(history, 1)).toStrictEqual({ at: 2, turnIds: ["b", "a"] });
  });

  it("wait for more when a turn was interrupted that may have been inherited", () => {
    const history = [taskStarted("a"), ownMeta(), taskStarted("a"), taskStarted("b"), turnAborted("a")];
    expect(knownAt(history, 1)).toStrictEqual({ at: "the beginning", turnIds: ["b", "a"] });
  });

  it.each([
    ["an attached thread", { attached_thread: true }],
    ["a sub-agent", { subagent_history_start_ordinal: 2 }],
  ])("of %s are known where what it inherits ends", (_whose, fields) => {
    const own = [ownMeta(fields), taskStarted("b"), itemCompleted("unknown", PLAN)];
    const recent = new RecentTurns(THREAD_ID, 2);
    for (const item of historyOf(own, 2).toReversed()) recent.take(item);
    expect([recent.isWhole, recent.take(historyOf([taskStarted("a")])[0] as FoldedItem)]).toStrictEqual([true, false]);
    expect(outlineOf(recent.turns({ count: 9, segmentStart: 2 }) ?? [])).toStrictEqual([
      ["b", [3, 4], "inProgress", []],
      ["unknown", [4, 5], "completed", ["plan"]],
    ]);
  });

  it("go on beyond the session_meta of another thread, and one that hides nothing", () => {
    const history = [
      taskStarted("a"),
      ownMeta(),
      sessionMeta({ id: SOURCE_ID, attached_thread: true }),
      taskStarted("b"),
    ];
    expect(knownAt(history, 1)).toStrictEqual({ at: 0, turnIds: ["b"] });
  });

  it("of a history without turns are none", () => {
    expect(knownAt([ownMeta(), tokenCount({}), taskComplete("a")], 1)).toStrictEqual({
      at: "the beginning",
      turnIds: [],
    });
  });
});

describe("taking an item", () => {
  it("tells whether a turn starts with it", () => {
    const items: readonly (readonly [RolloutItem, boolean])[] = [
      [taskStarted("a"), true],
      [event("turn_started", { turn_id: "b" }), true],
      [event("task_started"), true],
      [taskComplete("a"), false],
      [itemCompleted("a", PLAN), false],
      [tokenCount({}), false],
      [ownMeta(), false],
      [{ type: "event_msg", payload: null }, false],
      [{ type: "response_item", payload: { type: "task_started", turn_id: "a" } }, false],
    ];
    const recent = new RecentTurns(THREAD_ID);
    const history = historyOf(items.map(([item]) => item));
    expect(history.toReversed().map((item) => recent.take(item))).toStrictEqual(
      items.map(([, isStart]) => isStart).toReversed(),
    );
    expect([recent.startedTurns, recent.isWhole]).toStrictEqual([2, false]);
  });
});

/** Where in a history, read from its end, the last turns are known first, and which these are. */
function knownAt(items: readonly RolloutItem[], count: number) {
  const history = historyOf(items);
  const recent = new RecentTurns(THREAD_ID);
  const idsOf = (turns: readonly StoredTurn[]) => turns.map(({ turnId }) => turnId);
  for (let at = history.length - 1; at >= 0; at--) {
    recent.take(history[at] as FoldedItem);
    const turns = recent.turns({ count, segmentStart: segmentStartOf(history.slice(0, at + 1)) });
    if (turns) return { at, turnIds: idsOf(turns) };
  }
  recent.end();
  return { at: "the beginning", turnIds: idsOf(recent.turns({ count, segmentStart: 0 }) ?? []) };
}

/** A turn as a runtime records it: what happens between its start and its end names it. */
function wellFormedTurn(): fc.Arbitrary<(turnId: string) => readonly RolloutItem[]> {
  const end = fc.constantFrom(taskComplete, turnAborted);
  return fc.tuple(fc.nat(6), end).map(([itemCount, endOf]) => (turnId) => [
    taskStarted(turnId),
    ...Array.from({ length: itemCount }, (_, at) => itemCompleted(turnId, { type: "Plan", id: `${turnId}-${at}` })),
    tokenCount({}),
    endOf(turnId),
  ]);
}

/** Turns as lists show them. */
function sorted(turns: readonly StoredTurn[]): readonly StoredTurn[] {
  return [...turns].sort((a, b) => a.firstOrdinal - b.firstOrdinal || (a.turnId < b.turnId ? -1 : 1));
}

/** Where the segment begins that the last of these items stands in. */
function segmentStartOf(history: readonly FoldedItem[]): number {
  return history.findLast(isOwnMeta)?.ordinal ?? 0;
}

/** Where the thread's own history begins, as its last session_meta says. */
function hiddenBeforeOf(history: readonly FoldedItem[]): number {
  const meta = history.findLast(isOwnMeta);
  return meta ? ownHistoryStart(meta.item.payload as JsonObject, meta.ordinal) : 0;
}

function isOwnMeta({ item: { type, payload } }: FoldedItem): boolean {
  return type === "session_meta" && parseThreadId(String((payload as { readonly id?: unknown }).id)) === THREAD_ID;
}
