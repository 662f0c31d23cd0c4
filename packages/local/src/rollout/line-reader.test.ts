import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OpenFile } from "../file-system/file-system.js";
import { type LineBytes, readLines, readLinesBackward } from "./line-reader.js";

fc.configureGlobal({ seed: 20_261_120, numRuns: 60 });

/** A line as a reader is to show it. */
interface Line {
  readonly text: string;
  readonly offset: number;
  readonly isClosed: boolean;
}

describe("reading lines", () => {
  it("gives every line with its offset; only a last line without a newline is not closed", () => {
    const lines = [
      { text: "one", offset: 0, isClosed: true },
      { text: "", offset: 4, isClosed: true },
      { text: "two\r", offset: 5, isClosed: true },
      { text: "torn", offset: 10, isClosed: false },
    ];
    for (const file of filesOf("one\n\ntwo\r\ntorn")) {
      expect(forward(file, { start: 0, end: 14 })).toStrictEqual({ lines, next: 14 });
      expect(backward(file, { start: 0, end: 14 })).toStrictEqual({ lines: lines.toReversed(), last: 0 });
    }
  });

  it.each(["", "\n", "\n\n", "a", "a\n", "\na", "\n\n\na\n\n"])("of %j is the same from both ends", (text) => {
    const lines = linesOf(text, 0);
    for (const file of filesOf(text)) {
      expect(forward(file, { start: 0, end: text.length })).toStrictEqual({ lines, next: text.length });
      expect(backward(file, { start: 0, end: text.length })).toStrictEqual({ lines: lines.toReversed(), last: 0 });
    }
  });

  it("of any length, between any two of them, is the same from both ends", () => {
    fc.assert(
      fc.property(contents(), fc.nat(), fc.nat(), (text, a, b) => {
        const boundaries = [...linesOf(text, 0).map((line) => line.offset), text.length];
        const [start, end] = [a, b].map((at) => boundaries[at % boundaries.length] as number).sort((x, y) => x - y) as [
          number,
          number,
        ];
        const lines = linesOf(text.slice(start, end), start);
        for (const file of filesOf(text)) {
          const [there, back] = [forward(file, { start, end }), backward(file, { start, end })];
          expect(there.next).toBe(end);
          expect(firstDifference(there.lines, lines)).toBeUndefined();
          expect(firstDifference(back.lines, lines.toReversed())).toBeUndefined();
        }
      }),
    );
  });

  it("stopped and begun again where it stopped goes on with the next line", () => {
    fc.assert(
      fc.property(contents(), fc.integer({ min: 1, max: 7 }), (text, count) => {
        const lines = linesOf(text, 0);
        for (const file of filesOf(text)) {
          expect(firstDifference(forwardInPieces(file, text.length, count), lines)).toBeUndefined();
          expect(firstDifference(backwardInPieces(file, text.length, count), lines.toReversed())).toBeUndefined();
        }
      }),
    );
  });

  it("says where it stopped: before a line that was refused, at the last one that was seen from behind", () => {
    for (const file of filesOf("one\ntwo\nthree")) {
      const range = { start: 0, end: 13 };
      expect(["one", "two", "three", "none"].map((text) => readLines(file, range, until(text)))).toStrictEqual([
        0, 4, 8, 13,
      ]);
      expect(["three", "two", "one", "none"].map((text) => readLinesBackward(file, range, until(text)))).toStrictEqual([
        8, 4, 0, 0,
      ]);
    }
  });

  it("a line of many megabytes is put together in few steps, not copied again for each megabyte", () => {
    const [file] = filesOf(`first\n${"x".repeat(16_000_000)}`);
    let reads = 0;
    const counted: OpenFile = {
      ...file,
      read: (buffer, position) => {
        reads++;
        return file.read(buffer, position);
      },
    };
    expect(backward(counted, { start: 0, end: 16_000_006 }).lines.map((line) => line.text.length)).toStrictEqual([
      16_000_000, 5,
    ]);
    expect(reads).toBeLessThan(13);
  });

  it("of a file that lost its end since it was measured gives the lines that are left", () => {
    const [file] = filesOf("one\ntwo\n");
    const range = { start: 0, end: 1_000 };
    const lines = linesOf("one\ntwo\n", 0);
    expect(forward(file, range).lines).toStrictEqual(lines);
    expect(backward(file, range).lines).toStrictEqual(lines.toReversed());
  });
});

interface Range {
  readonly start: number;
  readonly end: number;
}

function forward(file: OpenFile, range: Range): { readonly lines: Line[]; readonly next: number } {
  const lines: Line[] = [];
  const next = readLines(file, range, (line) => {
    lines.push(copyOf(line));
    return true;
  });
  return { lines, next };
}

function backward(file: OpenFile, range: Range): { readonly lines: Line[]; readonly last: number } {
  const lines: Line[] = [];
  const last = readLinesBackward(file, range, (line) => {
    lines.push(copyOf(line));
    return true;
  });
  return { lines, last };
}

/** Reads some lines at a time, each time from where the last read stopped. */
function forwardInPieces(file: OpenFile, size: number, count: number): Line[] {
  const lines: Line[] = [];
  for (let start = 0; start < size; ) {
    const before = lines.length;
    start = readLines(file, { start, end: size }, (line) => {
      if (lines.length === before + count) return false;
      lines.push(copyOf(line));
      return true;
    });
  }
  return lines;
}

function backwardInPieces(file: OpenFile, size: number, count: number): Line[] {
  const lines: Line[] = [];
  for (let end = size; end > 0; ) {
    const before = lines.length;
    end = readLinesBackward(file, { start: 0, end }, (line) => {
      lines.push(copyOf(line));
      return lines.length < before + count;
    });
  }
  return lines;
}

function until(text: string): (line: LineBytes) => boolean {
  return (line) => copyOf(line).text !== text;
}

function copyOf({ buffer, start, end, offset, isClosed }: LineBytes): Line {
  return { text: buffer.toString("latin1", start, end), offset, isClosed };
}

/** The lines of a text that begins at an offset. */
function linesOf(text: string, from: number): Line[] {
  const lines: Line[] = [];
  let offset = from;
  const parts = text.split("\n");
  for (const [at, part] of parts.entries()) {
    const isClosed = at < parts.length - 1;
    if (isClosed || part !== "") lines.push({ text: part, offset, isClosed });
    offset += part.length + 1;
  }
  return lines;
}

/** What is wrong first, told shortly: whole lines of a megabyte help nobody. */
function firstDifference(found: readonly Line[], expected: readonly Line[]): string | undefined {
  if (found.length !== expected.length) return `${found.length} lines instead of ${expected.length}`;
  const at = found.findIndex((line, index) => {
    const other = expected[index];
    return line.text !== other?.text || line.offset !== other.offset || line.isClosed !== other.isClosed;
  });
  return at < 0 ? undefined : `line ${at} at ${found[at]?.offset} instead of ${expected[at]?.offset}, or its text`;
}

/** Texts of short and blank lines, and of some around the sizes that readers read at once. */
function contents(): fc.Arbitrary<string> {
  const lengths = fc.oneof(
    { weight: 60, arbitrary: fc.nat(40) },
    { weight: 20, arbitrary: fc.constant(0) },
    { weight: 12, arbitrary: fc.constantFrom(32_767, 65_534, 65_535, 65_536, 65_537, 100_000, 200_000) },
    { weight: 3, arbitrary: fc.constantFrom(1_048_575, 1_048_576, 1_100_000, 2_300_000) },
  );
  const texts = fc.tuple(fc.array(lengths, { maxLength: 14 }), fc.constantFrom("", "\n", "\n\n", "\r\n"));
  return texts.map(([all, end]) => all.map((length, at) => "abcdefg".charAt(at % 7).repeat(length)).join("\n") + end);
}

/** The same text as a file that is read in blocks, and as one that is in memory already. */
function filesOf(text: string): [OpenFile, OpenFile] {
  const bytes = Buffer.from(text, "latin1");
  const file: OpenFile = {
    status: () => ({ kind: "file", size: bytes.length, mtimeMs: 0, inode: 1 }),
    read: (buffer, position) => bytes.copy(buffer, 0, position, position + buffer.length),
    close: () => {},
  };
  return [file, { ...file, content: () => bytes }];
}
