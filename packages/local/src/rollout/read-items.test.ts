import type { HistoryMode, StoredItem } from "@threadstore/core";
import { describe, expect, it } from "vitest";
import type { OpenFile } from "../file-system/file-system.js";
import { type ItemBatch, OrdinalCounter, readItems } from "./read-items.js";

const FILE_TIME = "2026-11-20T12:00:00.500Z";
const [FIRST, SECOND, THIRD] = [1, 2, 3].map((second) => `2026-11-20T10:51:0${second}.000Z`) as [
  string,
  string,
  string,
];
const A = '{"type":"response_item","payload":{"big":12345678901234567890,"float":1.0}}';
const B = '{"type":"a_kind_of_the_future","payload":null,"metadata":{"x":1}}';
const C = '{"type":"event_msg","payload":{"type":"user_message","message":"日😀"}}';

describe("a legacy rollout", () => {
  it("gives each record its text, its time and its place among the lines", () => {
    const lines = [line(A, { timestamp: FIRST }), line(B, { timestamp: SECOND }), line(C, { timestamp: THIRD })];
    expect(read(lines.join("\n"), "legacy")).toStrictEqual({
      items: [
        { ordinal: 0, timestamp: FIRST, json: A, item: JSON.parse(A) },
        { ordinal: 1, timestamp: SECOND, json: B, item: JSON.parse(B) },
        { ordinal: 2, timestamp: THIRD, json: C, item: JSON.parse(C) },
      ],
      rejected: 0,
    });
  });

  it("ordinals that are recorded there do not count", () => {
    const text = [line(A, { ordinal: 5 }), line(B, { ordinal: 5 })].join("\n");
    expect(ordinalsOf(text, "legacy")).toStrictEqual([0, 1]);
  });

  it("passes over blank lines; lines that are no records are counted and keep their places", () => {
    const lines = [
      "",
      line(A),
      " \t\r",
      "garbage",
      "[]",
      "{}",
      `${line(B)}\r`,
      line(C).slice(0, 40),
      "\0\0\0\0",
      line(C),
    ];
    const { items, rejected } = read(`${lines.join("\n")}\n`, "legacy");
    expect(items.map((item) => [item.ordinal, item.json])).toStrictEqual([
      [0, A],
      [4, B],
      [7, C],
    ]);
    expect(rejected).toBe(5);
  });

  it("a line that is not UTF-8 is no record, and keeps its place", () => {
    const bytes = Buffer.from(`${line(A)}\n${line(C)}\n${line(B)}\n`);
    bytes[bytes.indexOf("日")] = 0xff;
    const { items, rejected } = read(bytes, "legacy");
    expect([items.map(({ ordinal, json }) => [ordinal, json]), rejected]).toStrictEqual([
      [
        [0, A],
        [2, B],
      ],
      1,
    ]);
  });

  it("a last line that nothing closes counts when it is whole", () => {
    expect(read(`${line(A)}\n${line(B)}`, "legacy").items.map((item) => item.json)).toStrictEqual([A, B]);
    expect(read(`${line(A)}\n${line(B).slice(0, -1)}`, "legacy").rejected).toBe(1);
  });

  it("a byte order mark at the beginning is passed over, one elsewhere is garbage", () => {
    const { items, rejected } = read(`\uFEFF${line(A)}\n\uFEFF${line(B)}\n`, "legacy");
    expect([items.map((item) => item.json), rejected]).toStrictEqual([[A], 1]);
  });

  it("a record without a readable time has the time of the one before it, the first one that of the file", () => {
    const lines = [
      line(A, { timestamp: "soon" }),
      line(A, { timestamp: "2026-11-20T10-51-01" }),
      A,
      line(A, { timestamp: 5 }),
    ];
    const times = read(lines.join("\n"), "legacy").items.map((item) => item.timestamp);
    expect(times).toStrictEqual([FILE_TIME, FIRST, FIRST, FIRST]);
  });

  it("an empty file has no items and no batches", () => {
    for (const text of ["", "\n\n"]) {
      expect([
        ...readItems(fileOf(text), "legacy", { from: 0, end: Number.POSITIVE_INFINITY, batchBytes: 1 }),
      ]).toStrictEqual([]);
    }
  });
});

describe("a paginated rollout", () => {
  it("gives each record the ordinal that is recorded", () => {
    const text = [7, 8, 20].map((ordinal) => line(A, { ordinal })).join("\n");
    expect(ordinalsOf(text, "paginated")).toStrictEqual([7, 8, 20]);
  });

  it("a record without an ordinal has one more than the record before, the first one 0", () => {
    const text = [A, line(A, { ordinal: 5 }), A, A, line(A, { ordinal: 3 }), "garbage", A].map((one) => one).join("\n");
    expect(ordinalsOf(text, "paginated")).toStrictEqual([0, 5, 6, 7, 3, 4]);
  });

  it("records of equal ordinals are all there, as they are stored", () => {
    const text = [line(A, { ordinal: 1 }), line(B, { ordinal: 1 }), line(C, { ordinal: 2 })].join("\n");
    expect(read(text, "paginated").items.map((item) => [item.ordinal, item.json])).toStrictEqual([
      [1, A],
      [1, B],
      [2, C],
    ]);
  });
});

describe("ranges and batches", () => {
  const records = Array.from({ length: 6 }, (_, ordinal) => line(A, { ordinal: ordinal + 10 }));
  const text = `${records.join("\n")}\n`;
  const lineBytes = Buffer.byteLength(records[0] as string);

  it("a range begins at an ordinal and ends before one", () => {
    expect(ordinalsOf(text, "paginated", { from: 12, end: 14 })).toStrictEqual([12, 13]);
    expect(ordinalsOf(text, "legacy", { from: 1, end: 3 })).toStrictEqual([1, 2]);
    expect(ordinalsOf(text, "paginated", { from: 16 })).toStrictEqual([]);
    expect(ordinalsOf(text, "paginated", { end: 10 })).toStrictEqual([]);
  });

  it("a range is the same part of the whole, whatever stands before it", () => {
    const odd = [
      line(A, { ordinal: 5 }),
      "garbage",
      line(B, { ordinal: 1 }),
      line(C, {}),
      line(A, { ordinal: 5 }),
      `${line(B, { ordinal: 6 })} `,
      `{"ordinal":7,${A.slice(1)}`,
      line(C, { ordinal: 8 }),
      line(A, {}),
    ].join("\n");
    for (const historyMode of ["paginated", "legacy"] as const) {
      const whole = read(odd, historyMode).items;
      for (let from = 0; from < 12; from++) {
        const expected = whole.filter(({ ordinal }) => ordinal >= from);
        expect([from, read(odd, historyMode, { from }).items]).toStrictEqual([from, expected]);
      }
    }
  });

  it("a batch ends when it has the bytes asked for", () => {
    const ordinals = (batchBytes: number) =>
      batches(text, "legacy", { batchBytes }).map((batch) => batch.items.map(ordinalOf));
    expect(ordinals(1)).toStrictEqual([[0], [1], [2], [3], [4], [5]]);
    expect(ordinals(lineBytes)).toStrictEqual([[0], [1], [2], [3], [4], [5]]);
    expect(ordinals(lineBytes + 1)).toStrictEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
    expect(ordinals(1_000_000)).toStrictEqual([[0, 1, 2, 3, 4, 5]]);
  });

  it("a batch carries what was rejected on its way", () => {
    const damaged = ["garbage", records[0], "garbage", "garbage", records[1], "garbage"].join("\n");
    expect(
      batches(damaged, "legacy", { batchBytes: 1 }).map(({ items, rejected }) => [items.length, rejected]),
    ).toStrictEqual([
      [1, 1],
      [1, 2],
      [0, 1],
    ]);
  });

  it("a batch is read when it is asked for", () => {
    const large = `${line(A)}\n`.repeat(3_000);
    let bytesRead = 0;
    const file = fileOf(large);
    const counted: OpenFile = {
      ...file,
      read: (buffer, position) => {
        const count = file.read(buffer, position);
        bytesRead += count;
        return count;
      },
    };
    const reading = readItems(counted, "legacy", { from: 0, end: Number.POSITIVE_INFINITY, batchBytes: 1 });
    expect(bytesRead).toBe(0);
    expect(reading.next().value?.items.map(ordinalOf)).toStrictEqual([0]);
    expect(bytesRead).toBeLessThan(large.length);
  });

  it("what is appended while a file is read does not belong to the read", () => {
    const bytes = Buffer.from(text);
    let size = lineBytes * 2 + 2;
    const file: OpenFile = { ...fileOf(bytes), status: () => ({ kind: "file", size, mtimeMs: 0, inode: 1 }) };
    const reading = readItems(file, "legacy", { from: 0, end: Number.POSITIVE_INFINITY, batchBytes: 1 });
    const first = reading.next().value?.items.map(ordinalOf);
    size = bytes.length;
    const rest = [...reading].flatMap((batch) => batch.items.map(ordinalOf));
    expect([first, rest]).toStrictEqual([[0], [1]]);
  });
});

describe("OrdinalCounter", () => {
  it("a line that cannot be read keeps its place in a legacy rollout, and has none in a paginated one", () => {
    const [legacy, paginated] = [new OrdinalCounter("legacy"), new OrdinalCounter("paginated")];
    const take = (counter: OrdinalCounter) => {
      const before = counter.ordinalOf(5);
      counter.reject();
      return [before, counter.next, counter.ordinalOf(undefined), counter.next];
    };
    expect([take(legacy), take(paginated)]).toStrictEqual([
      [0, 2, 2, 3],
      [5, 6, 6, 7],
    ]);
  });

  it("a legacy one counts, a paginated one believes what is recorded", () => {
    const [legacy, paginated] = [new OrdinalCounter("legacy"), new OrdinalCounter("paginated")];
    const recorded = [undefined, 9, undefined, 4, 4, undefined];
    expect(recorded.map((ordinal) => legacy.ordinalOf(ordinal))).toStrictEqual([0, 1, 2, 3, 4, 5]);
    expect(recorded.map((ordinal) => paginated.ordinalOf(ordinal))).toStrictEqual([0, 9, 10, 4, 4, 5]);
  });
});

type Range = Partial<Parameters<typeof readItems>[2]>;

function batches(content: string | Buffer, historyMode: HistoryMode, range: Range = {}): ItemBatch[] {
  const everything = { from: 0, end: Number.POSITIVE_INFINITY, batchBytes: 1_000_000 };
  return [...readItems(fileOf(content), historyMode, { ...everything, ...range })];
}

function read(content: string | Buffer, historyMode: HistoryMode, range: Range = {}) {
  const found = batches(content, historyMode, range);
  const items = found.flatMap((batch) =>
    batch.items.map(({ ordinal, timestamp, json, item }) => ({ ordinal, timestamp, json, item })),
  );
  return { items, rejected: found.reduce((sum, batch) => sum + batch.rejected, 0) };
}

function ordinalsOf(content: string, historyMode: HistoryMode, range: Range = {}): number[] {
  return batches(content, historyMode, range).flatMap((batch) => batch.items.map(ordinalOf));
}

function ordinalOf(item: StoredItem): number {
  return item.ordinal;
}

function line(json: string, { timestamp = FIRST, ordinal }: { timestamp?: unknown; ordinal?: number } = {}): string {
  const members = ordinal === undefined ? "" : `"ordinal":${ordinal},`;
  return `{"timestamp":${JSON.stringify(timestamp)},${members}${json.slice(1)}`;
}

function fileOf(content: string | Buffer): OpenFile {
  const bytes = Buffer.from(content as Buffer);
  return {
    status: () => ({ kind: "file", size: bytes.length, mtimeMs: Date.parse(FILE_TIME), inode: 1 }),
    read: (buffer, position) => bytes.copy(buffer, 0, position, position + buffer.length),
    close: () => {},
  };
}
