import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { CodexVersion } from "./support/codex-binary.js";
import { useScene } from "./support/scene.js";

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
  const scene = useScene("real-codex", ["0.169.0", "0.128.0"]);

  it.each(CASES)("$version writes one turn of a $historyMode thread into a rollout", async (wanted) => {
    const client = await scene.start(wanted.version);
    const { thread } = await client.request("thread/start", { cwd: scene.home.workspace, ...wanted.params });
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
