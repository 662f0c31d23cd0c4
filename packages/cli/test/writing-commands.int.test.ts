import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const COMMAND = fileURLToPath(new URL("../bin/threadstore.js", import.meta.url));
const UNKNOWN = "01900000-0000-7000-8000-00000000ffff";

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe("threadstore, writing", () => {
  let home: string;

  beforeEach(() => {
    home = mkdtempSync(join(realpathSync(tmpdir()), "threadstore-cli-"));
  });

  afterEach(() => rmSync(home, { recursive: true }));

  /** Runs a command as a person would, with its input and output piped. */
  function run(args: readonly string[], input = ""): Promise<Run> {
    const env = { PATH: process.env.PATH, HOME: home };
    const child = spawn(process.execPath, [COMMAND, "--home", home, ...args], { env, cwd: home });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (text) => {
      stdout += text;
    });
    child.stderr.on("data", (text) => {
      stderr += text;
    });
    child.stdin.end(input);
    return new Promise((resolve) => child.on("close", (code) => resolve({ code: code ?? -1, stdout, stderr })));
  }

  const json = async (...args: string[]) => JSON.parse((await run([...args, "--json"])).stdout);
  const create = async (...args: string[]) => (await run(["create", ...args])).stdout.trim();
  const idsOf = (page: { data: { id: string }[] }) => page.data.map(({ id }) => id);
  const acknowledged = ({ stdout }: Run) =>
    stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));

  function userItem(text: string): string {
    const item = { type: "UserMessage", id: "u", content: [{ type: "text", text }] };
    return JSON.stringify({ type: "event_msg", payload: { type: "item_completed", turn_id: "t", item } });
  }

  it("create persists a thread at once, in the history mode, folder and name asked for", async () => {
    const id = await create();
    const thread = await json("show", id);
    expect([thread.historyMode, thread.cwd, thread.modelProvider, thread.source]).toEqual([
      "paginated",
      home,
      "openai",
      "cli",
    ]);
    const legacy = await json("create", "--history", "legacy", "--name", "Mine", "--cwd", "/work", "--provider", "p");
    expect([legacy.historyMode, legacy.name, legacy.cwd, legacy.modelProvider]).toEqual([
      "legacy",
      "Mine",
      "/work",
      "p",
    ]);
    expect(existsSync(legacy.path)).toBe(true);
    expect(idsOf(await json("list", "--all-sources")).sort()).toEqual([id, legacy.id].sort());
    const again = await run(["create", "--id", id]);
    expect([again.code, again.stdout]).toEqual([4, ""]);
    expect((await run(["create", "--history", "other"])).code).toBe(2);
  });

  it("create records what the folder's git repository is at, unless it is told not to", async () => {
    const git = (...args: string[]) =>
      execFileSync("git", args, { cwd: home, env: { PATH: process.env.PATH, HOME: home } });
    git("init", "--quiet", "--initial-branch=topic");
    git("config", "remote.origin.url", "https://user:token@host.example/a.git");
    const told = { sha: null, branch: "topic", originUrl: "https://host.example/a.git" };
    expect((await json("create")).gitInfo).toEqual(told);
    expect((await json("create", "--cwd", join(home, "sessions"))).gitInfo).toEqual(told);
    expect((await json("create", "--no-git")).gitInfo).toBe(null);
    expect((await json("create", "--cwd", join(home, "nowhere"))).gitInfo).toBe(null);
  });

  it("append answers each batch with one line, and says what Codex sees on standard error", async () => {
    const id = await create();
    const first = await run(["append", id], `${userItem("hello")}\n\n${userItem("again")}`);
    const totals = { firstOrdinal: 1, nextOrdinal: 3, dropped: 0, repeated: false };
    const lines = acknowledged(first);
    expect(lines[0]).toMatchObject({ threadId: id, firstOrdinal: 1, repeated: false });
    expect({ ...lines[0], ...lines.at(-1), firstOrdinal: lines[0].firstOrdinal }).toEqual({ threadId: id, ...totals });
    expect(first.stderr).toMatch(/Codex/);
    expect((await json("show", id)).preview).toBe("hello");
    expect((await run(["append", id], "")).stdout).toBe("");
  });

  it("append names the line that is no item, stores what comes before it, and the next append goes on", async () => {
    const id = await create();
    const bad = await run(["append", id], `${userItem("one")}\n[1]\n${userItem("never")}\n`);
    expect([bad.code, bad.stderr.split("\n").at(-2)]).toEqual([
      2,
      'threadstore: line 2 is not a JSON object with a "type"',
    ]);
    expect(acknowledged(bad)).toMatchObject([{ firstOrdinal: 1, nextOrdinal: 2 }]);
    expect(acknowledged(await run(["append", id], `${userItem("two")}\n`))).toMatchObject([{ firstOrdinal: 2 }]);
    expect((await run(["append", UNKNOWN], userItem("x"))).code).toBe(3);
  });

  it("append with a key is stored once, with another input it is a conflict", async () => {
    const id = await create();
    const input = `${userItem("one")}\n${userItem("two")}\n`;
    const once = acknowledged(await run(["append", id, "--key", "k"], input));
    const twice = acknowledged(await run(["append", id, "--key", "k"], input));
    expect(twice).toEqual([{ ...once[0], repeated: true }]);
    const other = await run(["append", id, "--key", "k"], userItem("three"));
    expect([other.code, other.stdout]).toEqual([4, ""]);
    const late = await run(["append", id, "--expect", "1"], userItem("late"));
    expect([late.code, late.stdout]).toEqual([4, ""]);
    expect((await json("history", id)).data.length).toBe(3);
  });

  it("name sets and clears, metadata prints, patches and guards by revision", async () => {
    const id = await create();
    expect((await json("name", id, "A name")).name).toBe("A name");
    expect((await run(["name", "A name"])).code).toBe(2);
    expect((await json("name", "A name", "--clear")).name).toBe(null);
    const patched = JSON.parse(
      (await run(["metadata", id, "--git-branch", "main", "--patch", '{"model":"m"}', "--memory-mode", "disabled"]))
        .stdout,
    );
    expect(patched).toMatchObject({ gitInfo: { branch: "main" }, model: "m", memoryMode: "disabled", revision: 3 });
    expect((await run(["metadata", id, "--git-branch", "", "--expect-revision", "2"])).code).toBe(4);
    const cleared = JSON.parse((await run(["metadata", id, "--git-branch", "", "--expect-revision", "3"])).stdout);
    expect([cleared.gitInfo, cleared.revision]).toEqual([undefined, 4]);
    expect(JSON.parse((await run(["metadata", id])).stdout)).toEqual(cleared);
    expect((await run(["metadata", id, "--patch", "[]"])).code).toBe(2);
    expect((await run(["metadata", id, "--patch", '{"colour":"red"}'])).code).toBe(2);
  });

  it("fork begins with the items before the ordinal", async () => {
    const id = await create();
    await run(["append", id], `${userItem("one")}\n${userItem("two")}\n`);
    const fork = await json("fork", id, "--at", "2", "--name", "Branch");
    expect([fork.forkedFromId, fork.name, fork.preview]).toEqual([id, "Branch", "one"]);
    expect((await json("history", fork.id)).data.map(({ ordinal }: { ordinal: number }) => ordinal)).toEqual([0, 1, 2]);
    expect((await run(["fork", id, "--at", "9"])).code).toBe(2);
    expect((await run(["delete", id, "--yes"])).code).toBe(4);
  });

  it("archive, unarchive, delete", async () => {
    const id = await create();
    await run(["append", id], userItem("hello"));
    expect((await run(["archive", id])).stdout).toBe(`archived ${id}\n`);
    expect((await run(["archive", id])).code).toBe(3);
    const refused = await run(["append", id], userItem("late"));
    expect([refused.code, refused.stderr]).toEqual([2, `threadstore: thread ${id} is archived\n`]);
    expect((await json("unarchive", id)).id).toBe(id);
    const unasked = await run(["delete", id]);
    expect([unasked.code, unasked.stderr]).toEqual([
      2,
      "threadstore: delete asks first: add --yes where nobody can answer\n",
    ]);
    expect(await json("delete", id, "--yes")).toEqual({ deleted: id });
    expect((await run(["show", id])).code).toBe(3);
  });

  it("edges --set gives a thread a parent", async () => {
    const [parent, child] = [await create(), await create()];
    const edge = { parentThreadId: parent, childThreadId: child, status: "closed" };
    expect(await json("edges", parent, "--set", child, "--status", "closed")).toEqual({ data: [edge] });
    expect(await json("edges", parent)).toEqual({ data: [edge] });
    expect((await run(["edges", parent, "--set", UNKNOWN])).code).toBe(3);
    expect(readFileSync(join(home, "threadstore", "journal", "metadata.jsonl"), "utf8")).toContain(child);
  });
});
