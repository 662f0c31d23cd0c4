import { loadModelContext } from "@threadstore/runtime";
import { describe, expect, it } from "vitest";
import type { AppServerClient, JsonObject } from "./support/app-server-client.js";
import type { CodexVersion } from "./support/codex-binary.js";
import { useScene } from "./support/scene.js";

const scene = useScene("model-context", ["0.169.0", "0.128.0"]);

/** A thread that the real Codex made and left, and how it is made. */
interface Made {
  readonly version: CodexVersion;
  readonly start?: JsonObject;
  make(client: AppServerClient, threadId: string): Promise<void>;
}

/** What the real Codex tells its model of a thread that it resumes, and what we say it is told. */
async function contexts({ version, start = {}, make }: Made) {
  const client = await scene.start(version);
  const { thread } = await client.request("thread/start", start);
  await make(client, thread.id);
  await client.close();
  const { items } = await loadModelContext(scene.openStore(), { threadId: thread.id });
  const ours = items.map(essence);
  const resuming = await scene.start(version);
  await resuming.request("thread/resume", { threadId: thread.id });
  await resuming.runTurn(thread.id, "and now?");
  const sent = (scene.provider.requests.at(-1)?.input ?? []).map((item) => essence(item as JsonObject));
  // 0.169.0 sends the base instructions there, 0.128.0 beside.
  const theirs = isInstructions(sent[0]) ? sent.slice(1) : sent;
  return { ours, theirs: theirs.slice(0, ours.length), rest: theirs.slice(ours.length) };
}

function isInstructions(item: JsonObject | undefined): boolean {
  return item?.role === "developer" && item.content[0].text === "You are a demo agent.";
}

/** What an item says; ids and what Codex notes beside are of one request alone. */
function essence({ type, role, content, call_id, name, arguments: args, output }: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify({ type, role, content: content ?? undefined, call_id, name, args, output }));
}

function shellCall(...command: string[]) {
  return {
    type: "function_call",
    id: `fc_${command.join("_")}`,
    call_id: `call_${command.join("_")}`,
    name: "shell",
    arguments: JSON.stringify({ command }),
  };
}

const TURNS: Made["make"] = async (codex, threadId) => {
  await codex.runTurn(threadId, "one");
  scene.provider.answerNext([shellCall("echo", "two")]);
  await codex.runTurn(threadId, "use a tool");
};

const COMPACTION: Made["make"] = async (codex, threadId) => {
  await TURNS(codex, threadId);
  await codex.request("thread/compact/start", { threadId });
  await codex.waitFor("turn/completed");
  await codex.runTurn(threadId, "after it");
};

const INTERRUPTION: Made["make"] = async (codex, threadId) => {
  await codex.runTurn(threadId, "one");
  const held = scene.provider.hold();
  const turnId = await codex.startTurn(threadId, "never answered");
  await held;
  await codex.request("turn/interrupt", { threadId, turnId });
  scene.provider.release();
  await codex.waitFor("turn/completed", ({ turn }) => turn.id === turnId);
};

const ROLLBACK: Made["make"] = async (codex, threadId) => {
  for (const text of ["one", "two", "three"]) await codex.runTurn(threadId, text);
  await codex.request("thread/rollback", { threadId, numTurns: 2 });
  await codex.runTurn(threadId, "four");
};

describe("what a model is told of a thread is what the real Codex tells it", () => {
  const legacy = { historyMode: "legacy" };

  it.each<[string, Made]>([
    ["turns and a tool (0.169.0)", { version: "0.169.0", make: TURNS }],
    ["turns and a tool, legacy (0.169.0)", { version: "0.169.0", start: legacy, make: TURNS }],
    ["turns and a tool (0.128.0)", { version: "0.128.0", make: TURNS }],
    ["a compaction (0.169.0)", { version: "0.169.0", make: COMPACTION }],
    ["a compaction (0.128.0)", { version: "0.128.0", make: COMPACTION }],
    ["an interrupted turn (0.169.0)", { version: "0.169.0", make: INTERRUPTION }],
    ["a rollback (0.128.0)", { version: "0.128.0", make: ROLLBACK }],
  ])("after %s", async (_what, made) => {
    const { ours, theirs, rest } = await contexts(made);
    expect(ours).toEqual(theirs);
    expect(JSON.stringify(rest)).toContain("and now?");
  });
});
