import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instantFromMs } from "../protocol/instant.js";
import type { StoredThread } from "../store/records.js";
import { compareThreads, isFromPosition, sectionValue, sortValue, type ThreadOrder } from "./thread-order.js";

fc.configureGlobal({ seed: 20_261_120, numRuns: 300 });

const KEYS = ["createdAt", "updatedAt", "recencyAt", "section"] as const;
const ORDERS = KEYS.flatMap((key) => (["asc", "desc"] as const).map((direction) => ({ key, direction })));

const [FIRST, SECOND] = [aThread(1, 0), aThread(2, 0)];

describe("compareThreads", () => {
  it("sorts by the key, ties by id, both in the direction of the order", () => {
    const threads = [aThread(2, 1), aThread(3, 0), aThread(1, 1)];
    const ids = (direction: "asc" | "desc") =>
      [...threads]
        .sort((a, b) => compareThreads(a, b, { key: "updatedAt", direction }))
        .map((thread) => thread.threadId);
    expect(ids("asc")).toStrictEqual([id(3), id(1), id(2)]);
    expect(ids("desc")).toStrictEqual([id(2), id(1), id(3)]);
  });

  it("is the same for two looks at one thread only", () => {
    for (const order of ORDERS) {
      expect(compareThreads(FIRST, FIRST, order) === 0).toBe(true);
      expect(compareThreads(FIRST, SECOND, order) === 0).toBe(false);
    }
  });

  it("positions in a section sort as numbers; a thread without one stands at 0", () => {
    const inSection = (number: number, position?: number) => ({
      ...aThread(number, 0),
      neighbour: { section: { id: "s", name: "", appearance: null, ...(position === undefined ? {} : { position }) } },
    });
    const threads = [inSection(1, 500_001), inSection(2, 9), inSection(3), inSection(4, 10), aThread(5, 0)];
    const sorted = threads.sort((a, b) => compareThreads(a, b, { key: "section", direction: "asc" }));
    expect(sorted.map((thread) => thread.threadId)).toStrictEqual([id(3), id(5), id(2), id(4), id(1)]);
  });
});

describe("sectionValue", () => {
  it("is text that sorts as the positions do; one before the first is the first", () => {
    const positions = fc.integer({ min: -10, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(positions, positions, (a, b) => {
        expect(sectionValue(a) < sectionValue(b)).toBe(Math.max(0, a) < Math.max(0, b));
      }),
    );
  });
});

describe("isFromPosition", () => {
  it("what comes from a thread's position on is what the order puts there", () => {
    fc.assert(
      fc.property(
        fc.array(threads(), { maxLength: 12 }),
        threads(),
        fc.constantFrom(...ORDERS),
        (others, at, order) => {
          const value = sortValue(at, order.key);
          const from = (inclusive: boolean) =>
            others.filter((thread) => isFromPosition(thread, { value, threadId: at.threadId, inclusive }, order));
          expect(from(false)).toStrictEqual(others.filter((thread) => compareThreads(thread, at, order) > 0));
          expect(from(true)).toStrictEqual(others.filter((thread) => compareThreads(thread, at, order) >= 0));
        },
      ),
    );
  });

  it("pages of any size from position to position are the whole list", () => {
    const lists = fc.uniqueArray(threads(), { selector: (thread) => thread.threadId, maxLength: 20 });
    fc.assert(
      fc.property(lists, fc.constantFrom(...ORDERS), fc.integer({ min: 1, max: 5 }), (list, order, pageSize) => {
        const sorted = [...list].sort((a, b) => compareThreads(a, b, order));
        expect(pageThrough(sorted, order, pageSize)).toStrictEqual(sorted);
      }),
    );
  });
});

function pageThrough(sorted: readonly StoredThread[], order: ThreadOrder, pageSize: number): StoredThread[] {
  const seen = sorted.slice(0, pageSize);
  while (seen.length < sorted.length) {
    const last = seen.at(-1) as StoredThread;
    const position = { value: sortValue(last, order.key), threadId: last.threadId, inclusive: false };
    seen.push(...sorted.filter((thread) => isFromPosition(thread, position, order)).slice(0, pageSize));
  }
  return seen;
}

/** Threads of few ids and few times, so that ties are common. */
function threads(): fc.Arbitrary<StoredThread> {
  return fc.tuple(fc.nat(30), fc.nat(3)).map(([number, time]) => aThread(number, time));
}

function id(number: number): string {
  return `00000000-0000-7000-8000-${String(number).padStart(12, "0")}`;
}

function aThread(number: number, time: number): StoredThread {
  const instant = instantFromMs(Date.UTC(2026, 0) + time);
  return {
    threadId: id(number),
    revision: 0,
    historyMode: "paginated",
    sessionId: id(number),
    preview: "",
    modelProvider: "",
    createdAt: instant,
    updatedAt: instant,
    recencyAt: instant,
    cwd: "",
    cliVersion: "",
    source: "cli",
    approvalMode: null,
    sandboxPolicy: null,
    neighbour: { section: { id: "s", name: "", appearance: null, position: time } },
  };
}
