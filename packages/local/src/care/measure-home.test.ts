import * as fs from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { copyFixtureHome, type FixtureHome } from "../../../../test/support/fixture-home.js";
import type { FileSystem } from "../file-system/file-system.js";
import { nodeFileSystem } from "../file-system/node-file-system.js";
import type { BytesByKind } from "./line-weight.js";
import { measureHome } from "./measure-home.js";

/** The real file system, of which nothing but what reads may be asked. */
const READING: FileSystem = new Proxy(nodeFileSystem, {
  get: (files, operation: keyof FileSystem) => {
    const reads = ["status", "readDirectory", "openToRead", "realPath"];
    if (!reads.includes(operation)) throw new Error(`${operation} is not for reading`);
    return files[operation];
  },
});

const measure = (home: FixtureHome, heaviestMax = 10) =>
  measureHome({
    home: home.path,
    files: READING,
    environment: { XDG_CACHE_HOME: join(home.path, "none") },
    heaviestMax,
  });

const sumOf = (bytes: BytesByKind) => Object.values(bytes).reduce((sum, kind) => sum + kind, 0);

describe("measureHome", () => {
  let home: FixtureHome;

  afterEach(() => home.remove());

  it("counts threads, files, turns and bytes of a real home, and writes nothing", async () => {
    home = copyFixtureHome("home169");
    const before = fs.readdirSync(home.path, { recursive: true });
    const { heaviest, ...totals } = await measure(home, 2);
    expect(totals).toEqual({
      threads: { total: 56, active: 54, archived: 2, subAgents: 2, paginated: 52, legacy: 4 },
      turns: 90,
      files: { rollouts: 57, compressed: 0, unreadable: 0 },
      bytes: { rollouts: 851_120, compressed: 0, index: 0, journal: 0 },
      bytesByKind: {
        messages: 344_703,
        reasoning: 4_544,
        tools: 35_796,
        compactions: 11_917,
        base64: 0,
        events: 292_089,
        context: 162_071,
        other: 0,
      },
      longestLineBytes: 20_803,
    });
    expect(sumOf(totals.bytesByKind)).toBe(totals.bytes.rollouts);
    expect(heaviest.map(({ threadId, diskBytes, turns }) => [threadId, diskBytes, turns])).toEqual([
      [home.ids.long, 113_768, 2],
      [home.ids.multi, 43_420, 7],
    ]);
    expect(fs.readdirSync(home.path, { recursive: true })).toEqual(before);
  });

  it("takes the segments of a thread together, under its name, and knows archived ones", async () => {
    home = copyFixtureHome("home169");
    const { heaviest } = await measure(home, 100);
    const thread = (label: string) => heaviest.find(({ threadId }) => threadId === home.ids[label]);
    expect(heaviest.length).toBe(56);
    expect(thread("reverted")).toMatchObject({ files: 2, title: "revert turn 1", turns: 5, isArchived: false });
    expect(thread("named")).toMatchObject({ title: "Zweiter Nâme 🚀" });
    expect(thread("archived")).toMatchObject({ isArchived: true });
  });

  it("measures the text of compressed rollouts, and counts what cannot be read", async () => {
    home = copyFixtureHome("foreign");
    const { files, bytes, bytesByKind, heaviest } = await measure(home, 100);
    expect(files).toEqual({ rollouts: 55, compressed: 2, unreadable: 3 });
    expect(bytes.compressed).toBe(313 + 457);
    expect(sumOf(bytesByKind)).toBeGreaterThan(bytes.rollouts + bytes.compressed);
    const compressed = heaviest.find(({ threadId }) => threadId === "019a9b3f-0000-7000-8000-000000000055");
    expect(compressed).toMatchObject({ diskBytes: 313, turns: 1 });
    expect(sumOf(compressed?.bytesByKind as BytesByKind)).toBeGreaterThan(313);
  });

  it("measures lines of 10 MB, and takes base64 out of the kind of its line", async () => {
    home = copyFixtureHome("foreign");
    fs.rmSync(join(home.path, "sessions"), { recursive: true });
    fs.mkdirSync(join(home.path, "sessions"));
    const id = "019a9b3f-0000-7000-8000-0000000000aa";
    const line = (type: string, payload: string) =>
      `{"timestamp":"2026-11-20T10:51:48.248Z","type":"${type}","payload":${payload}}\n`;
    const picture = "A".repeat(10_000_000);
    const lines = [
      line("session_meta", `{"id":"${id}","timestamp":"2026-11-20T10:51:48.248Z","cwd":"/"}`),
      line("event_msg", `{"type":"user_message","message":"look","images":["data:image/png;base64,${picture}"]}`),
      line("event_msg", `{"type":"exec_command_end","call_id":"c","aggregated_output":"${"out ".repeat(2_500_000)}"}`),
    ];
    fs.writeFileSync(join(home.path, `sessions/rollout-2026-11-20T10-51-48-${id}.jsonl`), lines.join(""));
    const [context, messages, tools] = lines.map((text) => text.length) as [number, number, number];
    expect((await measure(home)).heaviest).toEqual([
      {
        threadId: id,
        title: "look",
        isArchived: false,
        files: 1,
        diskBytes: context + messages + tools,
        turns: 1,
        bytesByKind: {
          messages: messages - picture.length,
          reasoning: 0,
          tools,
          compactions: 0,
          base64: picture.length,
          events: 0,
          context,
          other: 0,
        },
        longestLineBytes: Math.max(messages, tools),
      },
    ]);
  });

  it("adds up the index, wherever it lies, and the journal", async () => {
    home = copyFixtureHome("home128");
    const write = (path: string, bytes: number) => {
      fs.mkdirSync(join(home.path, path, ".."), { recursive: true });
      fs.writeFileSync(join(home.path, path), Buffer.alloc(bytes));
    };
    write("threadstore/cache/index.sqlite", 1_000);
    write("threadstore/cache/index.sqlite-wal", 200);
    write("threadstore/journal/metadata.jsonl", 30);
    write("threadstore/journal/appends/x.jsonl", 4);
    expect((await measure(home, 0)).bytes).toMatchObject({ index: 1_200, journal: 34 });
  });

  it("says so when there is no home, and tells how far it is", async () => {
    home = copyFixtureHome("home128");
    await expect(measureHome({ home: join(home.path, "nowhere") })).rejects.toMatchObject({ code: "unavailable" });
    const seen: number[] = [];
    await measureHome({ home: home.path, onProgress: (done, total) => seen.push(total - done) });
    expect([seen.length, seen.at(-1)]).toEqual([52, 0]);
  });
});
