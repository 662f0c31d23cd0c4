import type { StoredTurn, StoredTurnItem, TurnItem } from "@threadstore/core";
import { MemoryTurnBook, roleOf, type TurnBook, type TurnHeader } from "@threadstore/core/driver";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../test/support/runs.js";
import { nodeFileSystem } from "../file-system/node-file-system.js";
import { IndexDatabase } from "../index/index-database.js";
import { IndexedTurnBook, type TurnBookState } from "./indexed-turn-book.js";
import { idKeyOf } from "./item-ref.js";
import { type TurnRow, turnRowsOf } from "./turn-rows.js";

const FOLD = 7;

/** What is done to both books; the line that is folded is at its number. */
type Operation = (book: TurnBook, ordinal: number) => void;

describe("turns in the index", () => {
  it("are those of a book in memory, whenever what changed is saved", () => {
    const index = new IndexDatabase([{ path: null, prepare: () => {} }], nodeFileSystem);
    const steps = fc.array(fc.tuple(operations(), fc.integer({ min: 0, max: 5 }), fc.boolean()), { maxLength: 30 });
    fc.assert(
      fc.property(steps, (all) => {
        index.run("DELETE FROM turns");
        const books = new BothBooks(index);
        for (const [operation, isSaved, isEqual] of all) books.perform(operation, { isSaved: isSaved === 0, isEqual });
        books.compare();
      }),
      runs(400),
    );
    index.close();
  });
});

/** Ids of which some have the same hash. */
const ITEM_IDS = ["item-1", "item-2", "item-12", ...collidingIds(), "plan"];
const TURN_IDS = ["a", "b", "c"];

function operations(): fc.Arbitrary<Operation> {
  const turnId = fc.constantFrom(...TURN_IDS);
  const item = fc.tuple(turnId, fc.constantFrom(...ITEM_IDS), items());
  return fc.oneof(
    {
      weight: 3,
      arbitrary: turnId.map(
        (id): Operation =>
          (book, ordinal) =>
            begin(book, id, ordinal),
      ),
    },
    {
      weight: 2,
      arbitrary: turnId.map(
        (id): Operation =>
          (book) =>
            end(book, id),
      ),
    },
    {
      weight: 8,
      arbitrary: item.map(
        ([id, itemId, made]): Operation =>
          (book, ordinal) =>
            putItem(book, { id, itemId, made, ordinal }),
      ),
    },
    {
      weight: 1,
      arbitrary: turnId.map(
        (id): Operation =>
          (book, ordinal) =>
            moveToEnd(book, id, ordinal),
      ),
    },
    {
      weight: 1,
      arbitrary: turnId.map(
        (id): Operation =>
          (book) =>
            book.remove(id),
      ),
    },
    {
      weight: 1,
      arbitrary: fc.nat(3).map(
        (count): Operation =>
          (book) =>
            book.dropLast(count),
      ),
    },
    {
      weight: 1,
      arbitrary: fc.nat(6).map(
        (back): Operation =>
          (book, ordinal) =>
            book.removeBefore(Math.max(0, ordinal - back)),
      ),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(turnId, fc.nat(3)).map(
        ([id, by]): Operation =>
          (book, ordinal) =>
            book.reach(id, ordinal + by),
      ),
    },
  );
}

function items(): fc.Arbitrary<Omit<TurnItem, "id">> {
  return fc.constantFrom<Omit<TurnItem, "id">>(
    { type: "UserMessage" },
    { type: "AgentMessage" },
    { type: "AgentMessage", phase: "final_answer" },
    { type: "Plan" },
  );
}

/** As a fold does: a turn that is there already begins anew behind the others, and no line begins two of them. */
function begin(book: TurnBook, turnId: string, ordinal: number): void {
  if (TURN_IDS.some((id) => book.find(id)?.firstOrdinal === ordinal)) return;
  if (book.find(turnId)) book.remove(turnId);
  book.put({ turnId, firstOrdinal: ordinal, endOrdinalExclusive: ordinal + 1, status: "inProgress" });
}

function end(book: TurnBook, turnId: string): void {
  const turn = book.find(turnId);
  if (turn) book.put({ ...turn, status: "completed", durationMs: 5 });
}

function moveToEnd(book: TurnBook, turnId: string, ordinal: number): void {
  const turn = book.find(turnId);
  if (turn) book.moveToEnd({ ...turn, firstOrdinal: ordinal, endOrdinalExclusive: ordinal + 1, status: "interrupted" });
}

function putItem(
  book: TurnBook,
  { id, itemId, made, ordinal }: { id: string; itemId: string; made: Omit<TurnItem, "id">; ordinal: number },
): void {
  if (!book.find(id)) return;
  const item = { ...made, id: itemId } as TurnItem;
  book.reach(id, ordinal + 1);
  book.putItem({ turnId: id, itemId, ordinal, createdAt: "2026-11-20T00:00:00.000Z", item });
}

/** A book in memory, and one in the index that is gone on with after each save. */
class BothBooks {
  readonly #index: IndexDatabase;
  readonly #memory = new MemoryTurnBook();
  readonly #state: TurnBookState = { lastOrdinal: -1, lastTurnId: null };
  /** What the line of an ordinal said: items are told apart by what the rollout says. */
  readonly #idsAt = new Map<number, string>();
  #indexed: IndexedTurnBook;
  #ordinal = 0;

  constructor(index: IndexDatabase) {
    this.#index = index;
    this.#indexed = this.#open();
  }

  perform(operation: Operation, { isSaved, isEqual }: { isSaved: boolean; isEqual: boolean }): void {
    if (!isEqual || this.#ordinal === 0) this.#ordinal++;
    this.#indexed.line = { part: 0, offset: this.#idsAt.size, length: 1 };
    operation(this.#memory, this.#ordinal);
    operation(this.#remembering(), this.#ordinal);
    const outlines = TURN_IDS.map((id) => [withoutEnd(this.#indexed.find(id)), withoutEnd(this.#memory.find(id))]);
    for (const [found, expected] of outlines) expect(found).toEqual(expected);
    if (isSaved) this.compare();
  }

  compare(): void {
    this.#index.transaction(() => this.#indexed.save(FOLD));
    this.#indexed = this.#open();
    const rows = turnRowsOf(this.#index, { fold: FOLD, direction: "asc", limit: 100, anchor: null });
    expect(rows.map((row) => this.#rowOutline(row))).toEqual(sorted([...this.#memory.turns()]).map(turnOutline));
    this.#checkOrder(rows);
  }

  /** The items of turns that are said to be in order stand behind those of the turns in order before them. */
  #checkOrder(rows: readonly TurnRow[]): void {
    let last = -1;
    for (const { header, isInOrder, items: itemsOf } of rows) {
      if (!isInOrder) continue;
      const ordinals = [header.firstOrdinal, ...itemsOf().map(({ ordinal }) => ordinal)];
      expect(ordinals).toEqual([...ordinals].sort((a, b) => a - b));
      expect(header.firstOrdinal).toBeGreaterThanOrEqual(last);
      last = ordinals.at(-1) as number;
    }
  }

  #open(): IndexedTurnBook {
    const idOf: ConstructorParameters<typeof IndexedTurnBook>[0]["idOf"] = (_turn, { lines }) =>
      this.#idsAt.get(lines[0]?.offset ?? -1) ?? null;
    return new IndexedTurnBook({ index: this.#index, fold: FOLD, state: this.#state, idOf });
  }

  /** The book in the index, of whose lines it is remembered what they say. */
  #remembering(): TurnBook {
    const indexed = this.#indexed;
    const remember = (itemId: string) => this.#idsAt.set(indexed.line.offset, itemId);
    return {
      find: (id) => indexed.find(id),
      put: (turn) => indexed.put(turn),
      reach: (id, endOrdinal) => indexed.reach(id, endOrdinal),
      moveToEnd: (turn) => indexed.moveToEnd(turn),
      putItem: (item) => {
        remember(item.itemId);
        indexed.putItem(item);
      },
      lastItem: (id) => indexed.lastItem(id),
      remove: (id) => indexed.remove(id),
      dropLast: (count) => indexed.dropLast(count),
      removeBefore: (ordinal) => indexed.removeBefore(ordinal),
    };
  }

  #rowOutline({ header, items: itemsOf }: TurnRow): unknown {
    return [
      header,
      itemsOf().map(({ ordinal, role, lines }) => [this.#idsAt.get(lines[0]?.offset ?? -1), ordinal, role]),
    ];
  }
}

function turnOutline({ items: all, itemsView: _view, ...header }: StoredTurn): unknown {
  return [header, all.map(({ itemId, ordinal, item }: StoredTurnItem) => [itemId, ordinal, roleOf(item)])];
}

/** Where a turn ends is put together when it is saved. */
function withoutEnd(turn: TurnHeader | undefined): unknown {
  return turn && { ...turn, endOrdinalExclusive: 0 };
}

function sorted(turns: readonly StoredTurn[]): StoredTurn[] {
  return [...turns].sort((a, b) => a.firstOrdinal - b.firstOrdinal || (a.turnId < b.turnId ? -1 : 1));
}

/** Two ids with the same hash of sixteen bits. */
function collidingIds(): string[] {
  const seen = new Map<number, string>();
  for (let number = 0; ; number++) {
    const id = `call-${number}`;
    const { idHash } = idKeyOf(id);
    const other = seen.get(idHash);
    if (other) return [other, id];
    seen.set(idHash, id);
  }
}
