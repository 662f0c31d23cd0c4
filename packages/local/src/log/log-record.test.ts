import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OpenFile } from "../file-system/file-system.js";
import { encodeBlock, type LogRecord, readRecords } from "./log-record.js";

fc.configureGlobal({ seed: 20_261_120, numRuns: 200 });

const ID = "01900000-0000-7000-8000-000000000001";

describe("the records of a commit log", () => {
  it("are read as they were written", () => {
    fc.assert(
      fc.property(fc.array(fc.array(records())), (blocks) => {
        expect([...readRecords(fileOf(Buffer.concat(blocks.map(encodeBlock))))]).toEqual(blocks.flat());
      }),
    );
  });

  it("end where the first block is that was cut off or damaged", () => {
    const all = ["one", "two", "three"].map((text, at) => recordOf(`sessions/${text}.jsonl`, at, text));
    const blocks = all.map((record) => encodeBlock([record]));
    const whole = Buffer.concat(blocks);
    const ends = blocks.map((_, at) => Buffer.concat(blocks.slice(0, at + 1)).length);
    for (let cut = 0; cut <= whole.length; cut++) {
      const expected = all.slice(0, ends.filter((end) => end <= cut).length);
      expect([...readRecords(fileOf(whole.subarray(0, cut)))]).toEqual(expected);
      if (cut === whole.length) continue;
      const damaged = Buffer.from(whole);
      damaged[cut] = (damaged[cut] as number) ^ 0xff;
      expect([...readRecords(fileOf(damaged))]).toEqual(expected);
    }
  });

  it("are refused when a newer threadstore wrote some of them", () => {
    const whole = encodeBlock([recordOf("sessions/a.jsonl", 0, "one")]);
    const newer = Buffer.concat([whole, Buffer.from("TSL2 something else")]);
    expect(() => readRecords(fileOf(newer))).toThrow(expect.objectContaining({ code: "unavailable" }));
  });

  it("are none in zeros, which is what a power cut may leave", () => {
    expect([...readRecords(fileOf(Buffer.alloc(10_000)))]).toEqual([]);
  });
});

function records(): fc.Arbitrary<LogRecord> {
  return fc
    .tuple(fc.string({ unit: "binary" }), fc.nat(), fc.uint8Array())
    .map(([path, offset, bytes]) => ({ threadId: ID, path, offset, bytes: Buffer.from(bytes) }));
}

function recordOf(path: string, offset: number, text: string): LogRecord {
  return { threadId: ID, path, offset, bytes: Buffer.from(text) };
}

function fileOf(content: Buffer): OpenFile {
  return {
    status: () => ({ kind: "file", size: content.length, mtimeMs: 0, inode: 1 }),
    read: (buffer, position) => content.copy(buffer, 0, position),
    close: () => undefined,
  };
}
