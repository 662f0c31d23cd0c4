import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCommand } from "./support/run-command.js";
import { RunningCommand } from "./support/running-command.js";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "threadstore-serve-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

const LOCAL = "127.0.0.1:0";

describe("serve", () => {
  it("says how to get to it, answers over HTTP, and ends with 0 when it is interrupted", async () => {
    await using command = new RunningCommand(["--home", folder, "serve", "--grpc", LOCAL, "--http", LOCAL]);
    const printed = await command.until((text) => text.includes("/healthz"));
    expect(printed).toMatch(
      /experimental_thread_store = \{ type = "remote", endpoint = "http:\/\/127\.0\.0\.1:\d+" \}/,
    );
    const http = /metrics at (http:\/\/127\.0\.0\.1:\d+)$/m.exec(printed)?.[1];
    expect(await (await fetch(`${http}/healthz`)).text()).toBe("ok\n");
    expect(await (await fetch(`${http}/metrics`)).text()).toContain("threadstore_open_threads 0");
    expect((await fetch(`${http}/else`)).status).toBe(404);
    expect(await command.interrupt()).toBe(0);
    for (const line of command.stderr.trim().split("\n")) expect(JSON.parse(line)).toHaveProperty("msg");
  });

  it("needs no home with --memory, and puts the token's place into the endpoint with --tokens", async () => {
    const tokens = join(folder, "tokens.txt");
    writeFileSync(tokens, `${"0".repeat(64)} alice\n`);
    await using command = new RunningCommand(["serve", "--memory", "--grpc", LOCAL, "--tokens", tokens]);
    expect(await command.until((text) => text.includes("list"))).toContain('endpoint = "http://TOKEN@127.0.0.1:');
    expect(await command.interrupt()).toBe(0);
  });

  it.each([
    ["an address that is none", ["--grpc", "here"], 2],
    ["an address for everybody without tokens", ["--grpc", "0.0.0.0:0"], 2],
    ["tokens that are not there", ["--grpc", LOCAL, "--tokens", "/nowhere/tokens"], 2],
    ["a certificate without its key", ["--grpc", LOCAL, "--tls-cert", "/nowhere/cert"], 2],
    ["a port that there is not", ["--grpc", "127.0.0.1:99999"], 2],
  ])("refuses %s", async (_what, options, code) => {
    const run = await runCommand(["serve", "--memory", ...options]);
    expect([run.code, run.stdout]).toEqual([code, ""]);
    expect(run.stderr).toMatch(/^threadstore: /);
  });

  it("refuses a home that is not there", async () => {
    const run = await runCommand(["--home", join(folder, "nowhere"), "serve", "--grpc", LOCAL]);
    expect([run.code, run.stderr]).toEqual([1, expect.stringContaining("there is no home")]);
  });
});
