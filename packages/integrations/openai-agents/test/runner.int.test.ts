import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Agent, MemorySession, Runner, tool } from "@openai/agents-core";
import { openMemoryThreadStore, type ThreadStore } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";
import { loadModelContext } from "@threadstore/runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ThreadStoreSession } from "../src/index.js";
import { calls, ScriptedModel, says, thinks } from "./support/scripted-model.js";

const runner = new Runner({ tracingDisabled: true });

const weather = tool({
  name: "weather",
  description: "The weather of a city.",
  strict: false,
  parameters: { type: "object", properties: { city: { type: "string" } }, required: [], additionalProperties: true },
  execute: async () => "sunny",
});

function agentOf(model: ScriptedModel, needsApproval = false): Agent {
  const tools = needsApproval ? [{ ...weather, needsApproval: async () => true }] : [weather];
  return new Agent({ name: "Forecaster", instructions: "Be brief.", model, tools });
}

/** A store whose threads outlive it, or the nearest to that which the medium has. */
interface Medium {
  open(): ThreadStore;
  /** Ends a store as the end of its process does; the next one is opened over what it left. */
  end(store: ThreadStore): Promise<void>;
}

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "openai-agents-"));
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

const MEDIA: Readonly<Record<string, () => Medium>> = {
  memory: () => {
    const store = openMemoryThreadStore();
    return { open: () => store, end: async () => {} };
  },
  local: () => ({
    open: () => openLocalThreadStore({ home }),
    end: async (store) => store[Symbol.asyncDispose](),
  }),
};

describe.each(Object.keys(MEDIA))("an agent with a session in a %s store", (name) => {
  let medium: Medium;
  let store: ThreadStore;

  beforeEach(() => {
    medium = (MEDIA[name] as () => Medium)();
    store = medium.open();
  });

  afterEach(() => store[Symbol.asyncDispose]());

  async function reopen(session: ThreadStoreSession): Promise<ThreadStoreSession> {
    await session.close();
    await medium.end(store);
    store = medium.open();
    return new ThreadStoreSession({ store, threadId: session.threadId, metadata: { cwd: home } });
  }

  it("is told all that was said before, as with the SDK's own session", async () => {
    const script = () =>
      new ScriptedModel([
        [thinks("of the city"), calls("weather", { city: "Oslo" }, "call_1")],
        [says("It is sunny.")],
        [says("You asked for Oslo.")],
        [says("Goodbye.")],
      ]);
    const [model, other] = [script(), script()];
    const own = new MemorySession();
    let session = new ThreadStoreSession({ store, metadata: { cwd: home } });
    for (const text of ["What is the weather in Oslo?", "Which city?", "Thanks"]) {
      await runner.run(agentOf(other), text, { session: own });
      await runner.run(agentOf(model), text, { session });
      session = await reopen(session);
    }
    expect(model.requests.map(({ input }) => input)).toEqual(other.requests.map(({ input }) => input));
    expect(await session.getItems()).toEqual(await own.getItems());
    expect(model.lastInput).toHaveLength(8);
  });

  it("is shown to people as turns, and told to a model as Codex would tell it", async () => {
    const model = new ScriptedModel([
      [calls("weather", { city: "Oslo" }, "call_1")],
      [says("It is sunny.")],
      [says("Goodbye.")],
    ]);
    const session = new ThreadStoreSession({ store, metadata: { cwd: home } });
    await runner.run(agentOf(model), "What is the weather?", { session });
    await runner.run(agentOf(model), "Thanks", { session });
    await session.close();
    const { threadId } = session;
    const { data } = await store.listTurns({ threadId, itemsView: "full", sortDirection: "asc" });
    expect(data.map(({ status, items }) => [status, ...items.map(({ item }) => item.type)])).toStrictEqual([
      ["completed", "UserMessage", "DynamicToolCall", "AgentMessage"],
      ["completed", "UserMessage", "AgentMessage"],
    ]);
    expect((await store.listThreads({})).data.map(({ preview }) => preview)).toStrictEqual(["What is the weather?"]);
    const context = await loadModelContext(store, { threadId });
    expect(context.items.map(({ type, role, output }) => [type, role ?? output])).toStrictEqual([
      ["message", "user"],
      ["function_call", undefined],
      ["function_call_output", "sunny"],
      ["message", "assistant"],
      ["message", "user"],
      ["message", "assistant"],
    ]);
  });

  it("streams into it", async () => {
    const session = new ThreadStoreSession({ store, metadata: { cwd: home } });
    const model = new ScriptedModel([[calls("weather", {}, "call_1")], [says("It is sunny.")]]);
    const result = await runner.run(agentOf(model), "What is the weather?", { session, stream: true });
    for await (const _event of result);
    await result.completed;
    expect(result.finalOutput).toBe("It is sunny.");
    expect((await session.getItems()).map(({ type }) => type)).toStrictEqual([
      "message",
      "function_call",
      "function_call_result",
      "message",
    ]);
    await session.close();
  });

  it("corrects the last question by popping the answer and the question", async () => {
    const model = new ScriptedModel([[says("Four.")], [says("Six.")]]);
    let session = new ThreadStoreSession({ store, metadata: { cwd: home } });
    await runner.run(agentOf(model), "2 + 2?", { session });
    session = await reopen(session);
    expect(await session.popItem()).toMatchObject({ role: "assistant" });
    expect(await session.popItem()).toMatchObject({ role: "user", content: "2 + 2?" });
    await runner.run(agentOf(model), "3 + 3?", { session });
    expect(model.lastInput).toEqual([{ type: "message", role: "user", content: "3 + 3?" }]);
    session = await reopen(session);
    expect(await session.getItems()).toHaveLength(2);
    await session.clearSession();
    session = await reopen(session);
    expect(await session.getItems()).toStrictEqual([]);
  });

  it("goes on after an approval that another process gives", async () => {
    const model = new ScriptedModel([[calls("weather", {}, "call_1")], [says("It is sunny.")]]);
    let session = new ThreadStoreSession({ store, metadata: { cwd: home } });
    const agent = agentOf(model, true);
    const waiting = await runner.run(agent, "What is the weather?", { session });
    expect(waiting.interruptions).toHaveLength(1);
    session = await reopen(session);
    for (const interruption of waiting.interruptions) waiting.state.approve(interruption);
    const result = await runner.run(agent, waiting.state, { session });
    expect(result.finalOutput).toBe("It is sunny.");
    const items = await session.getItems();
    expect(items.map(({ type }) => type)).toStrictEqual([
      "message",
      "function_call",
      "function_call_result",
      "message",
    ]);
    const [turn] = (await store.listTurns({ threadId: session.threadId })).data;
    expect(turn?.status).toBe("completed");
    await session.close();
  });

  it("goes on from a compaction that the provider makes, and people still see what was said", async () => {
    const compaction = { type: "compaction", id: "cmp_1", encrypted_content: "secret" } as const;
    const model = new ScriptedModel([[says("Four.")], [compaction, says("Six.")], [says("Goodbye.")]]);
    const session = new ThreadStoreSession({ store, metadata: { cwd: home } });
    for (const text of ["2 + 2?", "3 + 3?", "Thanks"]) await runner.run(agentOf(model), text, { session });
    expect(model.lastInput).toEqual([compaction, says("Six."), { type: "message", role: "user", content: "Thanks" }]);
    const { data } = await store.listTurns({ threadId: session.threadId, itemsView: "full", sortDirection: "asc" });
    expect(data.map(({ status, items }) => [status, ...items.map(({ item }) => item.type)])).toStrictEqual([
      ["completed", "UserMessage", "AgentMessage"],
      ["completed", "AgentMessage"],
      ["completed", "UserMessage", "AgentMessage"],
    ]);
    await session.close();
  });

  it("keeps the question of a run that failed", async () => {
    const model = new ScriptedModel([new Error("the provider is away"), [says("It is sunny.")]]);
    const session = new ThreadStoreSession({ store, metadata: { cwd: home } });
    const run = () => runner.run(agentOf(model), "What is the weather?", { session });
    await expect(run()).rejects.toThrow("the provider is away");
    await run();
    const { data } = await store.listTurns({ threadId: session.threadId });
    expect(data.map(({ status }) => status)).toContain("completed");
    expect((await session.getItems()).at(-1)).toMatchObject({ role: "assistant" });
    await session.close();
  });
});
