import * as fs from "node:fs";
import { join } from "node:path";
import type { HistoryMode, Page, SortDirection, StoredTurn, StoredTurnItem, ThreadStore } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { indexThread } from "./support/index-thread.js";
import { releaseHandles } from "./support/release-handles.js";
import { runs } from "./support/runs.js";
import {
  type LinePlan,
  linePlans,
  type PlanOptions,
  ThreadFiles,
  type ThreadPlan,
  threadPlans,
} from "./support/thread-files.js";
import { type PageStart, pageOfItems, pageOfTurns, placeOfItem, placeOfTurn, turnsOf } from "./support/turn-oracle.js";
import { makeHome } from "./support/write-home.js";
import { codeOf } from "./support/written-home.js";

// Pages of turns and items, whatever happens to the home between two of them, are those of a fold of the whole history.
describe.each(["paginated", "legacy"] as const)("pages of a %s thread", (historyMode) => {
  const lines = [
    ["as they are written", { isIncomplete: false }],
    ["of which some lack something", { isIncomplete: true }],
    ["of which some stand at stray ordinals", { isIncomplete: false, isStray: true }],
  ] as const;
  const kinds = ["turns", "items", "items of a turn"] as const;
  const all = kinds.flatMap((kind) => lines.map(([what, options]) => [kind, what, options] as const));
  it.each(all)("of %s are those of a fold of the whole history, of lines %s", async (kind, _what, options) => {
    const property = fc.asyncProperty(walks(historyMode, options), (walk) => takeWalk(kind, walk));
    await fc.assert(property, runs(20));
  });
});

describe.each(["paginated", "legacy"] as const)(
  "pages of a %s thread that are asked for all at once",
  (historyMode) => {
    it("are those of a fold of the whole history", async () => {
      const property = fc.asyncProperty(walks(historyMode, { isIncomplete: true }), async ({ plan, steps }) => {
        await withHome(plan, async (player) => {
          const asking = steps.flatMap((step) => [player.askForTurns(step, null), player.askForItems(step, null, {})]);
          await Promise.all([...asking, player.change({ type: "index" })]);
        });
      });
      await fc.assert(property, runs(30));
    });
  },
);

type Kind = "turns" | "items" | "items of a turn";

/** What happens before a page is asked for. */
type Change =
  | { readonly type: "nothing" | "reopen" | "forget" | "index" }
  | { readonly type: "appendAsStore"; readonly lines: LinePlan }
  | { readonly type: "touchBase"; readonly base: number }
  | {
      readonly type: "appendToBase";
      readonly base: number;
      readonly lines: LinePlan;
      readonly back: number;
      readonly torn: number;
    }
  | {
      readonly type: "appendAsStranger";
      readonly lines: LinePlan;
      readonly torn: number;
      readonly joint: "rest" | "newline" | "";
    };

interface Step {
  readonly change: Change;
  readonly from: "start" | "next" | "backwards";
  readonly direction: SortDirection;
  readonly pageSize: number;
  readonly view: "notLoaded" | "summary" | "full";
}

interface Walk {
  readonly plan: ThreadPlan;
  readonly turn: number;
  readonly steps: readonly Step[];
}

function walks(historyMode: HistoryMode, options: PlanOptions): fc.Arbitrary<Walk> {
  const lines = linePlans(historyMode, { ...options, maxLength: 8 });
  const base = fc.nat(2);
  const change: fc.Arbitrary<Change> = fc.oneof(
    { weight: 4, arbitrary: fc.constant({ type: "nothing" as const }) },
    {
      weight: 3,
      arbitrary: fc.constantFrom("reopen" as const, "forget" as const, "index" as const).map((type) => ({ type })),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constant("appendAsStore" as const), lines }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant("touchBase" as const), base }) },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constant("appendToBase" as const),
        base,
        lines,
        back: options.isStray ? fc.nat(20) : fc.constant(0),
        torn: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.nat(60)),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constant("appendAsStranger" as const),
        lines,
        torn: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.nat(60)),
        joint: fc.constantFrom("rest" as const, "newline" as const, "" as const),
      }),
    },
  );
  const direction = fc.constantFrom("asc" as const, "desc" as const);
  const step = fc.record({
    change,
    from: fc.oneof(
      { weight: 6, arbitrary: fc.constant("next" as const) },
      fc.constantFrom("start" as const, "backwards" as const),
    ),
    direction,
    pageSize: fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 1, max: 4 }) }, fc.integer({ min: 1, max: 50 })),
    view: fc.constantFrom("notLoaded" as const, "summary" as const, "full" as const),
  });
  return fc.record({
    plan: threadPlans(historyMode, options),
    turn: fc.nat(10),
    steps: fc
      .tuple(direction, fc.boolean(), fc.array(step, { minLength: 1, maxLength: 10 }))
      .map(([first, isSteady, steps]) =>
        // Mostly a sequence goes one way; else it turns around now and then.
        isSteady ? steps.map((one) => ({ ...one, direction: first })) : steps,
      ),
  });
}

async function takeWalk(kind: Kind, { plan, turn, steps }: Walk): Promise<void> {
  await withHome(plan, async (player) => {
    const turns = player.turns();
    const turnId = turns[turn % Math.max(turns.length, 1)]?.turnId;
    const scope = kind === "items of a turn" ? { turnId: turnId ?? "none" } : {};
    let before: Asked | null = null;
    for (const step of steps) {
      await player.change(step.change);
      const isTurns = kind === "turns";
      before = isTurns ? await player.askForTurns(step, before) : await player.askForItems(step, before, scope);
    }
  });
}

async function withHome(plan: ThreadPlan, work: (player: Player) => Promise<void>): Promise<void> {
  const home = makeHome();
  const player = new Player(home.path, plan);
  try {
    await work(player);
  } finally {
    await player.close();
    home.remove();
    await releaseHandles();
  }
}

/** A page that was given, and where those before and after it begin. */
interface Asked {
  readonly page: Page<unknown>;
  readonly first: PageStart | null;
  readonly last: PageStart | null;
}

class Player {
  readonly files: ThreadFiles;
  readonly #home: string;
  #store: ThreadStore;
  /** What a stranger has not written yet of a line. */
  #rest = Buffer.alloc(0);

  constructor(home: string, plan: ThreadPlan) {
    this.#home = home;
    this.files = new ThreadFiles(home, plan);
    this.#store = openLocalThreadStore({ home });
  }

  turns(): StoredTurn[] {
    return turnsOf(this.files, this.files.history());
  }

  async askForTurns(step: Step, before: Asked | null): Promise<Asked> {
    const { view, pageSize, direction } = step;
    const { cursor, from } = startOf(step, before);
    const params = { threadId: this.files.threadId, itemsView: view, pageSize, sortDirection: direction };
    const page = await this.#store.listTurns({ ...params, ...(cursor === null ? {} : { cursor }) });
    return checked(page, pageOfTurns(this.turns(), { direction, pageSize, from }, view), placeOfTurn);
  }

  async askForItems(step: Step, before: Asked | null, scope: { readonly turnId?: string }): Promise<Asked | null> {
    const { pageSize, direction } = step;
    const { cursor, from } = startOf(step, before);
    const params = { threadId: this.files.threadId, pageSize, sortDirection: direction, ...scope };
    const call = this.#store.listItems({ ...params, ...(cursor === null ? {} : { cursor }) });
    const turns = this.turns().filter(({ turnId }) => scope.turnId === undefined || turnId === scope.turnId);
    if (scope.turnId !== undefined && turns.length === 0) {
      expect(await codeOf(call)).toBe("invalid_request");
      return null;
    }
    return checked<StoredTurnItem>(await call, pageOfItems(turns, { direction, pageSize, from }), placeOfItem);
  }

  async change(change: Change): Promise<void> {
    if (change.type === "reopen") await this.#reopen();
    else if (change.type === "forget")
      fs.rmSync(join(this.#home, "threadstore/cache"), { recursive: true, force: true });
    else if (change.type === "index") await indexThread(this.#home, this.files.threadId);
    else if (change.type === "appendAsStore") await this.#appendAsStore(change.lines);
    else if (change.type === "touchBase") this.files.touchBase(change.base);
    else if (change.type === "appendToBase") this.files.appendToBase(change.base, change.lines, change);
    else if (change.type === "appendAsStranger") this.#appendAsStranger(change);
  }

  async close(): Promise<void> {
    await this.#store[Symbol.asyncDispose]();
  }

  async #reopen(): Promise<void> {
    await this.close();
    this.#store = openLocalThreadStore({ home: this.#home });
  }

  async #appendAsStore(lines: LinePlan): Promise<void> {
    const { threadId } = this.files;
    await this.#store.resumeThread({ threadId });
    const items = this.files.nextItems(lines);
    if (items.length > 0) await this.#store.appendItems({ threadId, items });
    await this.#store.shutdownThread(threadId);
    this.#rest = Buffer.alloc(0);
  }

  #appendAsStranger({ lines, torn, joint }: Extract<Change, { type: "appendAsStranger" }>): void {
    const isTorn = this.files.bytes().at(-1) !== 0x0a;
    if (isTorn && joint !== "") this.files.append(joint === "rest" ? this.#rest : Buffer.from("\n"));
    const bytes = this.files.nextLines(lines);
    const end = Math.max(0, bytes.length - torn);
    this.files.append(bytes.subarray(0, end));
    this.#rest = Buffer.from(bytes.subarray(end));
  }
}

function startOf(
  { from }: Step,
  before: Asked | null,
): { readonly cursor: string | null; readonly from: PageStart | null } {
  const { nextCursor = null, backwardsCursor = null } = before?.page ?? {};
  if (from === "next" && nextCursor !== null) return { cursor: nextCursor, from: before?.last ?? null };
  if (from === "backwards" && backwardsCursor !== null) return { cursor: backwardsCursor, from: before?.first ?? null };
  return { cursor: null, from: null };
}

function checked<T>(
  page: Page<T>,
  { data, hasMore }: { readonly data: readonly T[]; readonly hasMore: boolean },
  placeOf: (row: T) => { readonly ordinal: number; readonly id: string },
): Asked {
  expect(page.data).toEqual(data);
  expect([page.nextCursor !== null, page.backwardsCursor !== null]).toEqual([hasMore, data.length > 0]);
  const [first, last] = [data[0], data.at(-1)];
  return {
    page,
    first: first === undefined ? null : { ...placeOf(first), inclusive: true },
    last: last === undefined ? null : { ...placeOf(last), inclusive: false },
  };
}
