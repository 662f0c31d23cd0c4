import { spawn } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyFixtureHome, type FixtureHome } from "../../../test/support/fixture-home.js";
import { COMMAND, runCommand } from "./support/run-command.js";

interface Rows {
  readonly data: readonly { readonly id: string; readonly turnId: string; readonly item: { readonly id: string } }[];
  readonly nextCursor: string | null;
  readonly backwardsCursor: string | null;
}

describe("threadstore, turns and items", () => {
  let home: FixtureHome;
  let multi: string;
  let legacy: string;

  beforeAll(() => {
    home = copyFixtureHome("home169");
    multi = home.ids.multi as string;
    legacy = home.ids.legacy as string;
  });

  afterAll(() => home.remove());

  const at = (...args: string[]) => runCommand(["--home", home.path, ...args]);
  const json = async (...args: string[]): Promise<Rows> => JSON.parse((await at(...args, "--json")).stdout);
  const turnIds = ({ data }: Rows) => data.map(({ id }) => id);
  const itemIds = ({ data }: Rows) => data.map(({ item }) => item.id);

  /** The cursor that a person would copy from the last line on standard error. */
  const hinted = (stderr: string) => /^more: the same command with --cursor '(.+)'\n$/.exec(stderr)?.[1] as string;

  it("turns prints a page of the API, newest first, and its cursors lead on and back", async () => {
    for (const [thread, count] of [
      [multi, 7],
      [legacy, 3],
    ] as const) {
      const all = await json("turns", thread);
      expect([all.data.length, all.nextCursor]).toEqual([count, null]);
      expect(turnIds(await json("turns", thread, "--asc"))).toEqual(turnIds(all).reverse());
      const first = await json("turns", thread, "--limit", "2");
      const second = await json("turns", thread, "--limit", "100", "--cursor", first.nextCursor as string);
      expect([...turnIds(first), ...turnIds(second)]).toEqual(turnIds(all));
      const back = await json("turns", thread, "--asc", "--cursor", second.backwardsCursor as string);
      expect(turnIds(back)).toEqual(turnIds(all).slice(0, 3).reverse());
    }
  });

  it("turns shows the items of a view", async () => {
    const kinds = async (...view: string[]) => {
      const { data } = await json("turns", home.ids.shell as string, "--asc", "--limit", "1", ...view);
      const [turn] = data as unknown as { itemsView: string; items: { type: string }[] }[];
      return [turn?.itemsView, turn?.items.map(({ type }) => type)];
    };
    expect(await kinds("--view", "notLoaded")).toEqual(["notLoaded", []]);
    expect(await kinds()).toEqual(["summary", ["userMessage", "agentMessage"]]);
    expect((await kinds("--view", "full"))[1]).toContain("commandExecution");
  });

  it("turns prints a table, and on standard error how to get the next page", async () => {
    const { stdout, stderr } = await at("turns", multi, "--asc", "--limit", "2");
    const [head, ...rows] = stdout.trimEnd().split("\n");
    expect(head).toMatch(/^ID +STATUS +STARTED +TIME +ITEMS MESSAGE$/);
    expect(rows).toEqual([
      expect.stringMatching(/^01a1f895-\w{4} +completed +2026-11-20T10:51:50Z +\d+ ms +3 Turn number 1 of the/),
      expect.stringMatching(/^01a1f895-\w{4} +completed +2026-11-20T10:51:50Z +\d+ ms +2 Turn number 2 of the/),
    ]);
    const next = await at("turns", multi, "--asc", "--cursor", hinted(stderr));
    expect([next.stdout.split("\n")[1], next.stderr]).toEqual([expect.stringContaining("Turn number 3 of the"), ""]);
    const bare = await at("turns", legacy, "--view", "notLoaded", "--limit", "1");
    expect(bare.stdout.split("\n")[1]).toMatch(/ - -$/);
    expect((await at("turns", home.ids.inject_first as string)).stdout).toBe("no turns\n");
  });

  it("items prints a page of the API, oldest first, of a thread or of one of its turns", async () => {
    const all = await json("items", multi, "--limit", "100");
    expect(itemIds(await json("items", multi, "--limit", "100", "--desc"))).toEqual(itemIds(all).reverse());
    const first = await json("items", multi, "--limit", "4");
    const second = await json("items", multi, "--limit", "100", "--cursor", first.nextCursor as string);
    expect([...itemIds(first), ...itemIds(second)]).toEqual(itemIds(all));
    const back = await json("items", multi, "--desc", "--cursor", second.backwardsCursor as string);
    expect(itemIds(back)).toEqual(itemIds(all).slice(0, 5).reverse());
    const turnId = all.data[4]?.turnId as string;
    const ofTurn = all.data.filter((row) => row.turnId === turnId).map(({ item }) => item.id);
    expect(itemIds(await json("items", multi, "--turn", turnId))).toEqual(ofTurn);
    expect(itemIds(await json("items", multi, "--turn", turnId.slice(0, 13)))).toEqual(ofTurn);
    const legacyItems = await json("items", legacy, "--limit", "2");
    expect(itemIds(legacyItems)).toEqual(["item-1", "item-2"]);
    expect(itemIds(await json("items", legacy, "--cursor", legacyItems.nextCursor as string))[0]).toBe("item-3");
  });

  it("items prints a line for each, and on standard error how to get the next page", async () => {
    const thread = home.ids.interrupted_tool as string;
    const { stdout, stderr } = await at("items", thread, "--limit", "2");
    expect(stdout.split("\n")[0]).toMatch(/^TURN +TYPE +TEXT$/);
    const next = await at("items", thread, "--cursor", hinted(stderr));
    expect(next.stdout.split("\n").slice(1)).toEqual([
      expect.stringMatching(/^01a1f895-8f25 {2}commandExecution {5}\/bin\/bash -lc 'sleep 30' · exit -1, \d+ s$/),
      "",
    ]);
    expect((await at("items", home.ids.inject_first as string)).stdout).toBe("no items\n");
  });

  it.each([
    ["an unknown thread", ["turns", "01900000-0000-7000-8000-000000000000"], 3, /not found/],
    ["an unknown turn", ["items", "MULTI", "--turn", "01900000-0000-7000-8000-000000000000"], 2, /has no turn 0190/],
    ["an unknown turn to begin at", ["show", "MULTI", "--at", "nope"], 2, /has no turn nope/],
    ["a document of turns", ["show", "MULTI", "--at", "nope", "--json"], 2, /cannot be used with/],
    ["several turns", ["items", "MULTI", "--turn", "01a1f895"], 4, /turns begin with 01a1f895/],
    ["no cursor at all", ["turns", "MULTI", "--cursor", "x"], 2, /invalid cursor: x/],
    ["an empty cursor", ["items", "MULTI", "--cursor", ""], 2, /invalid cursor/],
    [
      "a cursor of a turn that is gone",
      ["turns", "LEGACY", "--cursor", '{"turnId":"x","includeAnchor":true}'],
      2,
      /no longer/,
    ],
    ["an unknown view", ["turns", "MULTI", "--view", "all"], 2, /notLoaded, summary, full/],
    ["a page of nothing", ["turns", "MULTI", "--limit", "0"], 2, /must be 1 to 100/],
    ["a page too large", ["items", "MULTI", "--limit", "101"], 2, /must be 1 to 100/],
    ["both orders", ["items", "MULTI", "--asc", "--desc"], 2, /cannot be used with/],
  ] as const)("answers %s with an error", async (_what, args, code, pattern) => {
    const words = args.map((word) => ({ MULTI: multi, LEGACY: legacy })[word as string] ?? word);
    const answer = await at(...words);
    expect([answer.code, answer.stdout]).toEqual([code, ""]);
    expect(answer.stderr).toMatch(pattern);
  });

  it("refuses the cursors of other threads and other lists", async () => {
    const turns = (await json("turns", multi, "--limit", "1")).nextCursor as string;
    for (const args of [
      ["turns", home.ids.shell as string],
      ["items", multi],
      ["turns", legacy],
    ]) {
      const answer = await at(...args, "--cursor", turns);
      expect([answer.code, answer.stdout, answer.stderr]).toEqual([2, "", expect.stringMatching(/invalid cursor/)]);
    }
  });

  it("show prints every turn with its heading, commands with their end, and how a turn ended", async () => {
    const { stdout, stderr } = await at("show", home.ids.interrupted_tool as string);
    expect(stderr).toBe("");
    expect(stdout.slice(stdout.indexOf("\n──"))).toMatch(
      /^\n── turn 1 · 01a1f895-8f25-[-\w]+ · 2026-11-20T10:51:53Z · 1\.5 s ──\n\nuser\nLong tool \[\[shell sleep 30\]\]\n\nagent\nRunning step 1\.\n\n\$ \/bin\/bash -lc 'sleep 30'\n {2}exit -1, 16 s\n\ninterrupted\n$/,
    );
    expect((await at("show", home.ids.failed400 as string)).stdout).toMatch(/\nfailed: .*fake provider says 400.*\n$/);
    expect((await at("show", home.ids.patch as string)).stdout).toContain(
      "\nfiles\n  add /tmp/demo/plain/patched.txt +2\n",
    );
    expect((await at("show", home.ids.compacted as string)).stdout).toContain("\ncontext compacted\n");
    expect((await at("show", home.ids.inject_first as string)).stdout).toMatch(
      /\n\nno turns; history prints every recorded item\n$/,
    );
    const full = (await at("show", home.ids.patch as string, "--full")).stdout;
    expect(full).toContain("  add /tmp/demo/plain/patched.txt +2\n  hello patch\n  second line\n");
  });

  it("show begins at a turn, which keeps its number", async () => {
    const { data } = await json("turns", multi, "--asc");
    const turnId = data[5]?.id as string;
    const whole = (await at("show", multi)).stdout;
    const header = whole.slice(0, whole.indexOf("\n──"));
    const rest = whole.slice(whole.indexOf("\n── turn 6 ·"));
    for (const wanted of [turnId, turnId.slice(0, 13)]) {
      const { stdout } = await at("show", multi, "--at", wanted);
      expect(stdout).toBe(`${header}\n5 earlier turns are left out\n${rest}`);
    }
    expect((await at("show", multi, "--at", data[0]?.id as string)).stdout).toBe(whole);
    expect((await at("show", multi, "--at", data[1]?.id as string)).stdout).toContain("\n1 earlier turn is left out\n");
  });

  it("changes no file of a home that is not its own", async () => {
    const rollouts = () =>
      fs
        .readdirSync(home.path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.parentPath.startsWith(join(home.path, "threadstore")))
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => [path, fs.statSync(path).mtimeMs, fs.readFileSync(path, "base64")]);
    const before = rollouts();
    for (const args of [["turns", multi], ["items", multi], ["show", multi, "--full"], ["stats"]]) {
      expect((await at(...args)).code).toBe(0);
    }
    expect(rollouts()).toEqual(before);
  });
});

/** A home with one thread, of one turn in which a command printed a lot, and another one that is hostile to terminals. */
function writeHome(path: string, outputLines: number): string {
  const id = "01900000-0000-7000-8000-000000000001";
  const event = (payload: object) => ({ type: "event_msg", payload });
  const completed = (item: object) => event({ type: "item_completed", turn_id: "t1", item });
  const output = Array.from({ length: outputLines }, (_, at) => `line ${at + 1}`).join("\n");
  const lines = [
    {
      type: "session_meta",
      payload: { id, cwd: "/\u001b[31m", originator: "t", cli_version: "1", source: "cli", history_mode: "paginated" },
    },
    event({ type: "task_started", turn_id: "t1" }),
    completed({
      type: "UserMessage",
      id: "u",
      content: [{ type: "text", text: "go \u001b]0;owned\u0007on\n\tindented" }],
    }),
    completed({
      type: "CommandExecution",
      id: "c",
      command: ["seq", "\u001b[2J"],
      aggregated_output: output,
      exit_code: 0,
    }),
    completed({ type: "AgentMessage", id: "a", content: [{ type: "Text", text: "done \u009b31m" }] }),
    event({ type: "task_complete", turn_id: "t1", error: { message: "\u001b[31mbroken\u0007" } }),
  ];
  const folder = join(path, "sessions/2026/01/01");
  fs.mkdirSync(folder, { recursive: true });
  const text = lines.map((line, ordinal) =>
    JSON.stringify({ timestamp: "2026-01-01T00:00:00.000Z", ordinal, ...line }),
  );
  fs.writeFileSync(join(folder, `rollout-2026-01-01T00-00-00-${id}.jsonl`), `${text.join("\n")}\nnot a record\n`);
  return id;
}

describe("threadstore show, of a thread that others wrote", () => {
  let path: string;

  beforeAll(() => {
    path = fs.mkdtempSync(join(fs.realpathSync(tmpdir()), "threadstore-cli-"));
  });

  afterAll(() => fs.rmSync(path, { recursive: true }));

  it("lets nothing through that a terminal would obey, collapses outputs, and counts unreadable lines", async () => {
    const id = writeHome(path, 133);
    for (const command of [
      ["show", id],
      ["show", id, "--full"],
      ["turns", id],
      ["items", id],
    ]) {
      const { stdout, stderr, code } = await runCommand(["--home", path, ...command]);
      expect([code, (stdout + stderr).replaceAll("\n", "")]).toEqual([0, expect.not.stringMatching(/\p{Cc}/u)]);
    }
    const { stdout, stderr } = await runCommand(["--home", path, "show", id]);
    expect(stdout).toContain("\nuser\ngo on\n    indented\n");
    expect(stdout).toMatch(/\n\$ seq [^\n]*\n {2}line 1\n[\s\S]*\n {2}line 10\n {2}… 123 more lines\n {2}exit 0\n/);
    expect(stdout).toMatch(/\nfailed: broken\n$/);
    expect(stderr).toBe("1 unreadable lines were passed over\n");
  });

  it("prints the messages of a thread that has none of the turns it should have", async () => {
    const foreign = copyFixtureHome("foreign");
    const { stdout } = await runCommand(["--home", foreign.path, "show", "019a9b3f-0000-7000-8000-000000000051"]);
    foreign.remove();
    expect(stdout).toMatch(/\n\nno turns; [^\n]+\n\nuser\nforeign hello\n\nagent\nforeign answer\n$/);
  });

  it("ends quietly when its reader closes the pipe", async () => {
    const id = writeHome(path, 200_000);
    for (const command of [
      ["show", id, "--full"],
      ["show", id],
    ]) {
      const child = spawn(process.execPath, [COMMAND, "--home", path, ...command]);
      let stderr = "";
      child.stderr.on("data", (text) => {
        stderr += text;
      });
      child.stdout.once("data", () => child.stdout.destroy());
      const code = await new Promise((resolve) => child.on("close", resolve));
      expect([code, stderr.replace("1 unreadable lines were passed over\n", "")]).toEqual([0, ""]);
    }
  });
});

describe("threadstore stats", () => {
  let home: FixtureHome;

  beforeAll(() => {
    home = copyFixtureHome("home169");
  });

  afterAll(() => home.remove());

  const at = (...args: string[]) => runCommand(["--home", home.path, ...args]);

  it("prints what a home holds, and its heaviest threads", async () => {
    const measure = JSON.parse((await at("stats", "--json", "--top", "2")).stdout);
    expect(measure).toMatchObject({
      threads: { total: 56, active: 54, archived: 2, subAgents: 2, paginated: 52, legacy: 4 },
      turns: 90,
      bytes: { rollouts: 851_120, compressed: 0 },
      heaviest: [{ threadId: home.ids.long }, { threadId: home.ids.multi }],
    });
    const { stdout, stderr } = await at("stats", "--top", "1");
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^threads {6}56: 54 active, 2 archived\n {13}52 paginated, 4 legacy; 2 of sub-agents\n/);
    expect(stdout).toMatch(/\nmade of {6}messages 40 %, events 34 %, context 19 %, /);
    expect(stdout).toMatch(
      /\n\nHEAVIEST +SIZE +TURNS +LINE MAX MADE OF +TITLE\n01a1f895-9881 +114 kB +2 +20\.8 kB messages 75 %/,
    );
    expect((await at("stats", "--top", "0")).stdout).not.toContain("HEAVIEST");
  });

  it("makes no index, and says so when there are no files to measure", async () => {
    await at("stats");
    expect(fs.existsSync(join(home.path, "threadstore"))).toBe(false);
    const memory = await runCommand(["--home", "memory:x", "stats"]);
    expect([memory.code, memory.stderr]).toEqual([2, "threadstore: stats looks after files: memory:x has none\n"]);
    expect((await at("stats", "--top", "some")).code).toBe(2);
  });
});
