import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../test/support/runs.js";
import type { ItemRef, LineRef } from "./item-ref.js";
import { decodeItemRefs, encodeItemRefs } from "./item-ref-codec.js";

const LARGE = Math.floor(Number.MAX_SAFE_INTEGER / 2);

describe("the items of a turn in bytes", () => {
  it("are the same after they are read again", () => {
    fc.assert(
      fc.property(fc.array(refs(LARGE), { maxLength: 12 }), (all) => {
        expect(decodeItemRefs(encodeItemRefs(all))).toEqual(all);
      }),
      runs(2_000),
    );
  });

  it("are the same at any ordinals that records may have", () => {
    fc.assert(
      fc.property(fc.array(refs(Number.MAX_SAFE_INTEGER), { maxLength: 4 }), (all) => {
        expect(decodeItemRefs(encodeItemRefs(all))).toEqual(all);
      }),
      runs(2_000),
    );
  });

  it("are independent of those that were encoded before", () => {
    fc.assert(
      fc.property(fc.array(refs(LARGE), { maxLength: 5 }), fc.array(refs(LARGE), { maxLength: 5 }), (a, b) => {
        const [first, second] = [encodeItemRefs(a), encodeItemRefs(b)];
        expect([first.equals(encodeItemRefs(a)), second.equals(encodeItemRefs(b))]).toEqual([true, true]);
      }),
      runs(300),
    );
  });

  it("take about ten bytes each when they follow one another", () => {
    const all = Array.from({ length: 1_000 }, (_, at): ItemRef => {
      const lines = [{ part: 0, offset: 50_000_000 + at * 900, length: 700 }];
      return { role: "other", ordinal: 5_000 + at * 2, number: null, idHash: (at * 7919) % 65_536, lines };
    });
    expect(encodeItemRefs(all).length).toBeLessThan(10 * 1_000);
  });

  it("of a turn without any take none", () => {
    expect([encodeItemRefs([]).length, decodeItemRefs(Buffer.alloc(0))]).toEqual([0, []]);
  });
});

function refs(max: number): fc.Arbitrary<ItemRef> {
  const id = fc.oneof(
    fc.record({ number: fc.integer({ min: 1, max: 999_999_999_999_999 }), idHash: fc.constant(0) }),
    fc.record({ number: fc.constant(null), idHash: fc.integer({ min: 0, max: 0xffff }) }),
  );
  return fc
    .record({
      role: fc.constantFrom(
        "other" as const,
        "request" as const,
        "finalAnswer" as const,
        "answer" as const,
        "reasoning" as const,
      ),
      ordinal: counts(max),
      id,
      lines: fc.array(lineRefs(), { minLength: 1, maxLength: 3 }),
    })
    .map(({ role, ordinal, id: { number, idHash }, lines }) => ({ role, ordinal, number, idHash, lines }));
}

function lineRefs(): fc.Arbitrary<LineRef> {
  const line = fc.record({ part: fc.nat(1_000), offset: counts(2 ** 50), length: counts(2 ** 31) });
  const timed = fc.tuple(line, fc.constantFrom("2026-11-20T00:00:00.000Z", "+012026-11-20T00:00:00.000Z", ""));
  return fc.oneof(
    line,
    line.map((one) => ({ ...one, part: 0 })),
    timed.map(([one, timestamp]) => ({ ...one, timestamp })),
  );
}

/** Small ones, and those near a power of two. */
function counts(max: number): fc.Arbitrary<number> {
  const powers = fc
    .tuple(fc.integer({ min: 0, max: 53 }), fc.constantFrom(-1, 0, 1))
    .map(([power, by]) => 2 ** power + by);
  return fc.oneof(
    fc.nat(300),
    powers.map((one) => Math.min(Math.max(one, 0), max)),
    fc.maxSafeNat().map((one) => Math.min(one, max)),
  );
}
