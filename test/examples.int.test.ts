import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakeResponsesServer, startFakeResponsesServer } from "./support/fake-responses-server.js";

const run = promisify(execFile);

let provider: FakeResponsesServer;
let home: string;

beforeEach(async () => {
  provider = await startFakeResponsesServer();
  home = mkdtempSync(join(tmpdir(), "threadstore-example-"));
});

afterEach(async () => {
  await provider.close();
  rmSync(home, { recursive: true });
});

/** What an example prints, line by line. */
async function example(name: string, ...args: string[]): Promise<string[]> {
  const path = fileURLToPath(new URL(`../examples/${name}.mjs`, import.meta.url));
  const env = { PATH: process.env.PATH, OPENAI_API_KEY: "none", OPENAI_BASE_URL: provider.url };
  return (await run(process.execPath, [path, ...args], { env })).stdout.trimEnd().split("\n");
}

describe("the examples", () => {
  it("agent: remembers in a second process what was said in the first, and calls its tool", async () => {
    expect(await example("agent", home, "My name is Ada.")).toStrictEqual(["Answer to: My name is Ada."]);
    const call = { type: "function_call", id: "fc_1", call_id: "call_1", name: "now", arguments: "{}" };
    provider.answerNext([call]);
    expect(await example("agent", home, "What is my name?")).toStrictEqual(["Answer to: What is my name?"]);
    const said = JSON.stringify(provider.requests.at(-1)?.input);
    for (const text of ["My name is Ada.", "Answer to: My name is Ada.", "What is my name?"])
      expect(said).toContain(text);
    expect(provider.requests.at(-1)?.input).toContainEqual({
      type: "function_call_output",
      call_id: "call_1",
      output: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
  });

  it("resume-after-crash: the turn of the dead process is interrupted, and what it told is still told", async () => {
    expect(await example("resume-after-crash")).toStrictEqual([
      "The first process ended with SIGKILL.",
      "interrupted, completed",
      "I am told: user, assistant, function_call, aborted, user.",
    ]);
  });

  it("sub-agents: each works in a thread of its own", async () => {
    const [answer, ...agents] = await example("sub-agents");
    expect(answer).toBe("Oslo: sunny. Lima: sunny. Kyoto: sunny.");
    expect(agents.sort()).toStrictEqual([
      "/root/kyoto (forecaster): Kyoto",
      "/root/lima (forecaster): Lima",
      "/root/oslo (forecaster): Oslo",
    ]);
  });
});
