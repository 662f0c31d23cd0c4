import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { examineHome, openLocalThreadStore, type RepairResult, repairHome } from "@threadstore/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { copyFixtureHome } from "../../../test/support/fixture-home.js";
import {
  DamagedHome,
  legacyLines,
  messageLine,
  metaLine,
  OTHER,
  PATH,
  paginatedLines,
  recordLine,
  rolloutPath,
  THREAD,
  textOf,
} from "./support/damaged-home.js";
import { METADATA, message } from "./support/written-home.js";
import { zstdFrame } from "./support/zstd-frame.js";

const MB = 1024 * 1024;
const PEAK_MAX_BYTES = 200 * MB;

describe("repair", () => {
  let home: DamagedHome;

  beforeEach(() => {
    home = new DamagedHome();
  });

  afterEach(() => home.remove());

  const repair = (threadIds?: string[]) => repairHome({ home: home.path, ...(threadIds ? { threadIds } : {}) });
  const copyOf = (result: RepairResult, at = 0) => home.read(result.mended[at]?.copy.path ?? "");
  const ordinals = (text: string) => [...text.matchAll(/"ordinal":(\d+)/g)].map(([, ordinal]) => Number(ordinal));

  it("takes out what is no record, and keeps it beside", async () => {
    const lines = legacyLines();
    const glued = `{"timesta${messageLine(9)}`;
    const text = `${textOf([lines[0] as string, "garbage", ...lines.slice(1), glued, "\0\0\0"])}{"torn`;
    home.write(PATH, Buffer.concat([Buffer.from("\uFEFF"), Buffer.from(text), Buffer.from([0xff])]));
    const before = fs.readFileSync(join(home.path, PATH));
    const result = await repair();
    expect(copyOf(result)).toBe(textOf([...lines, messageLine(9)]));
    const [mended] = result.mended;
    const fragments = fs.readFileSync(join(home.path, mended?.fragments?.path ?? ""));
    expect(fragments.toString("latin1")).toBe('garbage\n{"timesta\n{"torn\xff\n');
    expect(mended).toMatchObject({
      path: PATH,
      threadId: THREAD,
      records: 5,
      remaining: [],
      place: PATH,
      changes: { removedFragments: 3, rescuedRecords: 1, removedZeros: 3, removedByteOrderMark: true, meta: "kept" },
    });
    expect(fs.readFileSync(join(home.path, PATH)).equals(before)).toBe(true);
    const copy = fs.readFileSync(join(home.path, mended?.copy.path ?? ""));
    expect(mended?.copy.sha256).toBe(createHash("sha256").update(copy).digest("hex"));
  });

  it.each([
    ["missing", [metaLine({ historyMode: "paginated" }), messageLine(1), messageLine(2)], [0, 1, 2]],
    ["equal", paginatedLines(2).toSpliced(2, 0, messageLine(9, 1)), [0, 1, 2, 3]],
    ["descending", [...paginatedLines(2), messageLine(9, 0)], [0, 1, 2, 3]],
    ["behind a torn twin", [...paginatedLines(1), '{"timestamp":"2026"', messageLine(9, 2)], [0, 1, 2]],
    ["right but for a gap and garbage", [...paginatedLines(1), "garbage", messageLine(9, 7)], [0, 1, 7]],
  ])("numbers ordinals that are %s", async (_what, lines, expected) => {
    home.write(PATH, textOf(lines));
    const result = await repair();
    expect(ordinals(copyOf(result))).toEqual(expected);
    expect(result.mended[0]?.remaining.filter((type) => type !== "ordinal_gaps")).toEqual([]);
  });

  it("puts the session_meta first, fills in what it lacks, and makes one where there is none", async () => {
    home.write(PATH, textOf([messageLine(1, 0), metaLine({ historyMode: "paginated" }, 1), messageLine(2, 2)]));
    const moved = await repair();
    expect(copyOf(moved)).toBe(
      textOf([metaLine({ historyMode: "paginated" }, 0), messageLine(1, 1), messageLine(2, 2)]),
    );
    home.write(PATH, textOf([messageLine(1), recordLine({ type: "turn_context", payload: { cwd: "/there" } })]));
    const made = await repair();
    expect(made.mended[0]).toMatchObject({ remaining: [], changes: { meta: "made" } });
    const [meta] = copyOf(made).split("\n");
    expect(JSON.parse(meta as string)).toMatchObject({ type: "session_meta", payload: { id: THREAD, cwd: "/there" } });
    home.write(PATH, textOf([metaLine({ historyMode: "new" }, 0), messageLine(1, 1)]));
    expect(copyOf(await repair())).toContain('"history_mode":"paginated"');
  });

  it("writes what can be read of a compressed rollout as a plain file", async () => {
    const lines = legacyLines(5_000);
    const frame = zstdFrame(Buffer.from(textOf(lines)));
    home.write(`${PATH}.zst`, frame.subarray(0, frame.length / 2));
    const result = await repair();
    expect(result.mended[0]).toMatchObject({ path: `${PATH}.zst`, place: PATH, remaining: [] });
    const copied = copyOf(result).trimEnd().split("\n");
    expect(copied.length).toBeGreaterThan(500);
    expect(copied).toEqual(lines.slice(0, copied.length));
  });

  it("names the heirs of a rollout", async () => {
    home.write(PATH, `${textOf(paginatedLines(3))}torn`);
    const base = { thread_id: THREAD, end_ordinal_exclusive: 2 };
    home.write(rolloutPath(OTHER), textOf(paginatedLines(1, { id: OTHER, base }, 2)));
    expect((await repair()).mended).toMatchObject([{ threadId: THREAD, heirs: [OTHER] }]);
  });

  it("keeps to the threads that are named, writes nothing without need, and may be run again", async () => {
    home.write(PATH, `${textOf(legacyLines())}torn`);
    home.write(rolloutPath(OTHER), `${textOf([metaLine({ id: OTHER })])}torn`);
    const first = await repair([OTHER]);
    expect(first.mended.map(({ threadId }) => threadId)).toEqual([OTHER]);
    const second = await repair([OTHER]);
    expect(second.folder).not.toBe(first.folder);
    expect(copyOf(second)).toBe(copyOf(first));
    expect(JSON.parse(home.read(`${second.folder}/report.json`))).toMatchObject({ version: 1, mended: second.mended });
    await expect(repair(["01900000-0000-7000-8000-0000000000ff"])).rejects.toMatchObject({ code: "thread_not_found" });
    home.write(PATH, textOf(legacyLines()));
    home.write(rolloutPath(OTHER), "");
    const nothing = await repair();
    expect(nothing).toEqual({
      folder: null,
      mended: [],
      unmended: [{ path: rolloutPath(OTHER), found: ["empty_file"] }],
    });
  });

  it("mends a thread that is being written, without a lock", async () => {
    await using store = openLocalThreadStore({ home: home.path });
    await store.createThread({ threadId: THREAD, metadata: METADATA, historyMode: "legacy" });
    await store.appendItems({ threadId: THREAD, items: [message("one")] });
    const path = fs
      .readdirSync(home.path, { recursive: true })
      .find((name) => String(name).endsWith(`${THREAD}.jsonl`));
    fs.appendFileSync(join(home.path, String(path)), "garbage\n");
    expect((await repair()).mended.length).toBe(1);
    await store.appendItems({ threadId: THREAD, items: [message("two")] });
  });

  it("leaves nothing to mend in the copies of every foreign file", async () => {
    const foreign = copyFixtureHome("foreign");
    try {
      const { folder, mended } = await repairHome({ home: foreign.path });
      expect(mended.length).toBe(18);
      expect(mended.flatMap(({ remaining }) => remaining)).toEqual([]);
      const copies = await examineHome({ home: join(foreign.path, folder as string) });
      expect(copies).toMatchObject({ files: 18, threads: 18, findings: [] });
    } finally {
      foreign.remove();
    }
  });

  it("gives its files to their owner only", async () => {
    home.write(PATH, `${textOf(legacyLines())}torn`);
    const { folder } = await repair();
    for (const name of ["", "report.json", PATH, `${PATH}.fragments`]) {
      expect(fs.statSync(join(home.path, folder as string, name)).mode & 0o077).toBe(0);
    }
  });

  it.each(["examineHome", "repairHome"])("of lines of 10 MB takes little memory, by %s", (call) => {
    const payload = { type: "function_call_output", call_id: "c", output: "many words \\n é ".repeat(MB * 0.6) };
    home.write(PATH, textOf([...paginatedLines(1), "garbage"]));
    for (const ordinal of [1, 2, 3, 4]) {
      const lines = [recordLine({ type: "response_item", payload }, ordinal), messageLine(1, ordinal + 1)];
      fs.appendFileSync(join(home.path, PATH), textOf(lines));
    }
    const script = `import { ${call} } from "@threadstore/local";
      const { findings, mended } = await ${call}({ home: process.argv[1] });
      console.log(JSON.stringify([(findings ?? mended).length, process.resourceUsage().maxRSS * 1024]));`;
    const options = { cwd: fileURLToPath(new URL(".", import.meta.url)), encoding: "utf8" } as const;
    const args = [process.execPath, "--input-type=module", "-e", script, home.path];
    // The peak of a process begins with that of the one that started it: here a shell.
    const printed = execFileSync("sh", ["-c", '"$0" "$@"; exit', ...args], options);
    const [count, peakBytes] = JSON.parse(printed) as [number, number];
    expect(count).toBe(call === "examineHome" ? 2 : 1);
    expect(peakBytes).toBeLessThanOrEqual(PEAK_MAX_BYTES);
  });
});
