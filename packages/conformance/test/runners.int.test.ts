import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

function node(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { NODE_OPTIONS: _options, VITEST: _vitest, ...env } = process.env;
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env, maxBuffer: 1e8 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
  });
}

describe("the kit", () => {
  it("runs under node:test", async () => {
    const { code, stdout } = await node("--test", "--test-reporter=tap", here("./support/memory.node-test.js"));
    expect(stdout).toMatch(/# fail 0\n/);
    expect(Number(/# pass (\d+)/.exec(stdout)?.[1])).toBeGreaterThan(80);
    expect(code).toBe(0);
  });

  it("runs by its own command, and prints the requirements it covered", async () => {
    const { code, stdout } = await node(here("../bin/threadstore-conformance.js"));
    expect(stdout).toMatch(
      /memory: (\d+) of \1 requirements covered\nSTORE-1 STORE-2 OPEN-1 .* MODEL-1\n\d+ passed, 0 failed\n$/,
    );
    expect(code).toBe(0);
  });

  it("finds out a store that forgets", async () => {
    const { code, stdout } = await node(here("../bin/threadstore-conformance.js"), here("./support/broken-harness.js"));
    expect(stdout).toMatch(/FAILED {2}HISTORY-1/);
    expect(stdout).toMatch(/FAILED {2}MODEL-1/);
    expect(code).toBe(1);
  });

  it("says how it is used", async () => {
    expect(await node(here("../bin/threadstore-conformance.js"), "--help")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("usage"),
    });
    const noHarness = await node(here("../bin/threadstore-conformance.js"), here("./support/memory.node-test.js"));
    expect(noHarness.code).toBe(2);
  });
});
