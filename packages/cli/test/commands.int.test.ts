import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyFixtureHome, type FixtureHome } from "../../../test/support/fixture-home.js";
import { runCommand as run } from "./support/run-command.js";

describe("threadstore", () => {
  let home: FixtureHome;
  let empty: string;

  beforeAll(() => {
    home = copyFixtureHome("home169");
    empty = mkdtempSync(join(realpathSync(tmpdir()), "threadstore-cli-"));
  });

  afterAll(() => {
    home.remove();
    rmSync(empty, { recursive: true });
  });

  const at = (...args: string[]) => run(["--home", home.path, ...args]);
  const json = async (...args: string[]) => JSON.parse((await at(...args, "--json")).stdout);
  const idsOf = (page: { data: { id: string }[] }) => page.data.map((thread) => thread.id);

  it("takes the home from the option, then THREADSTORE_HOME, then CODEX_HOME", async () => {
    const list = async (environment: NodeJS.ProcessEnv, ...args: string[]) =>
      JSON.parse((await run([...args, "list", "--json"], { environment })).stdout).data.length;
    expect(await list({ THREADSTORE_HOME: home.path, CODEX_HOME: empty })).toBe(25);
    expect(await list({ CODEX_HOME: home.path })).toBe(25);
    expect(await list({ THREADSTORE_HOME: home.path }, "--home", empty)).toBe(0);
    expect(await list({}, "--home", "memory:none")).toBe(0);
  });

  it("lists a page of API threads with both cursors, and goes on from one", async () => {
    const first = await json("list", "--limit", "30");
    expect(Object.keys(first)).toEqual(["data", "nextCursor", "backwardsCursor"]);
    expect(first.data[0]).toMatchObject({ preview: "Hello from the TUI", status: { type: "notLoaded" }, turns: [] });
    const second = await json("list", "--limit", "30", "--cursor", first.nextCursor);
    expect([first.data.length, second.data.length, second.nextCursor]).toEqual([30, 15, null]);
    const back = await json("list", "--limit", "3", "--asc", "--cursor", second.backwardsCursor);
    expect(idsOf(back)).toEqual([second.data[0].id, ...idsOf(first).slice(-2).reverse()]);
  });

  it("narrows and sorts", async () => {
    const count = async (...args: string[]) => (await json("list", "--limit", "100", ...args)).data.length;
    expect(await count("--all-sources")).toBe(54);
    expect(await count("--archived")).toBe(2);
    expect(await count("--source", "exec", "subAgent")).toBe(7);
    expect(await count("--provider", "fake", "other")).toBe(45);
    expect(await count("--provider", "other")).toBe(0);
    expect(await count("--cwd", "/tmp/demo/plain")).toBe(9);
    expect(await count("--search", "TURN NUMBER")).toBe(4);
    expect(await count("--children-of", home.ids.subagent as string)).toBe(1);
    expect(await count("--descendants-of", home.ids.subagent as string)).toBe(1);
    const created = idsOf(await json("list", "--limit", "100"));
    expect(idsOf(await json("list", "--limit", "100", "--asc"))).toEqual([...created].reverse());
    expect(idsOf(await json("list", "--limit", "100", "--sort", "updated"))[0]).toBe(created[0]);
  });

  it("says how many threads the defaults left out, and shows no colours in a pipe", async () => {
    const { stdout, stderr } = await at("list", "--limit", "3");
    expect(stdout).toContain(
      "11 left out: 1 attached, 1 subAgentReview, 1 subAgentThreadSpawn, 1 without a message, 5 exec, 2 archived",
    );
    expect(stdout.includes("\u001b")).toBe(false);
    expect(stdout.split("\n")[0]).toMatch(/^ID +AGE +SOURCE +MODEL +FOLDER +TITLE$/);
    expect(
      Math.max(
        ...stdout
          .split("\n")
          .slice(0, 4)
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(120);
    expect(stderr).toBe("");
  });

  it("shows a thread by id, prefix, name and path", async () => {
    const id = home.ids.named as string;
    const thread = await json("show", id);
    expect(thread).toMatchObject({ id, name: "Zweiter Nâme 🚀", section: { name: "Demo section" } });
    for (const wanted of [id.slice(0, 13), "Zweiter Nâme 🚀", thread.path, thread.path.slice(home.path.length + 1)]) {
      expect((await json("show", wanted)).id).toBe(id);
    }
    const { stdout } = await at("show", id);
    expect(stdout).toContain("user\nThread that gets a name\n\nagent\nReply 246 to: Thread that gets a name\n");
  });

  it("shows archived threads, and the whole history of a fork and of a reverted thread", async () => {
    expect((await at("show", "archived name")).stdout).toContain("archived     2026-11-20T10:51:56");
    expect((await at("show", home.ids.forked as string)).stdout).toMatch(/Turn number 1[\s\S]*First turn in the fork/);
    const reverted = (await at("show", home.ids.reverted as string)).stdout;
    expect(reverted).toMatch(/revert turn 1[\s\S]*turn after revert/);
    expect(reverted).not.toContain("revert turn 3");
  });

  it("prints a history as one document with every field of each line", async () => {
    const { data, rejected } = await json("history", home.ids.single as string);
    expect(rejected).toBe(0);
    expect(data.map((line: { ordinal: number }) => line.ordinal)).toEqual(Array.from({ length: 13 }, (_, n) => n));
    expect(Object.keys(data[2])).toEqual(["timestamp", "ordinal", "type", "payload", "metadata"]);
    expect((await at("history", home.ids.single as string)).stdout.split("\n").length).toBe(14);
  });

  it("lists edges", async () => {
    const { data } = await json("edges", home.ids.subagent as string, "--recursive");
    expect(data).toMatchObject([{ parentThreadId: home.ids.subagent, status: "open" }]);
    expect((await at("edges", home.ids.single as string)).stdout).toBe("no spawned threads\n");
  });

  it("examines and indexes a home", async () => {
    expect(await json("doctor")).toEqual({ files: 57, threads: 56, findings: [] });
    expect(await json("reindex")).toMatchObject({ files: 57, threads: 56, unreadable: 0, turns: null });
    expect(await json("reindex", "--turns")).toMatchObject({ threads: 56, turns: { threads: 56, failed: [] } });
    const foreign = copyFixtureHome("foreign");
    const found = await run(["--home", foreign.path, "doctor", "--json"]);
    foreign.remove();
    expect(found.code).toBe(1);
    const types = JSON.parse(found.stdout).findings.map((finding: { type: string }) => finding.type);
    expect(types.length).toBe(24);
    expect(types.filter((type: string) => type === "empty_file").length).toBe(2);
  });

  it.each([
    ["an unknown thread", ["show", "01900000-0000-7000-8000-000000000000"], 3, /not found/],
    ["an unknown name", ["show", "nobody"], 3, /no thread/],
    ["a bad cursor", ["list", "--cursor", "x"], 2, /invalid cursor: x/],
    ["an empty cursor", ["list", "--cursor", ""], 2, /invalid cursor/],
    ["a page of nothing", ["list", "--limit", "0"], 2, /1 to 1000, found 0/],
    ["a page too large", ["list", "--limit", "1001"], 2, /1 to 1000, found 1001/],
    ["a limit that is no number", ["list", "--limit", "many"], 2, /whole number/],
    ["an unknown sort key", ["list", "--sort", "name"], 2, /created, updated, recency/],
    ["an unknown source", ["list", "--source", "bogus"], 2, /cli, vscode/],
    ["an unknown option", ["list", "--bogus"], 2, /unknown option/],
    ["no thread named", ["show"], 2, /missing required argument/],
    ["an ambiguous prefix", ["show", "01a1f895"], 4, /threads begin with/],
    ["a path outside the home", ["show", "/etc/rollout-x.jsonl"], 2, /outside the home/],
    ["a path that is no rollout", ["show", "sessions/rollout-x.jsonl"], 2, /file does not exist/],
  ] as const)("answers %s with one line on standard error", async (_what, args, code, pattern) => {
    const answer = await at(...args);
    expect(answer.code).toBe(code);
    expect(answer.stderr).toMatch(pattern);
    expect(answer.stderr).not.toMatch(/\n\s+at /);
    expect(answer.stdout).toBe("");
  });

  it("says so when there is no home, and when a command needs files", async () => {
    const missing = await run(["--home", join(empty, "nowhere"), "list"]);
    expect([missing.code, missing.stderr]).toEqual([1, `threadstore: there is no home at ${join(empty, "nowhere")}\n`]);
    const memory = await run(["--home", "memory:x", "reindex"]);
    expect([memory.code, memory.stderr]).toEqual([2, "threadstore: reindex looks after files: memory:x has none\n"]);
  });
});
