import { describe, expect, it } from "vitest";
import { timeAt, turnItemOf, turnOf } from "../../test/support/turn-histories.js";
import { MemoryTurnBook, type TurnHeader } from "./turn-book.js";

describe("turns in memory", () => {
  it("stand in the order in which they were first put, with all of their items", () => {
    const book = bookOf("b", "a");
    book.putItem(turnItemOf("a", 5, plan("x")));
    book.put({ ...header("b"), status: "failed" });
    expect([...book.turns()]).toStrictEqual([
      turnOf("b", [0, 1], { status: "failed" }),
      turnOf("a", [0, 1], { items: [turnItemOf("a", 5, plan("x"))] }),
    ]);
  });

  it("are found by their ids", () => {
    expect([bookOf("a").find("a"), bookOf("a").find("b"), bookOf("a").find("__proto__")]).toStrictEqual([
      header("a"),
      undefined,
      undefined,
    ]);
  });

  it("that are put again, or moved, keep their items", () => {
    const book = bookOf("a", "b");
    book.putItem(turnItemOf("a", 1, plan("x")));
    book.put({ ...header("a"), endOrdinalExclusive: 9 });
    book.moveToEnd({ ...header("a"), firstOrdinal: 7, endOrdinalExclusive: 9 });
    book.putItem(turnItemOf("a", 8, plan("y")));
    expect([...book.turns()]).toStrictEqual([
      turnOf("b", [0, 1]),
      turnOf("a", [7, 9], { items: [turnItemOf("a", 1, plan("x")), turnItemOf("a", 8, plan("y"))] }),
    ]);
  });

  it("that are moved before they were put are there", () => {
    const book = bookOf("a");
    book.moveToEnd(header("b"));
    expect(idsOf(book)).toStrictEqual(["a", "b"]);
  });

  it("that are removed leave nothing behind", () => {
    const book = bookOf("a", "b");
    book.putItem(turnItemOf("a", 1, plan("x")));
    book.remove("a");
    book.remove("unknown");
    book.put(header("a"));
    expect([...book.turns()]).toStrictEqual([turnOf("b", [0, 1]), turnOf("a", [0, 1])]);
  });

  it("are dropped from the last one on", () => {
    const left = (count: number) => {
      const book = bookOf("a", "b", "c");
      book.dropLast(count);
      return idsOf(book);
    };
    expect([0, 1, 2, 3, 4, -1].map(left)).toStrictEqual([["a", "b", "c"], ["a", "b"], ["a"], [], [], ["a", "b", "c"]]);
  });

  it("that began before an ordinal are removed together", () => {
    const book = bookOf("a");
    book.put({ ...header("b"), firstOrdinal: 2, endOrdinalExclusive: 3 });
    book.removeBefore(2);
    expect(idsOf(book)).toStrictEqual(["b"]);
    book.removeBefore(3);
    expect(idsOf(book)).toStrictEqual([]);
  });
});

describe("items in memory", () => {
  it("of a turn that is not there are dropped", () => {
    const book = bookOf("a");
    book.putItem(turnItemOf("b", 1, plan("x")));
    expect([...book.turns()]).toStrictEqual([turnOf("a", [0, 1])]);
  });

  it("that are put again are the newer ones, with the place, the ordinal, the creation and the start of the older", () => {
    const book = bookOf("a");
    book.putItem({ ...turnItemOf("a", 1, plan("x")), startedAt: timeAt(10) });
    book.putItem(turnItemOf("a", 2, plan("y")));
    book.putItem({
      ...turnItemOf("a", 3, { ...plan("x"), text: "new" }),
      startedAt: timeAt(11),
      completedAt: timeAt(12),
    });
    expect([...book.turns()][0]?.items).toStrictEqual([
      { ...turnItemOf("a", 1, { ...plan("x"), text: "new" }), startedAt: timeAt(10), completedAt: timeAt(12) },
      turnItemOf("a", 2, plan("y")),
    ]);
  });

  it("are last in the order in which they were first put", () => {
    const book = bookOf("a", "b");
    book.putItem(turnItemOf("a", 1, plan("x")));
    book.putItem(turnItemOf("a", 2, plan("y")));
    book.putItem(turnItemOf("a", 3, plan("x")));
    expect([book.lastItem("a"), book.lastItem("b"), book.lastItem("c")]).toStrictEqual([
      turnItemOf("a", 2, plan("y")),
      undefined,
      undefined,
    ]);
  });
});

function header(turnId: string): TurnHeader {
  return { turnId, firstOrdinal: 0, endOrdinalExclusive: 1, status: "completed" };
}

function plan(id: string) {
  return { type: "Plan", id };
}

function bookOf(...turnIds: readonly string[]): MemoryTurnBook {
  const book = new MemoryTurnBook();
  for (const turnId of turnIds) book.put(header(turnId));
  return book;
}

function idsOf(book: MemoryTurnBook): readonly string[] {
  return [...book.turns()].map(({ turnId }) => turnId);
}
