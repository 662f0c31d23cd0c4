import type { HistoryMode } from "@threadstore/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OpenFile } from "../file-system/file-system.js";
import { readItems } from "./read-items.js";
import { findRolloutEnd } from "./rollout-end.js";

fc.configureGlobal({ seed: 20_261_120, numRuns: 500 });

const MODES: readonly HistoryMode[] = ["paginated", "legacy"];

describe("the end of a rollout", () => {
  it.each(MODES)("of nothing is where everything begins (%s)", (mode) => {
    expect(endOf("", mode)).toStrictEqual({ size: 0, nextOrdinal: 0, isTorn: false });
  });

  it("of a paginated one follows the last recorded ordinal, whatever came before it", () => {
    const text = [record(7), record(3), record(41)].join("");
    expect(endOf(text, "paginated")).toStrictEqual({ size: text.length, nextOrdinal: 42, isTorn: false });
  });

  it("of a legacy one is the number of its lines, blank ones left out", () => {
    const text = [record(), "garbage\n", record(), "\n", " \r\n", record()].join("");
    expect(endOf(text, "legacy")).toStrictEqual({ size: text.length, nextOrdinal: 4, isTorn: false });
  });

  it("of a paginated one whose last records lack their ordinals goes on counting from the one that has it", () => {
    const text = [record(5), record(), record()].join("");
    expect(endOf(text, "paginated").nextOrdinal).toBe(8);
  });

  it("of a paginated one cut at any byte counts the whole records before the cut", () => {
    forEachCut([0, 1, 2].map(record), ({ cut, cutText, ends, isTorn }) => {
      // A record is whole before its newline is there.
      const nextOrdinal = ends.filter((end) => end - 1 <= cut).length;
      expect(endOf(cutText, "paginated")).toStrictEqual({ size: cut, nextOrdinal, isTorn });
    });
  });

  it("of a legacy one cut at any byte counts the lines before the cut and the one that was cut", () => {
    forEachCut([record(), record(), record()], ({ cut, cutText, ends, isTorn }) => {
      const nextOrdinal = ends.filter((end) => end <= cut).length + (isTorn ? 1 : 0);
      expect(endOf(cutText, "legacy")).toStrictEqual({ size: cut, nextOrdinal, isTorn });
    });
  });

  const damages = [
    { what: "a fragment", tail: '{"timestamp":"2026', isTorn: true, lines: 1 },
    { what: "zeros", tail: "\0".repeat(4096), isTorn: true, lines: 1 },
    { what: "zeros that were closed off", tail: `${"\0".repeat(10)}\n`, isTorn: false, lines: 1 },
    { what: "a fragment that was closed off", tail: '{"timest\n', isTorn: false, lines: 1 },
    { what: "blank lines", tail: "\n \r\n\n", isTorn: false, lines: 0 },
    { what: "white space", tail: "   ", isTorn: true, lines: 0 },
    { what: "bytes that are no UTF-8", tail: "\xff\xfe\n", isTorn: false, lines: 1 },
  ];

  it.each(damages)("of a paginated one after $what is the one before it", ({ tail, isTorn }) => {
    const text = record(0) + tail;
    expect(endOf(text, "paginated")).toStrictEqual({ size: text.length, nextOrdinal: 1, isTorn });
  });

  it.each(damages)(
    "of a legacy one after $what counts the lines of it that are not blank",
    ({ tail, isTorn, lines }) => {
      const text = record() + tail;
      expect(endOf(text, "legacy")).toStrictEqual({ size: text.length, nextOrdinal: 1 + lines, isTorn });
    },
  );

  it("is where the record is read that is appended next", () => {
    const damaged = fc.constantFrom("garbage", "{}", "", " \r", "\0\0", "\xff", record().slice(0, 30));
    const line = fc.oneof({ weight: 3, arbitrary: fc.constant(record(3).trimEnd()) }, damaged);
    const text = fc
      .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom("", "\n"))
      .map(([lines, end]) => lines.join("\n") + end);
    fc.assert(
      fc.property(text, fc.constantFrom(...MODES), (before, mode) => {
        const { nextOrdinal, isTorn } = endOf(before, mode);
        const appended = (isTorn ? "\n" : "") + record(mode === "paginated" ? nextOrdinal : undefined);
        expect(lastOrdinalOf(before + appended, mode)).toBe(nextOrdinal);
        expect(endOf(before + appended, mode).nextOrdinal).toBe(nextOrdinal + 1);
      }),
    );
  });
});

interface Cut {
  readonly cut: number;
  readonly cutText: string;
  /** Where each line ends, its newline included. */
  readonly ends: readonly number[];
  readonly isTorn: boolean;
}

function forEachCut(lines: readonly string[], check: (cut: Cut) => void): void {
  const text = lines.join("");
  const ends = lines.map((_, at) => lines.slice(0, at + 1).join("").length);
  for (let cut = 0; cut <= text.length; cut++) {
    check({ cut, cutText: text.slice(0, cut), ends, isTorn: cut > 0 && !ends.includes(cut) });
  }
}

function record(ordinal?: number): string {
  const given = ordinal === undefined ? {} : { ordinal };
  return `${JSON.stringify({ timestamp: "2026-01-01T00:00:00.000Z", ...given, type: "t", payload: {} })}\n`;
}

function endOf(text: string, historyMode: HistoryMode) {
  return findRolloutEnd(fileOf(Buffer.from(text, "latin1")), historyMode);
}

function lastOrdinalOf(text: string, historyMode: HistoryMode): number | undefined {
  const everything = { from: 0, end: Number.POSITIVE_INFINITY, batchBytes: 1_000_000 };
  const batches = [...readItems(fileOf(Buffer.from(text, "latin1")), historyMode, everything)];
  return batches.at(-1)?.items.at(-1)?.ordinal;
}

function fileOf(bytes: Buffer): OpenFile {
  return {
    status: () => ({ kind: "file", size: bytes.length, mtimeMs: 0, inode: 1 }),
    read: (buffer, position) => bytes.copy(buffer, 0, position, position + buffer.length),
    close: () => {},
  };
}
