import * as fs from "node:fs";
import { join } from "node:path";
import { examineHome, type FindingType, openLocalThreadStore } from "@threadstore/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  DamagedHome,
  legacyLines,
  messageLine,
  metaLine,
  OTHER,
  PATH,
  paginatedLines,
  rolloutPath,
  THREAD,
  textOf,
} from "./support/damaged-home.js";
import { METADATA, message, WrittenHome } from "./support/written-home.js";
import { zstdFrame } from "./support/zstd-frame.js";

const legacy = () => legacyLines();
const paginated = () => paginatedLines();
const withLine = (lines: string[], at: number, line: string) => lines.toSpliced(at, 0, line);
const zeros = (count: number) => "\0".repeat(count);

/** What was done to a rollout, and the types of what doctor finds, each with the line it names first. */
const ROLLOUTS: readonly (readonly [string, string | Buffer, Partial<Record<FindingType, number | null>>])[] = [
  ["nothing", textOf(legacy()), {}],
  ["nothing, paginated", textOf(paginated()), {}],
  ["no newline at its end", textOf(legacy()).trimEnd(), {}],
  ["blank lines and CRLF", legacy().join("\r\n\n\r\n"), {}],
  ["a torn tail", `${textOf(legacy())}{"timestamp":"2026`, { torn_end: 5 }],
  ["a tail of zeros", textOf(legacy()) + zeros(4096), { nul_tail: 5 }],
  ["a tail of zeros that was closed off", `${textOf(legacy())}${zeros(4096)}\n`, { nul_tail: 5 }],
  ["a torn line that ends in zeros", `${textOf(legacy())}{"timest${zeros(100)}`, { nul_tail: 5 }],
  ["zeros in the middle", textOf(withLine(legacy(), 2, zeros(512))), { nul_bytes: 3 }],
  ["a record behind zeros", textOf(withLine(legacy(), 2, zeros(9) + messageLine(9))), { nul_bytes: 3 }],
  ["garbage in the middle", textOf(withLine(legacy(), 2, "garbage {")), { garbage_lines: 3 }],
  ["a record behind a fragment", textOf(withLine(legacy(), 2, `{"timesta${messageLine(9)}`)), { glued_lines: 3 }],
  [
    "bytes that are not UTF-8",
    Buffer.concat([Buffer.from(textOf(legacy())), Buffer.from([0xff, 0xfe, 10])]),
    { invalid_utf8: 5 },
  ],
  ["a byte order mark", `\uFEFF${textOf(legacy())}`, { byte_order_mark: 1 }],
  ["garbage as the first line", textOf(withLine(legacy(), 0, "garbage")), { first_line_garbage: 1 }],
  ["its session_meta second", textOf([messageLine(7), ...legacy()]), { meta_not_first: 2 }],
  ["no session_meta", textOf([messageLine(7)]), { no_meta: null }],
  ["a session_meta without a folder", textOf(legacy()).replace('"cwd":"/project",', ""), { incomplete_meta: 1 }],
  ["the id of another thread", textOf([metaLine({ id: OTHER }), messageLine(1)]), { name_mismatch: null }],
  ["an unknown history mode", textOf([metaLine({ historyMode: "new" }), messageLine(1)]), { unknown_history_mode: 1 }],
  ["nothing in it", "", { empty_file: null }],
  ["white space in it", " \n\n\t\r\n", { empty_file: null }],
  ["garbage in it", "garbage\n", { no_records: null }],
  ["no ordinals", textOf([metaLine({ historyMode: "paginated" }), messageLine(1)]), { missing_ordinals: 1 }],
  ["one ordinal less", textOf(withLine(paginated(), 4, messageLine(9))), { missing_ordinals: 5 }],
  ["an ordinal twice", textOf(withLine(paginated(), 3, messageLine(9, 2))), { duplicate_ordinals: 4 }],
  ["ordinals that go back", textOf([...paginated(), messageLine(9, 1)]), { descending_ordinals: 5 }],
  ["a gap in its ordinals", textOf(paginated().toSpliced(2, 1)), { ordinal_gaps: 3 }],
  ["ordinals from 5", textOf(paginatedLines(2, {}, 5)), { ordinal_start: 1 }],
  ["a record that became garbage", textOf(paginated().toSpliced(2, 1, "gone")), { garbage_lines: 3 }],
];

describe("doctor", () => {
  let home: DamagedHome;

  beforeEach(() => {
    home = new DamagedHome();
  });

  afterEach(() => home.remove());

  const examine = (options: { lineMaxBytes?: number } = {}) => examineHome({ home: home.path, ...options });
  const found = async () => (await examine()).findings.map(({ type, path }) => [type, path]);

  it.each(ROLLOUTS)("a rollout with %s", async (_what, content, expected) => {
    home.write(PATH, content);
    const { findings } = await examine();
    expect(Object.fromEntries(findings.map(({ type, places }) => [type, places[0]?.line ?? null]))).toEqual(expected);
    for (const finding of findings) {
      expect(finding.path).toBe(PATH);
      expect([finding.readers, finding.codex, finding.advice].every((text) => text.length > 3)).toBe(true);
      expect(JSON.stringify(finding)).not.toMatch(/message \d|garbage \{/);
    }
    expect(home.read(PATH)).toBe(Buffer.from(content).toString("utf8"));
  });

  it("counts what it finds, and names the first places with their offsets", async () => {
    const lines = Array.from({ length: 30 }, (_, at) => `garbage ${String(at).padStart(3, "0")}`);
    home.write(PATH, textOf([metaLine({}), ...lines]));
    const [finding, ...others] = (await examine()).findings;
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ type: "garbage_lines", count: 30, threadId: THREAD });
    const first = metaLine({}).length + 1;
    expect(finding?.places.slice(0, 2)).toEqual([
      { line: 2, offset: first },
      { line: 3, offset: first + 12 },
    ]);
    expect(finding?.places.length).toBe(10);
  });

  it("names lines over the limit, and reads lines of 10 MB", async () => {
    home.write(PATH, textOf([...legacyLines(1), messageLine(1).replace("message 1", "x".repeat(10 * 1024 * 1024))]));
    expect((await examine()).findings).toEqual([]);
    const { findings } = await examine({ lineMaxBytes: 1024 * 1024 });
    expect(findings).toMatchObject([{ type: "long_lines", count: 1, places: [{ line: 3 }] }]);
  });

  it("finds bases that are missing, too short, or in a circle", async () => {
    const base = { thread_id: OTHER, end_ordinal_exclusive: 9 };
    home.write(PATH, textOf(paginatedLines(1, { base }, 9)));
    expect(await found()).toEqual([["missing_base", PATH]]);
    home.write(rolloutPath(OTHER), textOf(paginatedLines(3, { id: OTHER })));
    expect(await found()).toEqual([["cut_beyond_base", PATH]]);
    home.write(rolloutPath(OTHER), textOf(paginatedLines(12, { id: OTHER })));
    expect(await found()).toEqual([]);
    const back = { thread_id: THREAD, end_ordinal_exclusive: 9 };
    home.write(rolloutPath(OTHER), textOf(paginatedLines(1, { id: OTHER, base: back }, 9)));
    expect((await found()).map(([type]) => type)).toEqual(["circular_base", "circular_base"]);
  });

  it("finds rollouts that are there twice, and says which one counts", async () => {
    home.write(PATH, textOf(legacy()));
    home.write(`archived_sessions/${PATH.split("/").at(-1)}`, textOf(legacyLines(1)));
    home.write(`${PATH}.zst`, zstdFrame(Buffer.from(textOf(legacyLines(2)))));
    const { findings } = await examine();
    expect(findings.map(({ type, path, explanation }) => [type, path.slice(0, 8), explanation.includes(PATH)])).toEqual(
      [
        ["double_rollout", "sessions", true],
        ["double_rollout", "archived", true],
      ],
    );
  });

  it("finds moves that were not finished", async () => {
    home.write(PATH, textOf(legacy()));
    fs.mkdirSync(join(home.path, "archived_sessions"));
    fs.linkSync(join(home.path, PATH), join(home.path, "archived_sessions", PATH.split("/").at(-1) as string));
    expect((await examine()).findings[0]?.explanation).toMatch(/the same file as .*not finished/);
    fs.rmSync(join(home.path, "archived_sessions"), { recursive: true });
    const segment = "_01900000-0000-7000-8000-0000000000aa";
    const base = { thread_id: THREAD, end_ordinal_exclusive: 2 };
    home.write(PATH, textOf(paginatedLines(3)));
    home.write(
      rolloutPath(THREAD, segment).replace(/.*\//, "archived_sessions/"),
      textOf(paginatedLines(1, { base }, 2)),
    );
    expect((await found()).map(([type]) => type)).toEqual(["split_thread"]);
  });

  it.each([
    ["is cut off", (frame: Buffer) => frame.subarray(0, frame.length - 20), /is cut off/],
    [
      "has other bytes where a block begins",
      (frame: Buffer) => Buffer.from(frame).fill(0xff, 6, 9),
      /is not zstd|cut off/,
    ],
    ["is no zstd", () => Buffer.from("{}\n{}\n{}\n"), /is not zstd/],
  ])("finds a compressed rollout that %s", async (_what, damage, explanation) => {
    home.write(`${PATH}.zst`, damage(zstdFrame(Buffer.from(textOf(legacyLines(50))))));
    const finding = (await examine()).findings.find(({ type }) => type === "damaged_zst");
    expect(finding).toMatchObject({ path: `${PATH}.zst`, explanation: expect.stringMatching(explanation) });
  });

  it("finds names, keys, metadata and edges of threads that are gone, but not of those in the trash", async () => {
    home.write(PATH, textOf(legacy()));
    home.write("session_index.jsonl", `no name\n{"id":"${OTHER}","thread_name":"gone","updated_at":"unknown"}\n`);
    expect(await found()).toEqual([
      ["damaged_names", "session_index.jsonl"],
      ["stale_names", "session_index.jsonl"],
    ]);
    const files = [{ path: rolloutPath(OTHER), bytes: 1 }];
    const manifest = { version: 1, prunedAtMs: 0, threads: [{ threadId: OTHER, files }] };
    home.write("threadstore/trash/one/manifest.json", JSON.stringify(manifest));
    expect((await found()).map(([type]) => type)).toEqual(["damaged_names"]);
  });

  it("finds damage of the metadata journal, and what is left of a thread that is gone", async () => {
    await using store = openLocalThreadStore({ home: home.path });
    await store.createThread({ threadId: THREAD, metadata: METADATA, spawn: { parentThreadId: OTHER } });
    await store.appendItems({ threadId: THREAD, items: [message("one")], idempotencyKey: "key" });
    await store.shutdownThread(THREAD);
    await store.updateThreadMetadata({ threadId: THREAD, patch: { memoryMode: "disabled" } });
    expect((await found()).map(([type]) => type)).toEqual(["dangling_edge"]);
    const journal = join(home.path, "threadstore/journal/metadata.jsonl");
    fs.appendFileSync(journal, "00000000 {}\n0000");
    expect((await found()).map(([type]) => type)).toEqual(["journal_damaged", "journal_torn", "dangling_edge"]);
    fs.rmSync(join(home.path, "sessions"), { recursive: true });
    const types = (await found()).map(([type]) => type);
    expect(types.filter((type) => type === "unfinished_delete").length).toBe(2);
  });

  it("names a journal that is newer, and still looks at every rollout", async () => {
    home.write(PATH, `${textOf(legacy())}torn`);
    const header = JSON.stringify({ type: "header", version: 99, generation: "g", bytes: 0 });
    const { crc32 } = await import("node:zlib");
    home.write("threadstore/journal/metadata.jsonl", `${crc32(header).toString(16).padStart(8, "0")} ${header}\n`);
    expect((await found()).map(([type]) => type)).toEqual(["torn_end", "journal_newer", "index_unavailable"]);
  });

  it("finds an index that tells something else than a file", async () => {
    const writeAtOneTime = (text: string) => {
      home.write(PATH, text);
      fs.utimesSync(join(home.path, PATH), 1_000, 1_000);
    };
    writeAtOneTime(textOf(legacy()));
    expect(await found()).toEqual([]);
    writeAtOneTime(textOf(legacy()).replace("message 0", "changed 0"));
    expect(await found()).toEqual([["index_drift", PATH]]);
  });

  it("finds locks that nobody holds, old temporary files, and bytes that wait for their owner", async () => {
    await using store = openLocalThreadStore({ home: home.path });
    await store.createThread({ threadId: THREAD, metadata: METADATA });
    await store.appendItems({ threadId: THREAD, items: [message("one")] });
    home.write(`thread-writer-locks/${OTHER}.lock`, "");
    home.write(`thread-writer-locks/${OTHER}.lifecycle.lock`, "");
    home.write("sessions/2026/11/20/rollout-x.jsonl.zst.compress.1.2.tmp", "x");
    home.write("sessions/2026/11/20/rollout-y.jsonl.restore", "x");
    fs.utimesSync(join(home.path, "sessions/2026/11/20/rollout-y.jsonl.restore"), 1, 1);
    home.write(`threadstore/recovered/rollout-z-${OTHER}.jsonl.100-2`, "bytes");
    home.write("threadstore/recovered/rollout-z.jsonl.100.new", "x");
    const { findings } = await examine();
    expect(findings.map(({ type, path, threadId }) => [type, path, threadId])).toEqual([
      ["leftover_lock", `thread-writer-locks/${OTHER}.lock`, OTHER],
      ["leftover_file", "sessions/2026/11/20/rollout-y.jsonl.restore", undefined],
      ["recovered_bytes", `threadstore/recovered/rollout-z-${OTHER}.jsonl.100-2`, OTHER],
    ]);
    expect(findings[2]?.explanation).toMatch(/^5 bytes: what rollout-z-.*\.jsonl went on without at byte 100; /);
    await store.appendItems({ threadId: THREAD, items: [message("two")] });
  });

  it("finds what a power cut took and a commit log holds, and leaves putting it back to the next store", async () => {
    await using alive = new WrittenHome();
    const store = alive.open();
    const flushed = async (text: string) => {
      for (const threadId of [THREAD, OTHER]) await store.appendItems({ threadId, items: [message(text)] });
      await Promise.all([THREAD, OTHER].map((threadId) => store.flushThread(threadId)));
    };
    for (const threadId of [THREAD, OTHER]) await store.createThread({ threadId, metadata: METADATA });
    await flushed("one");
    const [cut, other] = alive.rollouts() as [string, string];
    const { size } = fs.statSync(join(alive.path, cut));
    await flushed("two");
    expect((await examineHome({ home: alive.path })).findings).toEqual([]);
    fs.cpSync(alive.path, home.path, { recursive: true });
    for (const path of [cut, other]) fs.truncateSync(join(home.path, path), size);
    fs.appendFileSync(join(home.path, other), `${messageLine(1, 2)}\n`);
    const [log] = alive.list("threadstore/log") as [string];
    const foundBesideLocks = async () => (await found()).filter(([type]) => type !== "leftover_lock");
    expect(await foundBesideLocks()).toEqual([["log_unreplayed", log]]);
    expect([fs.existsSync(join(home.path, log)), fs.statSync(join(home.path, cut)).size]).toEqual([true, size]);
    await using next = openLocalThreadStore({ home: home.path });
    await next.listThreads({});
    const kept = `threadstore/recovered/${other.split("/").at(-1)}.${size}`;
    expect(await foundBesideLocks()).toEqual([["recovered_bytes", kept]]);
    expect(home.read(cut)).toBe(alive.read(cut));
  });

  it("names a database that cannot be read", async () => {
    home.write(PATH, textOf(legacy()));
    home.write("state_5.sqlite", "this is no database, whatever its name says".repeat(100));
    expect(await found()).toEqual([["database_unreadable", "state_5.sqlite"]]);
  });
});
