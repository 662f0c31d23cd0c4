import type { HistoryMode } from "@threadstore/core";
import { describe, expect, it } from "vitest";
import type { OpenFile } from "../file-system/file-system.js";
import { findRolloutEnd } from "./rollout-end.js";

const MODES: readonly HistoryMode[] = ["paginated", "legacy"];

describe("the end of a rollout", () => {
  it.each(MODES)("of nothing is where everything begins (%s)", (mode) => {
    expect(endOf("", mode)).toStrictEqual({ size: 0, nextOrdinal: 0, isTorn: false });
  });

  it("of a paginated one follows the last recorded ordinal, whatever came before it", () => {
    const text = [record(7), record(3), record(41)].join("");
    expect(endOf(text, "paginated")).toStrictEqual({ size: text.length, nextOrdinal: 42, isTorn: false });
  });

  it("of a legacy one is the number of its readable records", () => {
    const text = [record(), "garbage\n", record(), "\n", " \r\n", record()].join("");
    expect(endOf(text, "legacy")).toStrictEqual({ size: text.length, nextOrdinal: 3, isTorn: false });
  });

  it("of a paginated one whose last records lack their ordinals goes on counting from the one that has it", () => {
    const text = [record(5), record(), record()].join("");
    expect(endOf(text, "paginated").nextOrdinal).toBe(8);
  });

  it.each(MODES)("cut at any byte counts the whole records before the cut (%s)", (mode) => {
    const lines = [0, 1, 2].map((ordinal) => record(mode === "paginated" ? ordinal : undefined));
    const text = lines.join("");
    const ends = lines.map((_, at) => lines.slice(0, at + 1).join("").length);
    for (let cut = 0; cut <= text.length; cut++) {
      // A record is whole before its newline is there.
      const nextOrdinal = ends.filter((end) => end - 1 <= cut).length;
      const isTorn = cut > 0 && !ends.includes(cut);
      expect(endOf(text.slice(0, cut), mode)).toStrictEqual({ size: cut, nextOrdinal, isTorn });
    }
  });

  it.each([
    ["a fragment", '{"timestamp":"2026', true],
    ["zeros", "\0".repeat(4096), true],
    ["zeros that were closed off", `${"\0".repeat(10)}\n`, false],
    ["a fragment that was closed off", '{"timest\n', false],
    ["blank lines", "\n \r\n\n", false],
    ["white space", "   ", true],
    ["bytes that are no UTF-8", "\xff\xfe\n", false],
  ])("after %s is the one before it", (_what, tail, isTorn) => {
    for (const mode of MODES) {
      const text = record(mode === "paginated" ? 0 : undefined) + tail;
      expect(endOf(text, mode)).toStrictEqual({ size: text.length, nextOrdinal: 1, isTorn });
    }
  });
});

function record(ordinal?: number): string {
  const given = ordinal === undefined ? {} : { ordinal };
  return `${JSON.stringify({ timestamp: "2026-01-01T00:00:00.000Z", ...given, type: "t", payload: {} })}\n`;
}

function endOf(text: string, historyMode: HistoryMode) {
  return findRolloutEnd(fileOf(Buffer.from(text, "latin1")), historyMode);
}

function fileOf(bytes: Buffer): OpenFile {
  return {
    status: () => ({ kind: "file", size: bytes.length, mtimeMs: 0, inode: 1 }),
    read: (buffer, position) => bytes.copy(buffer, 0, position, position + buffer.length),
    close: () => {},
  };
}
