import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { OpenFile } from "../file-system/file-system.js";
import { formatJournal, formatRecord, readHeader, readRecords } from "./journal-lines.js";

const PATH = "/home/threadstore/journal/metadata.jsonl";
const RECORDS = [{ type: "a", text: "zwölf\n" }, { type: "b", at: [1, null] }, { type: "c" }];
const JOURNAL = formatJournal("generation", RECORDS);
const HEADER = { type: "header", version: 1, generation: "generation", bytes: Buffer.byteLength(linesOf(RECORDS)) };

describe("a journal", () => {
  it("gives back the records that it was made of, after a header that says how large they are", () => {
    expect(read(JOURNAL)).toStrictEqual({
      records: [HEADER, ...RECORDS],
      end: Buffer.byteLength(JOURNAL),
      rejected: 0,
    });
    expect(headerOf(JOURNAL)).toStrictEqual(HEADER);
  });

  it("has one line a record: a checksum of the JSON that follows it", () => {
    expect(formatRecord({ type: "c" })).toBe(`${crc32('{"type":"c"}').toString(16).padStart(8, "0")} {"type":"c"}\n`);
  });

  it("is read on from any line on", () => {
    let start = 0;
    for (const [at, line] of [HEADER, ...RECORDS].map(formatRecord).entries()) {
      expect(readRecords(fileOf(JOURNAL), start).records).toStrictEqual([HEADER, ...RECORDS].slice(at));
      start += Buffer.byteLength(line);
    }
    const end = Buffer.byteLength(JOURNAL);
    expect(readRecords(fileOf(JOURNAL), end)).toStrictEqual({ records: [], end, rejected: 0 });
  });

  it("cut at any byte gives every record that was closed before the cut, and nothing else", () => {
    const bytes = Buffer.from(JOURNAL);
    const all = [HEADER, ...RECORDS];
    for (let cut = 0; cut <= bytes.length; cut++) {
      const whole = all.filter((_, at) => endOf(all.slice(0, at + 1)) <= cut);
      const found = readRecords(fileOf(bytes.subarray(0, cut)), 0);
      expect(found).toStrictEqual({ records: whole, end: endOf(whole), rejected: 0 });
    }
  });

  it("with any one byte changed loses the lines it touches, and invents nothing", () => {
    const bytes = Buffer.from(JOURNAL);
    const all = [HEADER, ...RECORDS].map((record) => JSON.stringify(record));
    for (let at = 0; at < bytes.length; at++) {
      for (const changed of [0, 0x0a, 0x7b, (bytes[at] as number) ^ 1]) {
        const damaged = Buffer.from(bytes);
        damaged[at] = changed;
        const found = readRecords(fileOf(damaged), 0).records.map((record) => JSON.stringify(record));
        expect(found.filter((record) => !all.includes(record))).toStrictEqual([]);
        // A newline that is lost joins two lines.
        expect(found.length).toBeGreaterThanOrEqual(all.length - 2);
      }
    }
  });

  it.each([
    ["words", "this is no record\n", 1],
    ["zeros", `${"\0".repeat(100)}\n`, 1],
    ["a record without its checksum", '{"type":"c"}\n', 1],
    ["another record's checksum", formatRecord({ type: "a" }).replace('"a"', '"b"'), 1],
    ["JSON that is no object", formatRecord([1]), 1],
    ["bytes that are no UTF-8", "\xff\xfe\n", 1],
    ["half a line, which the next writer closed off", `${formatRecord({ type: "c" }).slice(0, 15)}\n`, 1],
    ["empty lines", "\n\n", 0],
  ])("passes over %s", (_what, garbage, rejected) => {
    const bytes = Buffer.concat([Buffer.from(JOURNAL), Buffer.from(garbage, "latin1"), Buffer.from(linesOf(RECORDS))]);
    const found = readRecords(fileOf(bytes), 0);
    expect(found).toStrictEqual({ records: [HEADER, ...RECORDS, ...RECORDS], end: bytes.length, rejected });
  });
});

describe("the header of a journal", () => {
  it.each([
    ["nothing", ""],
    ["zeros", "\0\0\0\0"],
    ["half of it", JOURNAL.slice(0, 40)],
    ["another record", linesOf(RECORDS)],
    ["an empty line", `\n${JOURNAL}`],
    ["a line of another checksum", JOURNAL.replace("generation", "Generation")],
  ])("cannot be read when the file begins with %s", (_what, text) => {
    expect(headerOf(text)).toBe(undefined);
  });

  it.each([0, 1])("of version %i is read", (version) => {
    expect(headerOf(formatRecord({ ...HEADER, version }))?.version).toBe(version);
  });

  it("of a newer version is refused by a message that names the file and both versions", () => {
    expect(() => headerOf(formatRecord({ ...HEADER, version: 2 }))).toThrow(
      expect.objectContaining({
        code: "unavailable",
        message: `${PATH} has version 2, this threadstore knows versions up to 1: use a newer threadstore`,
      }),
    );
  });
});

function linesOf(records: readonly object[]): string {
  return records.map(formatRecord).join("");
}

function endOf(records: readonly object[]): number {
  return Buffer.byteLength(linesOf(records));
}

function read(text: string) {
  return readRecords(fileOf(text), 0);
}

function headerOf(text: string) {
  return readHeader(fileOf(text), PATH);
}

function fileOf(content: string | Buffer): OpenFile {
  const bytes = Buffer.from(content);
  return {
    status: () => ({ kind: "file", size: bytes.length, mtimeMs: 0, inode: 1 }),
    read: (buffer, position) => bytes.copy(buffer, 0, position, position + buffer.length),
    close: () => {},
  };
}
