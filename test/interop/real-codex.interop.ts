import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AppServerClient, startAppServer } from "./support/app-server-client.js";
import { type CodexVersion, ensureCodex } from "./support/codex-binary.js";
import { type CodexHome, createCodexHome } from "./support/codex-home.js";
import { type FakeResponsesServer, startFakeResponsesServer } from "./support/fake-responses-server.js";
import { Transcript } from "./support/transcript.js";

const TRANSCRIPT = fileURLToPath(new URL("transcript.txt", import.meta.url));

interface Case {
  readonly version: CodexVersion;
  readonly historyMode: "paginated" | "legacy";
  readonly params: Readonly<Record<string, unknown>>;
}

const CASES: readonly Case[] = [
  { version: "0.169.0", historyMode: "paginated", params: {} },
  { version: "0.169.0", historyMode: "legacy", params: { historyMode: "legacy" } },
  { version: "0.128.0", historyMode: "legacy", params: {} },
];

interface RolloutLine {
  readonly ordinal?: number;
  readonly type: string;
  readonly payload: { readonly id?: string; readonly type?: string };
}

describe("the real Codex", () => {
  const commands = new Map<CodexVersion, string>();
  let transcript: Transcript;
  let provider: FakeResponsesServer;
  let home: CodexHome;

  beforeAll(async () => {
    transcript = new Transcript({ path: TRANSCRIPT });
    for (const { version } of CASES) commands.set(version, await ensureCodex(version));
  });

  beforeEach(async () => {
    provider = await startFakeResponsesServer();
    home = await createCodexHome({ providerUrl: provider.url });
    transcript.label(home.path, "home");
    transcript.label(home.workspace, "workspace");
  });

  afterEach(async () => {
    await provider.close();
    await home.remove();
  });

  afterAll(() => {
    expect(readFileSync(TRANSCRIPT, "utf8")).not.toContain("threadstore-codex-");
  });

  async function start(version: CodexVersion): Promise<AppServerClient> {
    const command = commands.get(version) ?? "";
    return startAppServer({ command, home, transcript });
  }

  it.each(CASES)("$version writes one turn of a $historyMode thread into a rollout", async (wanted) => {
    transcript.heading(`${wanted.version} writes one turn of a ${wanted.historyMode} thread`);
    await using client = await start(wanted.version);
    const { thread } = await client.request("thread/start", { cwd: home.workspace, ...wanted.params });
    const turn = await client.runTurn(thread.id, "hello");
    await client.close();

    const lines = readRollout(thread.path);
    expect(turn.status).toBe("completed");
    expect(lines[0]).toMatchObject({ type: "session_meta", payload: { id: thread.id } });
    expect(lines.at(-1)?.payload.type).toBe("task_complete");
    const isPaginated = wanted.historyMode === "paginated";
    expect(lines.map(({ ordinal }) => ordinal)).toEqual(lines.map((_, index) => (isPaginated ? index : undefined)));
  });
});

function readRollout(path: string): RolloutLine[] {
  const text = readFileSync(path, "utf8");
  expect(text.endsWith("\n")).toBe(true);
  return text
    .slice(0, -1)
    .split("\n")
    .map((line) => JSON.parse(line) as RolloutLine);
}
