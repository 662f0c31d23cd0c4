import { type HistoryMode, LiveThread, newThreadId } from "@threadstore/core";
import { loadModelContext, TurnRecorder } from "@threadstore/runtime";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "./support/app-server-client.js";
import { useScene } from "./support/scene.js";

const USAGE = { inputTokens: 100, cachedInputTokens: 20, outputTokens: 10, reasoningOutputTokens: 5, totalTokens: 110 };

const scene = useScene("recorded-turns");

/** Three turns of an agent of ours: one with a thought and a tool, one that fails, one that is interrupted. */
async function recordTurns(historyMode: HistoryMode) {
  const store = scene.openStore();
  const threadId = newThreadId();
  const metadata = {
    cwd: scene.home.workspace,
    originator: "an_agent",
    cliVersion: "1.0.0",
    source: "vscode",
    modelProvider: "fake",
  } as const;
  const recorder = await LiveThread.create(store, { threadId, metadata, historyMode });
  const settings = { cwd: scene.home.workspace, model: "fake-model", contextWindow: 190_000 };
  const turn = () => new TurnRecorder({ recorder, historyMode, settings });
  const first = turn();
  await first.start([{ type: "text", text: "use a tool" }]);
  await first.reasoning({ id: "rs_1", summary: ["**Thinking** of a tool"] });
  await first.functionCall({ callId: "call_1", name: "weather", args: "{}" });
  await first.functionOutput({ callId: "call_1", output: "sunny" });
  await first.tokens(USAGE);
  await first.agentMessage({ id: "msg_1", text: "It is sunny.", phase: "final_answer" });
  await first.complete();
  const second = turn();
  await second.start([{ type: "text", text: "fail" }]);
  await second.fail({ message: "the provider is away" });
  const third = turn();
  await third.start([{ type: "text", text: "take long" }]);
  await third.functionCall({ callId: "call_2", name: "weather", args: "{}" });
  await third.interrupt();
  await recorder.shutdown();
  const { items } = await loadModelContext(store, { threadId });
  return { threadId, told: items.map(essence) };
}

function essence({ type, role, content, call_id, output }: JsonObject): JsonObject {
  const texts = (content ?? []).map(({ text }: JsonObject) => text);
  return JSON.parse(JSON.stringify({ type, role, texts, call_id, output }));
}

describe("turns that a TurnRecorder recorded", () => {
  it.each(["paginated", "legacy"] as const)(
    "of a %s thread are listed, read, told to the model and continued by the real Codex",
    async (historyMode) => {
      const { threadId, told } = await recordTurns(historyMode);
      const client = await scene.start();
      const { data } = await client.request("thread/list", {});
      expect(data.map(({ id, preview }: JsonObject) => [id, preview])).toEqual([[threadId, "use a tool"]]);
      await client.request("thread/resume", { threadId });
      const { thread } = await client.request("thread/read", { threadId, includeTurns: true });
      const turns = thread.turns.map(({ status, items }: JsonObject) => [
        status,
        items
          .filter(({ type }: JsonObject) => type !== "userMessage")
          .map(({ type, text }: JsonObject) => text ?? type),
      ]);
      expect(turns).toEqual([
        ["completed", ["reasoning", "It is sunny."]],
        ["failed", []],
        ["interrupted", []],
      ]);
      expect((await client.runTurn(threadId, "and now?")).status).toBe("completed");
      const sent = ((scene.provider.requests.at(-1)?.input ?? []) as JsonObject[]).map(essence);
      // Before it Codex sends its instructions, after it what it tells of the folder and of skills.
      expect(sent.slice(1, told.length + 1)).toEqual(told);
      expect(sent.at(-1)?.texts).toEqual(["and now?"]);
    },
  );
});
