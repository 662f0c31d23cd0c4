import { encodeOrdinalCursor, type OrdinalPosition, type SortDirection } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { releaseHandles } from "./support/release-handles.js";
import { runs } from "./support/runs.js";
import { ThreadFiles, type ThreadPlan, threadPlans } from "./support/thread-files.js";
import { placeOfItem, placeOfTurn, turnsOf } from "./support/turn-oracle.js";
import { makeHome } from "./support/write-home.js";
import { codeOf } from "./support/written-home.js";

// Whoever keeps cursors of another kind knows only the ordinal of a row, or only its id.
describe.each(["paginated", "legacy"] as const)("a cursor into a %s thread", (historyMode) => {
  it.each(["turns", "items", "items of a turn"] as const)(
    "into %s that knows only an ordinal or an id stands for the rows that have it",
    async (kind) => {
      const plans = threadPlans(historyMode, { isIncomplete: false, maxLength: 20 });
      const property = fc.asyncProperty(plans, fc.array(askings(), { minLength: 1, maxLength: 5 }), (plan, all) => {
        return askAll({ plan, kind }, all);
      });
      await fc.assert(property, runs(25));
    },
  );
});

interface Asking {
  /** A row, as a number that stands for it; or an ordinal that may have none. */
  readonly row: number;
  readonly knows: "ordinal" | "anOrdinal" | "id" | "noId" | "both";
  readonly inclusive: boolean;
  readonly direction: SortDirection;
  readonly pageSize: number;
}

function askings(): fc.Arbitrary<Asking> {
  return fc.record({
    row: fc.nat(30),
    knows: fc.constantFrom("ordinal" as const, "anOrdinal" as const, "id" as const, "noId" as const, "both" as const),
    inclusive: fc.boolean(),
    direction: fc.constantFrom("asc" as const, "desc" as const),
    pageSize: fc.integer({ min: 1, max: 10 }),
  });
}

interface Place {
  readonly ordinal: number;
  readonly id: string;
}

interface Subject {
  readonly plan: ThreadPlan;
  readonly kind: "turns" | "items" | "items of a turn";
}

async function askAll({ plan, kind }: Subject, all: readonly Asking[]): Promise<void> {
  const home = makeHome();
  const files = new ThreadFiles(home.path, plan);
  const { threadId } = files;
  const turns = turnsOf(files, files.history());
  const turnId = kind === "items of a turn" ? turns.at(-1)?.turnId : undefined;
  const shown = turnId === undefined ? turns : turns.slice(-1);
  const places = kind === "turns" ? turns.map(placeOfTurn) : shown.flatMap(({ items }) => items.map(placeOfItem));
  const scope = {
    threadId,
    kind: kind === "turns" ? kind : ("items" as const),
    ...(turnId === undefined ? {} : { turnId }),
  };
  const store = openLocalThreadStore({ home: home.path });
  try {
    for (const asking of all) {
      const position = positionOf(places, asking);
      if (position === null) continue;
      const { direction: sortDirection, pageSize } = asking;
      const params = { threadId, sortDirection, pageSize, cursor: encodeOrdinalCursor(scope, position) };
      const ask = async (): Promise<string[]> => {
        if (kind === "turns") return (await store.listTurns(params)).data.map((turn) => turn.turnId);
        return (await store.listItems({ ...params, ...(turnId === undefined ? {} : { turnId }) })).data.map(
          (item) => item.itemId,
        );
      };
      const expected = expectedIds(places, position, asking);
      if (expected === null) expect(await codeOf(ask())).toBe("invalid_request");
      else expect(await ask()).toEqual(expected);
    }
  } finally {
    await store[Symbol.asyncDispose]();
    home.remove();
    await releaseHandles();
  }
}

function positionOf(places: readonly Place[], { row, knows, inclusive }: Asking): OrdinalPosition | null {
  if (knows === "anOrdinal") return { ordinal: row, inclusive };
  if (knows === "noId") return { id: "of nobody", inclusive };
  const place = places[row % Math.max(places.length, 1)];
  if (!place) return null;
  if (knows === "both") return { ...place, inclusive };
  // Of items with one id in several turns an id alone does not tell which is meant.
  const isTold = places.filter(({ id }) => id === place.id).length === 1;
  return knows === "id" && isTold ? { id: place.id, inclusive } : { ordinal: place.ordinal, inclusive };
}

function expectedIds(
  places: readonly Place[],
  position: OrdinalPosition,
  { direction, pageSize }: Asking,
): string[] | null {
  const { ordinal, id } =
    position.ordinal === undefined ? (places.find((one) => one.id === position.id) ?? {}) : position;
  if (ordinal === undefined) return null;
  const sign = direction === "asc" ? 1 : -1;
  const ordered = [...places].sort((a, b) => sign * compare(a, b));
  const rest = ordered.filter((place) => {
    const order = sign * (id === undefined ? place.ordinal - ordinal : compare(place, { ordinal, id }));
    return order > 0 || (order === 0 && position.inclusive);
  });
  return rest.slice(0, pageSize).map((place) => place.id);
}

function compare(a: Place, b: Place): number {
  return a.ordinal - b.ordinal || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
