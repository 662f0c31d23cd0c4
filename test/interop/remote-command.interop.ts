import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type FakeResponsesServer, startFakeResponsesServer } from "../support/fake-responses-server.js";
import { type AppServerClient, type JsonObject, startAppServer } from "./support/app-server-client.js";
import { ensureCodex } from "./support/codex-binary.js";
import { type CodexHome, createCodexHome } from "./support/codex-home.js";
import { makeCodexThread, readCodexMessages } from "./support/codex-threads.js";
import { runThreadstore, ServingCommand } from "./support/serving-command.js";

const run = promisify(execFile);
const WAIT = { timeout: 30_000 };

let codex: string;
let provider: FakeResponsesServer;
let home: CodexHome;
let served: string;
let server: ServingCommand;
let clients: AppServerClient[];

beforeAll(async () => {
  codex = await ensureCodex("0.129.0");
});

beforeEach(async () => {
  provider = await startFakeResponsesServer();
  home = await createCodexHome({ providerUrl: provider.url });
  served = mkdtempSync(join(tmpdir(), "threadstore-served-"));
  server = await ServingCommand.start(served);
  clients = [];
});

afterEach(async () => {
  for (const client of clients) await client.kill();
  await server[Symbol.asyncDispose]();
  await provider.close();
  await home.remove();
  rmSync(served, { recursive: true });
});

function remote(): string[] {
  return ["-c", `experimental_thread_store={type="remote",endpoint="${server.endpoint}"}`];
}

async function startClient(...more: string[]): Promise<AppServerClient> {
  const client = await startAppServer({ command: codex, home, arguments: [...remote(), ...more] });
  clients.push(client);
  return client;
}

/** Runs `codex exec`, as a person does; gives what it prints last. */
async function exec(prompt: string): Promise<string> {
  const args = ["exec", ...remote(), "--skip-git-repo-check", prompt];
  const running = run(codex, args, { env: home.environment, cwd: home.workspace });
  // It would read more of the prompt from there.
  running.child.stdin?.end();
  return (await running).stdout.trim();
}

/** The threads of a home or server, as `threadstore list` tells them. */
async function listed(where: string, ...options: string[]): Promise<JsonObject[]> {
  return JSON.parse(await runThreadstore("--home", where, "list", "--json", ...options)).data;
}

describe("threads of the real Codex 0.129.0 that threadstore serves", () => {
  it("are those of exec too, and are listed and shown on the server's home and through the server", async () => {
    expect(await exec("say something")).toContain("Answer to: say something");
    const at = server.endpoint.replace("http:", "grpc:");
    for (const where of [served, at]) {
      const [thread, ...others] = await listed(where, "--source", "exec");
      expect([thread?.preview, others]).toEqual(["say something", []]);
      const shown = await runThreadstore("--home", where, "show", thread?.id);
      expect(shown).toMatch(/user\nsay something\n[\s\S]*agent\nAnswer to: say something/);
    }
  });

  it("are all there after the server was killed between turns, and was ended and started again", async () => {
    const client = await startClient();
    const threadId = await makeCodexThread(client, { texts: ["one"] });
    const { port } = server;
    await server.kill();
    server = await ServingCommand.start(served, port);
    expect((await client.runTurn(threadId, "two")).status).toBe("completed");
    expect(await server.drain()).toBe(0);
    const items = await runThreadstore("--home", served, "items", threadId);
    for (const text of ["one", "two"]) expect(items).toContain(`Answer to: ${text}`);
    server = await ServingCommand.start(served, port);
    expect(await readCodexMessages(client, threadId)).toEqual(
      ["one", "two"].flatMap((text) => [text, `Answer to: ${text}`]),
    );
  });

  it("are those of sub-agents too, which have their parent and are read", async () => {
    const client = await startClient("-c", "features.multi_agent=true");
    const { thread } = await client.request("thread/start", {});
    provider.answerNext([
      {
        type: "function_call",
        id: "fc_1",
        call_id: "call_1",
        name: "spawn_agent",
        arguments: JSON.stringify({ message: "find it" }),
      },
    ]);
    expect((await client.runTurn(thread.id, "use a sub-agent")).status).toBe("completed");
    // It works beside its parent, and may be done later.
    const below = ["--all-sources", "--descendants-of", thread.id];
    await expect
      .poll(() => listed(served, ...below), WAIT)
      .toMatchObject([{ parentThreadId: thread.id, preview: "find it" }]);
    const [child] = await listed(served, ...below);
    const told = () => readCodexMessages(client, child?.id);
    await expect.poll(told, WAIT).toEqual(["find it", "Answer to: find it"]);
    const { data } = await client.request("thread/list", { sourceKinds: ["subAgentThreadSpawn"] });
    expect(data.map(({ id }: JsonObject) => id)).toEqual([child?.id]);
  });
});
