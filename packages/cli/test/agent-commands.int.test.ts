import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakeResponsesServer, startFakeResponsesServer } from "../../../test/support/fake-responses-server.js";
import { type Run, runCommand } from "./support/run-command.js";
import { RunningCommand } from "./support/running-command.js";

let provider: FakeResponsesServer;
let home: string;

beforeEach(async () => {
  provider = await startFakeResponsesServer();
  home = mkdtempSync(join(tmpdir(), "threadstore-agents-"));
});

afterEach(async () => {
  provider.release();
  await provider.close();
  rmSync(home, { recursive: true });
});

function environment() {
  return { OPENAI_API_KEY: "secret-key", OPENAI_BASE_URL: provider.url };
}

function command(...args: string[]): Promise<Run> {
  return runCommand(["--home", home, ...args], { environment: environment() });
}

async function json(...args: string[]) {
  const { stdout } = await command(...args, "--json");
  return JSON.parse(stdout);
}

/** The one thread of the home. */
async function onlyThread(): Promise<{ readonly id: string; readonly preview: string }> {
  const { data } = await json("list");
  expect(data).toHaveLength(1);
  return data[0];
}

async function turns(): Promise<[string, string][]> {
  const { id } = await onlyThread();
  const { data } = await json("turns", id, "--view", "full");
  type Turn = { readonly status: string; readonly items: readonly { readonly type: string; readonly text?: string }[] };
  return data.map(({ status, items }: Turn) => [status, items.at(-1)?.text ?? items.at(-1)?.type]).reverse();
}

function userTexts(request: { readonly input: readonly unknown[] } | undefined): string[] {
  type Item = { readonly role?: string; readonly content?: readonly { readonly text: string }[] };
  return ((request?.input ?? []) as readonly Item[])
    .filter(({ role }) => role === "user")
    .flatMap(({ content = [] }) => content.map(({ text }) => text));
}

describe("run", () => {
  it("prints what the agent says, and names the thread on standard error", async () => {
    const { code, stdout, stderr } = await command("run", "What is up?");
    expect([code, stdout]).toStrictEqual([0, "Answer to: What is up?\n"]);
    const { id, preview } = await onlyThread();
    expect([stderr, preview]).toStrictEqual([`thread ${id}\n`, "What is up?"]);
  });

  it("goes on with a thread by its id, its name, or as the last one of the folder", async () => {
    await command("run", "one");
    const { id } = await onlyThread();
    await command("run", "two", "--resume", id.slice(0, 13));
    await command("name", id, "Talk");
    await command("run", "three", "--resume", "Talk");
    await command("run", "four", "--last");
    expect(userTexts(provider.requests.at(-1))).toStrictEqual(["one", "two", "three", "four"]);
    expect((await turns()).map(([status]) => status)).toStrictEqual(Array(4).fill("completed"));
  });

  it("reads a prompt from standard input", async () => {
    const options = { environment: environment(), input: "a long\nprompt" };
    const { stdout } = await runCommand(["--home", home, "run", "-"], options);
    expect(stdout).toBe("Answer to: a long\nprompt\n");
  });

  it("streams, shows tools on standard error, and lets the model look at other threads", async () => {
    await command("run", "the secret word is xyzzy");
    const { id } = await onlyThread();
    const call = (name: string, args: object) => {
      return {
        type: "function_call",
        id: `fc_${name}`,
        call_id: `call_${name}`,
        name,
        arguments: JSON.stringify(args),
      };
    };
    provider.answerNext([call("list_threads", { search: "secret" }), call("read_thread", { thread: id })]);
    const { stdout, stderr } = await command("run", "what was the word?", "--ephemeral");
    expect(stdout).toBe("Answer to: what was the word?\n");
    expect(stderr).toContain("list_threads");
    const outputs = provider.requests.at(-1)?.input.slice(-2) as { readonly output: string }[];
    expect(outputs.map(({ output }) => output)).toStrictEqual([
      expect.stringContaining(`"id":"${id}","title":"the secret word is xyzzy"`),
      "user: the secret word is xyzzy\nagent: Answer to: the secret word is xyzzy",
    ]);
    // What is ephemeral is in no list.
    expect((await onlyThread()).id).toBe(id);
  });

  it("prints the thread and every event as JSON lines", async () => {
    const { stdout } = await command("run", "hello", "--agent", "echo", "--json");
    const lines = stdout.trimEnd().split("\n");
    const types = lines.map((line) => JSON.parse(line).type);
    expect(types).toStrictEqual([
      "thread",
      "statusChanged",
      "turnStarted",
      "itemCompleted",
      "itemCompleted",
      "statusChanged",
      "turnEnded",
      "statusChanged",
      "closed",
    ]);
  });

  it("ends with 1 when the turn fails, which is recorded; no key is", async () => {
    provider.answerNext({ refusal: { status: 401, code: "invalid_api_key", message: "wrong key" } });
    const { code, stderr } = await command("run", "hello");
    expect(code).toBe(1);
    expect(stderr).toContain("wrong key");
    expect((await turns()).map(([status]) => status)).toStrictEqual(["failed"]);
    const { stdout } = await command("history", (await onlyThread()).id, "--json");
    expect(stdout).toContain("unauthorized");
    expect(stdout).not.toContain("secret-key");
  });

  it("is interrupted by Ctrl-C, and records that", async () => {
    const held = provider.hold();
    await using running = new RunningCommand(["--home", home, "run", "take your time"], { environment: environment() });
    await held;
    expect(await running.interrupt()).toBe(130);
    expect(running.stderr).toContain("interrupted");
    expect((await turns()).map(([status]) => status)).toStrictEqual(["interrupted"]);
  });

  it("says what is missing without a key, and makes nothing", async () => {
    const { code, stderr } = await runCommand(["--home", home, "run", "hello"]);
    expect([code, stderr]).toStrictEqual([2, expect.stringContaining("OPENAI_API_KEY is not set")]);
    expect(readdirSync(home)).toStrictEqual([]);
  });

  it("with --last and no thread in the folder is not found", async () => {
    expect((await command("run", "hello", "--last")).code).toBe(3);
  });
});

describe("chat", () => {
  it("takes every line as a message, and commands", async () => {
    const input = "one\n/name My chat\n/compact\ntwo\n/help\n/quit\nthree\n";
    const { code, stdout } = await runCommand(["--home", home, "chat", "--agent", "echo"], { input });
    expect(code).toBe(0);
    expect(stdout).toContain("\none\n");
    expect(stdout).toContain("/compact      shorten");
    expect(await turns()).toStrictEqual([
      ["completed", "one"],
      ["completed", "contextCompaction"],
      ["completed", "two"],
    ]);
    expect((await json("show", "My chat")).name).toBe("My chat");
  });

  it("goes on after a turn that was interrupted, and leaves with the second Ctrl-C", async () => {
    let held = provider.hold();
    await using chat = new RunningCommand(["--home", home, "chat"], { environment: environment() });
    chat.type("one");
    await held;
    chat.press();
    await chat.until((stdout) => stdout.includes("interrupted"));
    provider.release();
    held = provider.hold();
    chat.type("two");
    await held;
    provider.release();
    // A line is taken when the turn before it has ended.
    chat.type("/help");
    await chat.until((stdout) => stdout.includes("Answer to: two") && stdout.includes("/quit"));
    expect(await chat.interrupt()).toBe(0);
    expect((await turns()).map(([status]) => status)).toStrictEqual(["interrupted", "completed"]);
  });
});

describe("revert", () => {
  it.each(["paginated", "legacy"])(
    "takes the last turns of a %s thread back, by the beginning of an id",
    async (mode) => {
      await command("run", "one", "--history", mode);
      await command("run", "two", "--last");
      const { id } = await onlyThread();
      const { data } = await json("turns", id);
      expect((await command("revert", id, "--before", data[0].id.slice(0, 18))).code).toBe(0);
      expect(await turns()).toStrictEqual([["completed", "Answer to: one"]]);
      await command("run", "three", "--last");
      expect(userTexts(provider.requests.at(-1))).toStrictEqual(["one", "three"]);
    },
  );

  it("of a turn that there is not changes nothing", async () => {
    await command("run", "one");
    const { id } = await onlyThread();
    expect((await command("revert", id, "--before", "no-such-turn")).code).toBe(2);
    expect(await turns()).toHaveLength(1);
  });
});
