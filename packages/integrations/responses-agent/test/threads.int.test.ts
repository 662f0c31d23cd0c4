import type { AgentThread } from "@threadstore/runtime";
import { afterEach, describe, expect, it } from "vitest";
import { type Gate, never, newGate } from "../../../../test/support/gate.js";
import type { ToolCall } from "../src/index.js";
import { type AgentScene, HISTORY_MODES, openAgentScene } from "./support/agent-scene.js";
import { calls, says, toldAgent, toldCall, toldOutput, toldUser, wordsOfInput } from "./support/model-items.js";
import { lastTurnOf, recordsOf } from "./support/stored-records.js";
import { ToldEvents } from "./support/told-events.js";

let scene: AgentScene;

afterEach(() => scene[Symbol.asyncDispose]());

function userTurn(words: string) {
  return { type: "userTurn", input: [{ type: "text", text: words }] } as const;
}

async function turnIdsOf({ store, threadId }: AgentThread): Promise<string[]> {
  const { data } = await store.listTurns({ threadId, itemsView: "notLoaded", sortDirection: "asc" });
  return data.map(({ turnId }) => turnId);
}

describe.each(HISTORY_MODES)("a fork of a %s thread whose answer is held", (historyMode) => {
  it("goes on by itself, told that the turn was interrupted, and its source too", async () => {
    scene = await openAgentScene();
    const { provider, manager, store } = scene;
    const source = await manager.startThread({ historyMode });
    await source.runTurn("one");
    const held = provider.hold();
    await source.submit(userTurn("two"));
    await held;
    const fork = await manager.forkThread({ from: source.threadId });
    provider.release();
    expect([(await source.untilIdle())?.status, (await fork.runTurn("three")).status]).toStrictEqual([
      "completed",
      "completed",
    ]);
    expect(wordsOfInput(provider.requests[2]?.input ?? [])).toStrictEqual([
      "user: one",
      "assistant: Answer to: one",
      "user: two",
      "user: <turn_aborted>",
      "user: three",
    ]);
    await source.runTurn("four");
    expect(wordsOfInput(provider.requests[3]?.input ?? [])).toStrictEqual([
      "user: one",
      "assistant: Answer to: one",
      "user: two",
      "assistant: Answer to: two",
      "user: four",
    ]);
    expect((await lastTurnOf(store, fork.threadId))[0]).toBe("user: three");
  });
});

describe.each(HISTORY_MODES)("a %s thread that is reverted", (historyMode) => {
  it("tells the model nothing of what was taken back", async () => {
    scene = await openAgentScene();
    const { provider, manager } = scene;
    const thread = await manager.startThread({ historyMode });
    for (const words of ["one", "two", "three"]) await thread.runTurn(words);
    const [, second] = await turnIdsOf(thread);
    await thread.submit({ type: "revert", beforeTurnId: second as string });
    await thread.runTurn("four");
    expect(provider.requests.at(-1)?.input).toStrictEqual([
      toldUser("one"),
      toldAgent("Answer to: one"),
      toldUser("four"),
    ]);
  });

  it("while the model answers is interrupted first", async () => {
    scene = await openAgentScene();
    const { provider, manager } = scene;
    const thread = await manager.startThread({ historyMode });
    await thread.runTurn("one");
    const held = provider.hold();
    const turnId = await thread.submit(userTurn("two"));
    await held;
    // What the harness says of an interruption is no turn of a user.
    await thread.submit({ type: "revert", beforeTurnId: turnId });
    provider.release();
    await thread.runTurn("three");
    expect(provider.requests.at(-1)?.input).toStrictEqual([
      toldUser("one"),
      toldAgent("Answer to: one"),
      toldUser("three"),
    ]);
  });
});

describe("a sub-agent that a tool spawns", () => {
  const SPAWN = {
    name: "spawn",
    description: "Lets another agent do something.",
    parameters: { type: "object", properties: { task: { type: "string" } } },
  };

  /** Spawns a child for the call, and tells what became of it. */
  async function spawn({ task }: { readonly task?: unknown }, call: ToolCall): Promise<unknown> {
    const { manager } = scene;
    const child = await manager.spawnChild({ parentThreadId: call.threadId, rootTurnId: call.rootTurnId });
    const input = [{ type: "text", text: String(task) }] as const;
    await child.submit({ type: "userTurn", input, rootTurnId: call.rootTurnId });
    const end = await child.untilIdle();
    return { threadId: child.threadId, said: end?.lastMessage ?? null };
  }

  it("answers to the tool, and its end is told to the parent's model", async () => {
    scene = await openAgentScene({ tools: [{ ...SPAWN, run: spawn }] });
    const { provider, manager, store } = scene;
    const parent = await manager.startThread();
    provider.answerNext([calls("spawn", { task: "Count the files" })]);
    const { turnId } = await parent.runTurn("Delegate");
    const [child] = manager.listLoaded().filter((id) => id !== parent.threadId);
    expect(provider.requests.map(({ input }) => wordsOfInput(input))).toStrictEqual([
      ["user: Delegate"],
      ["user: Count the files"],
      [
        "user: Delegate",
        "function_call spawn",
        `function_call_output ${JSON.stringify({ threadId: child, said: "Answer to: Count the files" })}`,
        "user: <subagent_notification>",
      ],
    ]);
    expect(provider.requests.map(({ prompt_cache_key }) => prompt_cache_key)).toStrictEqual([
      parent.threadId,
      child,
      parent.threadId,
    ]);
    const { data } = await store.listTurns({ threadId: child as string, itemsView: "notLoaded" });
    const { items } = await store.loadHistory({ threadId: child as string });
    const roots = items.flatMap(({ item }) => {
      const { root_turn_id } = item.payload as { readonly root_turn_id?: string };
      return root_turn_id === undefined ? [] : [root_turn_id];
    });
    expect([data.length, new Set(roots)]).toStrictEqual([1, new Set([turnId])]);
  });

  it("may spawn none: its model is told so", async () => {
    scene = await openAgentScene({ tools: [{ ...SPAWN, run: spawn }] });
    const { provider, manager } = scene;
    const parent = await manager.startThread();
    provider.answerNext([calls("spawn", { task: "Delegate on" })]);
    provider.answerNext([calls("spawn", { task: "Too deep" })]);
    expect((await parent.runTurn("Delegate")).status).toBe("completed");
    expect(manager.listLoaded()).toHaveLength(2);
    expect(provider.requests[2]?.input.at(-1)).toStrictEqual(
      toldOutput("error: an agent 1 spawns deep may spawn none: the limit is 1"),
    );
  });

  it("runs at the same time as its siblings", async () => {
    scene = await openAgentScene({ tools: [{ ...SPAWN, run: spawn }] });
    const { provider, manager } = scene;
    const parent = await manager.startThread();
    const tasks = ["a", "b", "c"].map((task) => calls("spawn", { task }, `call_${task}`));
    provider.answerNext(tasks);
    expect((await parent.runTurn("Delegate")).status).toBe("completed");
    const outputs = wordsOfInput(provider.requests.at(-1)?.input ?? []).filter((word) => word.includes("output"));
    expect(outputs.map((word) => word.match(/Answer to: ./)?.[0])).toStrictEqual([
      "Answer to: a",
      "Answer to: b",
      "Answer to: c",
    ]);
  });
});

describe.each(HISTORY_MODES)("shutting all %s threads down", (historyMode) => {
  async function openThreads(
    run: () => Promise<unknown>,
  ): Promise<Record<"streaming" | "working" | "idle", AgentThread>> {
    const work = { name: "work", description: "Works.", parameters: { type: "object" }, run };
    scene = await openAgentScene({ tools: [work], limits: { agentStopMaxMs: 60_000 } });
    const { manager, provider } = scene;
    const [streaming, working, idle] = [
      await manager.startThread({ historyMode }),
      await manager.startThread({ historyMode }),
      await manager.startThread({ historyMode }),
    ];
    await idle.runTurn("Hi");
    const events = new ToldEvents(streaming);
    provider.answerNext({ output: [says("Half an answer.")], hasDeltas: true, stallsAfterEvents: 3 });
    await streaming.submit(userTurn("Stream"));
    await events.until("messageDelta");
    return { streaming, working, idle };
  }

  async function work(thread: AgentThread, begun: Gate): Promise<void> {
    scene.provider.answerNext([calls("work")]);
    await thread.submit(userTurn("Work"));
    await begun.opened;
  }

  it("in the middle of their turns interrupts them, and waits for no tool", async () => {
    const begun = newGate();
    const { streaming, working, idle } = await openThreads(() => {
      begun.open();
      return never();
    });
    await work(working, begun);
    const { manager, store } = scene;
    const threads = [streaming, working, idle].map(({ threadId }) => threadId).sort();
    const report = await manager.shutdownAll();
    expect(report).toStrictEqual({ completed: threads, failed: [], timedOut: [], stillWorking: [] });
    const [user] = historyMode === "paginated" ? ["seen UserMessage"] : ["user_message"];
    const aborted = ["user: <turn_aborted>", "turn_aborted"];
    expect(await lastTurnOf(store, streaming.threadId)).toStrictEqual(["user: Stream", user, ...aborted]);
    expect(await lastTurnOf(store, working.threadId)).toStrictEqual([
      "user: Work",
      user,
      "function_call work",
      "token_usage_record",
      "token_count",
      ...aborted,
    ]);
    expect((await recordsOf(store, idle.threadId)).at(-1)).toBe("task_complete");
  });
});

describe("a thread whose process died in the middle of a call", () => {
  it("goes on, told that the call came to nothing", async () => {
    const begun = newGate();
    const run = () => {
      begun.open();
      return never();
    };
    const work = { name: "work", description: "Works.", parameters: { type: "object" }, run };
    scene = await openAgentScene({ tools: [work] });
    const { provider, manager, store } = scene;
    const { threadId } = await manager.startThread();
    provider.answerNext([calls("work")]);
    await manager.submit(threadId, userTurn("Go"));
    await begun.opened;
    await store.flushThread(threadId);
    // The manager is left as it is: nothing of what it does from now on is recorded.
    const died = scene;
    scene = await openAgentScene({ store });
    const thread = await scene.manager.resumeThread({ threadId, takeOver: true });
    await thread.runTurn("Where were we?");
    expect(scene.provider.requests[0]?.input).toStrictEqual([
      toldUser("Go"),
      toldCall("work"),
      toldOutput("aborted"),
      toldUser("Where were we?"),
    ]);
    expect((await recordsOf(store, threadId)).slice(5, 9)).toStrictEqual([
      "function_call work",
      "token_usage_record",
      "turn_aborted",
      "task_started",
    ]);
    await died.provider.close();
  });
});
