import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { systemIds } from "@threadstore/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FailingFileSystem, type Fault } from "../../test/support/failing-file-system.js";
import { makeHome } from "../../test/support/write-home.js";
import { SafeNames } from "../file-system/safe-names.js";
import { formatJournal, formatRecord } from "./journal-lines.js";
import { type JournalPosition, METADATA_JOURNAL, MetadataJournal, readJournal } from "./metadata-journal.js";
import { applyRecord, type JournalRecord, type ThreadState } from "./thread-state.js";

let home: ReturnType<typeof makeHome>;
let path: string;
let medium: FailingFileSystem;

beforeEach(() => {
  home = makeHome();
  path = join(home.path, METADATA_JOURNAL);
  medium = new FailingFileSystem();
});

afterEach(() => home.remove());

describe("what was recorded", () => {
  it("is read from the beginning, and then from where a reader was", async () => {
    expect(read(null)).toBe(null);
    await journal().record(() => [named(1, "one")]);
    const first = read(null);
    expect(first).toMatchObject({ records: [named(1, "one")], isAnew: true });
    await journal().record(() => [named(1, "two"), named(2, "three")]);
    const second = read(first?.position as JournalPosition);
    expect(second).toMatchObject({ records: [named(1, "two"), named(2, "three")], isAnew: false });
    expect(second?.position).toMatchObject({ generation: first?.position.generation, offset: bytes().length });
    expect(read(second?.position as JournalPosition)?.records).toStrictEqual([]);
  });

  it("is nothing when there is nothing to record, or the decision throws", async () => {
    await journal().record(() => []);
    await expect(
      journal().record(() => {
        throw new Error("refused");
      }),
    ).rejects.toThrow("refused");
    expect(fs.existsSync(path)).toBe(false);
    await journal().record(() => [named(1, "one")]);
    expect(read(null)?.records).toStrictEqual([named(1, "one")]);
  });

  it("is told again to a reader of another generation, of a longer file, or of other bytes", async () => {
    await journal().record(() => [named(1, "one")]);
    const { generation, offset, fingerprint } = position();
    for (const since of [
      { generation: "another", offset, fingerprint },
      { generation, offset: offset + 1, fingerprint },
      { generation, offset, fingerprint: "another" },
    ]) {
      expect(read(since)).toMatchObject({ records: [named(1, "one")], isAnew: true });
    }
  });

  it("by many writers at once is decided one after the other", async () => {
    const journals = [journal(), journal()];
    const recorded = Array.from({ length: 40 }, (_, at) =>
      journals[at % 2]?.record(async () => {
        const count = read(null)?.records.length ?? 0;
        await Promise.resolve();
        return [named(1, `record ${count}`)];
      }),
    );
    await Promise.all(recorded);
    expect(read(null)?.records).toStrictEqual(recorded.map((_, at) => named(1, `record ${at}`)));
  });

  it("waits for the disk, unless it need not survive a power cut", async () => {
    const one = journal();
    await one.record(() => [named(1, "one")]);
    const calls = () => [medium.calls("sync").length, medium.calls("syncDirectory").length];
    const [syncs, folders] = calls() as [number, number];
    await one.record(() => [named(1, "two")], { isDurable: false });
    expect(calls()).toStrictEqual([syncs, folders]);
    await one.record(() => [named(1, "three")]);
    expect(calls(), "the folders are there for good").toStrictEqual([syncs + 1, folders]);
    await one.sync();
    expect(medium.calls("sync").length).toBe(syncs + 2);
  });

  it("that need not survive a power cut does so, folders and all, after a sync", async () => {
    const one = journal();
    await one.record(() => [named(1, "one")], { isDurable: false });
    expect(medium.calls("syncDirectory").length).toBe(0);
    await one.sync();
    const folders = medium.calls("syncDirectory").map((call) => call.path);
    expect(folders.sort()).toStrictEqual([home.path, join(home.path, "threadstore"), dirname(path)]);
    expect(medium.calls("sync", "metadata.jsonl").length).toBe(1);
  });

  it("first waits for the folders that were made for it", async () => {
    await journal().record(() => [named(1, "one")]);
    const folders = medium.calls("syncDirectory").map((call) => call.path);
    expect(folders.sort()).toStrictEqual([home.path, join(home.path, "threadstore"), dirname(path)]);
  });
});

describe("a journal that was torn", () => {
  it("at any byte keeps every whole record before it, and takes the next one", async () => {
    const written = [named(1, "one"), named(2, "two")];
    fs.mkdirSync(dirname(path), { recursive: true });
    const whole = Buffer.from(formatJournal("g", written));
    const header = whole.indexOf("\n") + 1;
    const ends = written.map(
      (_, at) =>
        header +
        Buffer.byteLength(
          written
            .slice(0, at + 1)
            .map(formatRecord)
            .join(""),
        ),
    );
    const next = named(3, "next");
    for (let cut = 0; cut <= whole.length; cut++) {
      fs.writeFileSync(path, whole.subarray(0, cut));
      const before = read(null);
      expect(before?.records).toStrictEqual(written.filter((_, at) => (ends[at] as number) <= cut));
      await journal({ isDurable: false }).record(() => [next]);
      // Nobody was told of a record that lacks its newline: closing it off does not bring it to life.
      const kept = written.filter((_, at) => (ends[at] as number) <= cut);
      expect(read(null)?.records, `cut at ${cut}`).toStrictEqual([...kept, next]);
      expect(read(before?.position as JournalPosition)?.records.at(-1)).toStrictEqual(next);
    }
  });

  it.each([
    ["zeros", "\0".repeat(64)],
    ["words", "no record\n"],
    ["a record of another checksum", formatRecord(named(1, "lost")).replace("lost", "list")],
  ])("by %s hides nothing else, before or after", async (_what, garbage) => {
    await journal().record(() => [named(1, "one")]);
    fs.appendFileSync(path, garbage);
    await journal().record(() => [named(2, "two")]);
    expect(read(null)?.records).toStrictEqual([named(1, "one"), named(2, "two")]);
  });

  it("in its header is made anew with all records that can be read", async () => {
    await journal().record(() => [named(1, "one"), named(1, "two"), named(2, "three")]);
    const before = position();
    const damaged = bytes();
    damaged[3] = 0x7a;
    fs.writeFileSync(path, damaged);
    await journal().record(() => [named(2, "four")]);
    expect(statesOf(read(null)?.records ?? [])).toStrictEqual(
      statesOf([named(1, "one"), named(1, "two"), named(2, "three"), named(2, "four")]),
    );
    expect(read(before)?.isAnew).toBe(true);
  });
});

describe("a journal of a newer version", () => {
  it("is refused by readers and writers, and stays byte for byte as it is", async () => {
    fs.mkdirSync(dirname(path), { recursive: true });
    const header = formatRecord({ type: "header", version: 2, generation: "g", bytes: 0 });
    fs.writeFileSync(path, `${header}${formatRecord(named(1, "one"))}torn`);
    const before = bytes();
    expect(() => read(null)).toThrow(expect.objectContaining({ code: "unavailable" }));
    await expect(journal().record(() => [named(1, "two")])).rejects.toMatchObject({ code: "unavailable" });
    expect(bytes().equals(before)).toBe(true);
  });
});

describe("a record that cannot be written", () => {
  const JOURNAL = "metadata.jsonl";

  it.each<Fault>([
    { operation: "openToAppend", path: JOURNAL, code: "EMFILE", call: 2 },
    { operation: "append", path: JOURNAL },
    { operation: "append", path: JOURNAL, afterBytes: 20 },
    { operation: "append", path: JOURNAL, afterBytes: formatRecord(named(2, "two")).length },
    { operation: "tryLock", path: JOURNAL, code: "EIO" },
    { operation: "makeDirectory", code: "EROFS" },
  ])("by $operation after $afterBytes bytes leaves the journal as it was, and the next one works", async (fault) => {
    await journal().record(() => [named(1, "one")]);
    const before = bytes();
    medium.fail(fault);
    const rejected = journal().record(() => [named(2, "two"), named(3, "three")]);
    await expect(rejected).rejects.toMatchObject({ code: fault.code ?? "ENOSPC" });
    expect(bytes().equals(before)).toBe(true);
    await journal().record(() => [named(4, "four")]);
    expect(read(null)?.records).toStrictEqual([named(1, "one"), named(4, "four")]);
  });

  it.each<Fault>([
    { operation: "openToAppend", path: ".new", code: "EMFILE" },
    { operation: "append", path: ".new", afterBytes: 20 },
    { operation: "renameFile", path: ".new", code: "EIO" },
  ])("first by $operation leaves no journal, and the next one makes it", async (fault) => {
    medium.fail(fault);
    const rejected = journal().record(() => [named(1, "one")]);
    await expect(rejected).rejects.toMatchObject({ code: fault.code ?? "ENOSPC" });
    expect(fs.existsSync(path)).toBe(false);
    await journal().record(() => [named(2, "two")]);
    expect(read(null)?.records).toStrictEqual([named(2, "two")]);
  });

  it("and cannot be taken back does not come to life with the next one", async () => {
    await journal().record(() => [named(1, "one")]);
    medium.fail({ operation: "append", path: JOURNAL, afterBytes: formatRecord(named(2, "two")).length - 1 });
    medium.fail({ operation: "truncate", path: JOURNAL, code: "EIO" });
    await expect(journal().record(() => [named(2, "two")])).rejects.toThrow();
    await journal().record(() => [named(3, "three")]);
    expect(read(null)?.records).toStrictEqual([named(1, "one"), named(3, "three")]);
  });
});

describe("a journal that has outgrown itself", () => {
  it("is made anew with the same states, and its readers are told anew", async () => {
    const large = Array.from({ length: 120 }, (_, at) => named(at % 3, `${at}`.padEnd(10_000, "x")));
    const other: JournalRecord[] = [
      { type: "archived", threadId: idOf(0), archivedAt: "2026-01-01T00:00:00.000Z" },
      { type: "deleted", threadId: idOf(1) },
      { type: "later", threadId: idOf(2) } as unknown as JournalRecord,
    ];
    await journal().record(() => [named(1, "first")]);
    await journal().record(() => [...large, ...other]);
    const before = read(null);
    const size = bytes().length;
    expect([size > 1024 * 1024, before?.records.length]).toStrictEqual([true, 124]);
    await journal().record(() => [named(2, "last")]);
    expect(bytes().length).toBeLessThan(40_000);
    const after = read(before?.position as JournalPosition);
    expect([after?.isAnew, after?.position.generation === before?.position.generation]).toStrictEqual([true, false]);
    expect(statesOf(after?.records ?? [])).toStrictEqual(statesOf([...(before?.records ?? []), named(2, "last")]));
    expect(fs.readdirSync(dirname(path)).sort()).toStrictEqual(["metadata.jsonl", "metadata.jsonl.lock"]);
  });

  it("is on the disk before it takes the place of the one that was", async () => {
    await journal().record(() => [named(1, "first")]);
    await journal().record(() => [named(1, "x".repeat(1_100_000))]);
    const from = medium.log.length;
    await journal().record(() => [named(2, "last")]);
    const made = medium.log.slice(from).filter((call) => call.path.endsWith(".new"));
    const order = made.map((call) => call.operation).filter((operation) => ["sync", "renameFile"].includes(operation));
    expect(order[0]).toBe("sync");
  });

  it("stays as it is when it cannot be made anew", async () => {
    await journal().record(() => [named(1, "first")]);
    await journal().record(() => [named(1, "x".repeat(1_100_000))]);
    const before = bytes();
    medium.fail({ operation: "append", path: ".new", afterBytes: 500 });
    await expect(journal().record(() => [named(2, "last")])).rejects.toMatchObject({ code: "ENOSPC" });
    expect(bytes().equals(before)).toBe(true);
    await journal().record(() => [named(2, "last")]);
    expect(read(null)?.records.map((record) => record.threadId)).toStrictEqual([idOf(1), idOf(2)]);
  });
});

function journal({ isDurable = true } = {}): MetadataJournal {
  const names = new SafeNames(medium.files, home.path);
  return new MetadataJournal({ files: medium.files, home: home.path, ids: systemIds, names, isDurable });
}

function read(since: JournalPosition | null) {
  return readJournal(medium.files, home.path, since);
}

/** How far everything was read that is there now. */
function position(): JournalPosition {
  return (read(null) as NonNullable<ReturnType<typeof read>>).position;
}

function bytes(): Buffer {
  return fs.readFileSync(path);
}

function idOf(number: number): string {
  return `0199a3c4-5d6e-7f80-91a2-${String(number).padStart(12, "0")}`;
}

function named(thread: number, name: string): JournalRecord {
  const touched = { updatedAt: "2026-01-01T00:00:00.000Z", rolloutName: "r", rolloutBytes: 1 };
  return { type: "patched", threadId: idOf(thread), patch: { name }, touched };
}

function statesOf(records: readonly JournalRecord[]): ReadonlyMap<string, ThreadState> {
  const states = new Map<string, ThreadState>();
  for (const record of records) states.set(record.threadId, applyRecord(states.get(record.threadId) ?? {}, record));
  return states;
}
