import type { HistoryMode, StoredItem } from "@threadstore/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OpenFile } from "../file-system/file-system.js";
import { type ItemBatch, readItems } from "./read-items.js";
import { readItemsBackward } from "./read-items-backward.js";

fc.configureGlobal({ seed: 20_261_120, numRuns: 1_000 });

const TIME = "2026-11-20T10:51:48.248Z";
const JSON_TEXT = '{"type":"response_item","payload":{"big":12345678901234567890}}';
const EVERYTHING = { from: 0, end: Number.POSITIVE_INFINITY, batchBytes: 1_000_000 };

describe("readItemsBackward", () => {
  it("gives a paginated rollout newest first", () => {
    const text = [3, 4, 4, 9].map((ordinal) => line({ ordinal })).join("\n");
    expect(read(fileOf(text), "paginated")).toStrictEqual({
      items: [9, 4, 4, 3].map((ordinal) => ({ ordinal, timestamp: TIME, json: JSON_TEXT })),
      rejected: 0,
    });
  });

  it("gives a legacy rollout newest first, with the places that reading forward counts", () => {
    const text = ["garbage", line(), "", "garbage", line(), line()].join("\n");
    expect(read(fileOf(text), "legacy")).toStrictEqual({
      items: [4, 3, 1].map((ordinal) => ({ ordinal, timestamp: TIME, json: JSON_TEXT })),
      rejected: 2,
    });
  });

  it("records of a paginated rollout that lack their ordinal or time have what reading forward gives them", () => {
    const text = [
      line({ ordinal: 5 }),
      line(),
      line({ ordinal: 7, timestamp: "soon" }),
      "garbage",
      line({ ordinal: 9 }),
    ];
    expect(read(fileOf(text.join("\n")), "paginated")).toStrictEqual({
      items: [9, 7, 6, 5].map((ordinal) => ({ ordinal, timestamp: TIME, json: JSON_TEXT })),
      rejected: 1,
    });
  });

  it("the end of a long paginated rollout is read without its beginning", () => {
    const lines = Array.from({ length: 20_000 }, (_, ordinal) => line({ ordinal }));
    const file = fileOf(`${lines.join("\n")}\n`);
    let bytesRead = 0;
    const read = (buffer: Uint8Array, position: number) => {
      bytesRead += buffer.length;
      return file.read(buffer, position);
    };
    const [batch] = readItemsBackward({ ...file, read }, "paginated", { ...EVERYTHING, batchBytes: 1_000 });
    expect(batch?.items[0]?.ordinal).toBe(19_999);
    expect(bytesRead).toBeLessThan(100_000);
  });

  it("an empty file has no batches", () => {
    for (const mode of ["legacy", "paginated"] as const) {
      for (const text of ["", "\n \n"])
        expect([...readItemsBackward(fileOf(text), mode, EVERYTHING)]).toStrictEqual([]);
    }
  });

  it("a batch ends when it has the bytes asked for", () => {
    const lines = [0, 1, 2, 3].map((ordinal) => line({ ordinal }));
    const batchBytes = Buffer.byteLength(lines[0] as string) + 1;
    for (const mode of ["legacy", "paginated"] as const) {
      const found = [...readItemsBackward(fileOf(lines.join("\n")), mode, { ...EVERYTHING, batchBytes })];
      expect(found.map((batch) => batch.items.map((item) => item.ordinal))).toStrictEqual([
        [3, 2],
        [1, 0],
      ]);
    }
  });

  it("is reading forward, the other way round", () => {
    const modes = fc.constantFrom<HistoryMode>("legacy", "paginated");
    fc.assert(
      fc.property(rollouts(), modes, ranges(), fc.boolean(), (text, mode, range, isInMemory) => {
        const file = fileOf(text, { isInMemory });
        const forward = [...readItems(file, mode, { ...range, batchBytes: 1_000_000 })];
        const backward = [...readItemsBackward(file, mode, range)];
        expect(backward.flatMap(itemsOf)).toStrictEqual(forward.flatMap(itemsOf).toReversed());
        expect(rejectedOf(backward)).toBe(rejectedOf(forward));
        for (const batch of backward.slice(0, -1)) expect(batch.items.length + batch.rejected).toBeGreaterThan(0);
      }),
    );
  });
});

interface Envelope {
  readonly timestamp?: unknown;
  readonly ordinal?: number | undefined;
}

function line({ timestamp = TIME, ordinal }: Envelope = {}): string {
  return JSON.stringify({ timestamp, ordinal }).slice(0, -1) + JSON_TEXT.replace("{", ",");
}

function itemsOf(batch: ItemBatch): Pick<StoredItem, "ordinal" | "timestamp" | "json">[] {
  return batch.items.map(({ ordinal, timestamp, json }) => ({ ordinal, timestamp, json }));
}

function rejectedOf(batches: readonly ItemBatch[]): number {
  return batches.reduce((sum, batch) => sum + batch.rejected, 0);
}

function read(file: OpenFile, mode: HistoryMode) {
  const batches = [...readItemsBackward(file, mode, EVERYTHING)];
  return { items: batches.flatMap(itemsOf), rejected: rejectedOf(batches) };
}

/** Rollouts of good records, records that lack something, garbage and blank lines, with and without a last newline. */
function rollouts(): fc.Arbitrary<string> {
  const times = fc.constantFrom(undefined, TIME, "2026-11-20T11:00:00.000Z", "2026-11-20T11-30-00", "soon", 5);
  const envelopes = fc.record({ timestamp: times, ordinal: fc.constantFrom(undefined, 0, 1, 2, 3, 5, 8) });
  const good = fc.nat(12).map((ordinal) => line({ ordinal }));
  const odd = envelopes.map(({ timestamp, ordinal }) => line({ timestamp: timestamp ?? null, ordinal }));
  const damaged = fc.constantFrom("garbage", "{}", "[]", "", " \r", "\0\0", line().slice(0, 30));
  const lines = fc.array(fc.oneof({ weight: 5, arbitrary: good }, { weight: 2, arbitrary: odd }, damaged), {
    maxLength: 16,
  });
  return fc.tuple(fc.constantFrom("", "", "\uFEFF"), lines, fc.constantFrom("", "\n")).map(([mark, all, end]) => {
    return mark + all.join("\n") + end;
  });
}

function ranges(): fc.Arbitrary<typeof EVERYTHING> {
  const ends = fc.constantFrom(0, 1, 4, 9, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
  return fc.record(
    { from: fc.nat(6), end: ends, batchBytes: fc.integer({ min: 1, max: 600 }) },
    { noNullPrototype: true },
  );
}

function fileOf(content: string, { isInMemory = false } = {}): OpenFile {
  const bytes = Buffer.from(content);
  return {
    status: () => ({ kind: "file", size: bytes.length, mtimeMs: Date.UTC(2026, 10, 20), inode: 1 }),
    read: (buffer, position) => bytes.copy(buffer, 0, position, position + buffer.length),
    close: () => {},
    ...(isInMemory ? { content: () => bytes } : {}),
  };
}
