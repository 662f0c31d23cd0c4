import type { HistoryMode } from "@threadstore/core";
import { responsesAgent } from "@threadstore/responses-agent";
import { loadModelContext, ThreadManager } from "@threadstore/runtime";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { AppServerClient, JsonObject } from "./support/app-server-client.js";
import { useScene } from "./support/scene.js";
import { runAgent } from "./support/serving-command.js";

const scene = useScene("agents");

afterEach(() => {
  vi.unstubAllEnvs();
});

function run(...args: string[]): Promise<string> {
  return runAgent(args, { home: scene.home, providerUrl: scene.provider.url });
}

/** The input of the last request, without the base instructions that 0.169.0 puts there, and what it tells of its harness. */
function lastInput(): JsonObject[] {
  const input = (scene.provider.requests.at(-1)?.input ?? []) as JsonObject[];
  return input.filter(({ role, content }) => role !== "developer" && !isHarness(content)).map(essence);
}

function isHarness(content: JsonObject[] | undefined): boolean {
  return content?.some(({ text }) => text?.startsWith("<environment_context>")) ?? false;
}

function essence({ type, role, content, call_id, name, arguments: args, output }: JsonObject): JsonObject {
  const texts = content?.map(({ text }: JsonObject) => text);
  return JSON.parse(JSON.stringify({ type, role, texts, call_id, name, args, output }));
}

/** What the model is told of a stored thread, in the same words. */
async function told(threadId: string): Promise<JsonObject[]> {
  const { items } = await loadModelContext(scene.openStore(), { threadId });
  return items.filter(({ role, content }) => role !== "developer" && !isHarness(content as JsonObject[])).map(essence);
}

function call(name: string, args: object) {
  return { type: "function_call", id: `fc_${name}`, call_id: `call_${name}`, name, arguments: JSON.stringify(args) };
}

async function onlyThread(client: AppServerClient): Promise<JsonObject> {
  const { data } = await client.request("thread/list", {});
  expect(data).toHaveLength(1);
  return data[0];
}

function itemTypes({ items }: JsonObject): string[] {
  return items.map(({ type }: JsonObject) => type);
}

const MODES: readonly HistoryMode[] = ["paginated", "legacy"];

describe("a thread of `threadstore run`", () => {
  it.each(MODES)("that is %s is listed, resumed, read with turns and continued by the real Codex", async (mode) => {
    scene.provider.answerNext([call("list_threads", { search: "nothing" })]);
    await run("use a tool", "--history", mode, "--instructions", "You are a demo agent.");
    const client = await scene.start("0.169.0", { isTold: false });
    const { id, preview } = await onlyThread(client);
    expect(preview).toBe("use a tool");
    await client.request("thread/resume", { threadId: id });
    const { thread } = await client.request("thread/read", { threadId: id, includeTurns: true });
    const tool = mode === "paginated" ? ["dynamicToolCall"] : [];
    expect(thread.turns.map(itemTypes)).toEqual([["userMessage", ...tool, "agentMessage"]]);
    expect(thread.turns[0].status).toBe("completed");

    const before = await told(id);
    expect(before.map(({ type }) => type)).toEqual(["message", "function_call", "function_call_output", "message"]);
    expect((await client.runTurn(id, "and now?")).status).toBe("completed");
    expect(lastInput()).toEqual([
      ...before,
      essence({ type: "message", role: "user", content: [{ text: "and now?" }] }),
    ]);
    await client.close();

    expect(await run("and once more?", "--resume", id)).toContain("Answer to: and once more?");
    const last = await told(id);
    expect(lastInput()).toEqual(last.slice(0, -1));
    expect(last.flatMap(({ texts }) => texts ?? [])).toEqual([
      "use a tool",
      "Answer to: use a tool",
      "and now?",
      "Answer to: and now?",
      "and once more?",
      "Answer to: and once more?",
    ]);
  });
});

describe("a thread of the real Codex", () => {
  it.each(MODES)(
    "that is %s is continued by `threadstore run`, tool calls included, and by Codex again",
    async (mode) => {
      const client = await scene.start("0.169.0", { isTold: false });
      const { thread } = await client.request("thread/start", { historyMode: mode });
      await client.runTurn(thread.id, "one");
      scene.provider.answerNext([call("shell", { command: ["echo", "two"] })]);
      await client.runTurn(thread.id, "use a tool");
      await client.close();

      const before = await told(thread.id);
      expect(before.map(({ type }) => type)).toContain("function_call_output");
      expect(await run("and now?", "--resume", thread.id)).toContain("Answer to: and now?");
      const said = essence({ type: "message", role: "user", content: [{ text: "and now?" }] });
      expect(lastInput()).toEqual([...before, said]);

      const again = await scene.start("0.169.0", { isTold: false });
      await again.request("thread/resume", { threadId: thread.id });
      const { thread: read } = await again.request("thread/read", { threadId: thread.id, includeTurns: true });
      expect(read.turns.map(({ status }: JsonObject) => status)).toEqual(["completed", "completed", "completed"]);
      const whole = await told(thread.id);
      await again.runTurn(thread.id, "the last");
      expect(lastInput().slice(0, -1)).toEqual(whole);
    },
  );
});

/** A manager whose agent asks the scene's provider. */
function openManager(): ThreadManager {
  vi.stubEnv("OPENAI_API_KEY", "none");
  vi.stubEnv("OPENAI_BASE_URL", scene.provider.url);
  const { workspace: cwd } = scene.home;
  return new ThreadManager({
    store: scene.openStore({ isTold: false }),
    agent: responsesAgent({ retriesMax: 0 }),
    settings: { cwd, model: "fake-model", modelProvider: "fake", contextWindow: 190_000 },
    originator: "an_agent",
    version: "1.0.0",
    source: "cli",
  });
}

describe("turns that end in every way", () => {
  it.each(MODES)("of a %s thread are read and continued by the real Codex", async (historyMode) => {
    const manager = openManager();
    const thread = await manager.startThread({ historyMode });
    await thread.runTurn("first");
    let held = scene.provider.hold();
    const steered = thread.runTurn("second");
    await held;
    await thread.submit({ type: "steer", input: [{ type: "text", text: "and this" }] });
    scene.provider.release();
    await steered;
    scene.provider.answerNext({ refusal: { status: 400, code: "invalid_prompt", message: "no" } });
    expect((await thread.runTurn("third")).status).toBe("failed");
    await thread.submit({ type: "compact" });
    await thread.untilIdle();
    held = scene.provider.hold();
    const interrupted = thread.runTurn("fourth");
    await held;
    const fork = await manager.forkThread({ from: thread.threadId });
    await thread.submit({ type: "interrupt" });
    scene.provider.release();
    expect((await interrupted).status).toBe("interrupted");
    await manager.shutdownAll();

    const client = await scene.start("0.169.0", { isTold: false });
    for (const { threadId } of [thread, fork]) {
      await client.request("thread/resume", { threadId });
      const { thread: read } = await client.request("thread/read", { threadId, includeTurns: true });
      const statuses = read.turns.map(({ status }: JsonObject) => status);
      expect(statuses.slice(-5)).toEqual(["completed", "completed", "failed", "completed", "interrupted"]);
      const before = await told(threadId);
      expect((await client.runTurn(threadId, "and now?")).status).toBe("completed");
      expect(lastInput().slice(0, -1)).toEqual(before);
    }
  });

  it("of a sub-agent and its parent are read and continued by the real Codex", async () => {
    const manager = openManager();
    const parent = await manager.startThread();
    await parent.runTurn("begin");
    const task = { parentThreadId: parent.threadId, taskName: "count", role: "counter" };
    const child = await manager.spawnChild({ ...task, input: [{ type: "text", text: "count to three" }] });
    await child.untilIdle();
    await parent.runTurn("go on");
    await manager.shutdownAll();

    const client = await scene.start("0.169.0", { isTold: false });
    const { data } = await client.request("thread/list", { sourceKinds: ["cli", "subAgentThreadSpawn"] });
    const nickname = child.snapshot().agentNickname;
    expect(data.map(({ id, agentNickname }: JsonObject) => [id, agentNickname])).toEqual(
      expect.arrayContaining([
        [parent.threadId, null],
        [child.threadId, nickname],
      ]),
    );
    const before = await told(parent.threadId);
    expect(JSON.stringify(before)).toContain("<subagent_notification>");
    await client.request("thread/resume", { threadId: parent.threadId });
    await client.runTurn(parent.threadId, "and now?");
    expect(lastInput().slice(0, -1)).toEqual(before);
  });
});
