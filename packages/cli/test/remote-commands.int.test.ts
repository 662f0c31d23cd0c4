import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Run, runCommand } from "./support/run-command.js";
import { RunningCommand } from "./support/running-command.js";

const FIXTURES = fileURLToPath(new URL("../../../fixtures/homes", import.meta.url));

let folder: string;
let home: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "threadstore-remote-"));
  home = join(folder, "home");
  cpSync(join(FIXTURES, "home169"), home, { recursive: true, preserveTimestamps: true });
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Serves a home in a process of its own; `at` tells where, as commands are told it. */
async function serve(...options: string[]): Promise<{ readonly command: RunningCommand; readonly at: string }> {
  const command = new RunningCommand(["--home", home, "serve", "--grpc", "127.0.0.1:0", ...options]);
  const printed = await command.until((text) => text.includes(" list\n"));
  const at = /--home (\S+) list/.exec(printed)?.[1] as string;
  return { command, at };
}

describe("a server as the home of commands", () => {
  it("shows what its folder shows", async () => {
    const { command, at } = await serve();
    await using _ = command;
    const [first] = await listedIds(home);
    const commands = [
      ["list", "--json", "--all-sources", "--limit", "7", "--sort", "recency"],
      ["list", "--search", "hello", "--asc", "--json"],
      ["list", "--archived", "--json"],
      ["show", first as string],
      ["history", first as string],
      ["turns", first as string, "--json"],
      ["items", first as string],
    ];
    for (const args of commands) {
      const [there, here] = await Promise.all([at, home].map((one) => runCommand(["--home", one, ...args])));
      expect([args, there?.code]).toStrictEqual([args, 0]);
      expect(withoutPaths(there as Run)).toBe(withoutPaths(here as Run));
    }
  });

  it("is written by commands, and its folder shows it", async () => {
    const { command, at } = await serve();
    await using _ = command;
    const run = async (args: string[], input = "") => {
      const { code, stdout, stderr } = await runCommand(["--home", at, ...args], { input });
      expect([args, code, code === 0 ? "" : stderr]).toStrictEqual([args, 0, ""]);
      return stdout.trim();
    };
    const id = await run(["create", "--name", "Over the wire"]);
    const items = ["one", "two"].map((text) => `${JSON.stringify({ type: "response_item", payload: { text } })}\n`);
    expect(JSON.parse(await run(["append", id], items.join("")))).toMatchObject({ firstOrdinal: 1, nextOrdinal: 3 });
    const fork = await run(["fork", id]);
    await run(["metadata", id, "--patch", '{"gitInfo":{"branch":"topic"}}']);
    await run(["archive", fork]);
    const shown = await runCommand(["--home", home, "show", id, "--json"]);
    expect(JSON.parse(shown.stdout)).toMatchObject({ name: "Over the wire", gitInfo: { branch: "topic" } });
    const archived = await runCommand(["--home", home, "list", "--archived", "--all-sources", "--json"]);
    expect((JSON.parse(archived.stdout) as { data: { id: string }[] }).data.map((one) => one.id)).toContain(fork);
    await run(["unarchive", fork]);
  });

  it.each([
    [["delete", "--yes"], /does not support delete_thread/],
    [["show", "--follow"], /does not support watch_threads/],
    [["edges"], /does not support list_thread_spawn_edges/],
  ])("says what it cannot do: %s", async (args, message) => {
    const { command, at } = await serve();
    await using _ = command;
    const [first] = await listedIds(home);
    const { code, stderr } = await runCommand(["--home", at, ...args, first as string]);
    expect([code, stderr]).toStrictEqual([1, expect.stringMatching(message)]);
  });

  it("is refused by commands that look after files, and the token is not repeated", async () => {
    const { code, stderr } = await runCommand(["--home", "grpc://secret@127.0.0.1:7", "doctor"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/looks after files/);
    expect(stderr).not.toContain("secret");
  });

  it("takes the token in its URL, and is as good as none without it", async () => {
    const tokens = join(folder, "tokens.txt");
    writeFileSync(tokens, `${createHash("sha256").update("s3cret").digest("hex")} alice\n`);
    const { command, at } = await serve("--tokens", tokens);
    await using _ = command;
    const withToken = at.replace("TOKEN", "s3cret");
    const created = await runCommand(["--home", withToken, "create"]);
    expect(created.code).toBe(0);
    expect(await listedIds(withToken)).toStrictEqual([created.stdout.trim()]);
    const { code, stderr } = await runCommand(["--home", at.replace("TOKEN@", ""), "list"]);
    expect([code, stderr]).toStrictEqual([2, expect.stringMatching(/needs a token/)]);
  });
});

async function listedIds(where: string): Promise<string[]> {
  const { stdout } = await runCommand(["--home", where, "list", "--all-sources", "--json"]);
  return (JSON.parse(stdout) as { data: { id: string }[] }).data.map(({ id }) => id);
}

/** Where a thread's file lies is the server's own affair. */
function withoutPaths({ stdout }: Run): string {
  return stdout.replaceAll(/^file .*\n/gm, "").replaceAll(/"path": (null|".*")/g, "");
}
