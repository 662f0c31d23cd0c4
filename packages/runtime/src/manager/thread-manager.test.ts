import { MemoryThreadStore } from "@threadstore/core";
import { describe, expect, it } from "vitest";
import { never, newGate } from "../../../../test/support/gate.js";
import { GatedThreadStore } from "../../../core/test/support/gated-thread-store.js";
import { ManualClock } from "../../../core/test/support/manual-clock.js";
import { InterceptedStore } from "../../test/support/intercepted-store.js";
import {
  managerOver,
  openScene,
  type SceneOptions,
  SETTINGS,
  USAGE,
  userTurn,
} from "../../test/support/runtime-scene.js";
import { silent } from "../../test/support/silent-work.js";
import { recordsOf, toldOf, turnsOf } from "../../test/support/stored-records.js";
import { allOf, wordsOf } from "../../test/support/told-events.js";
import { echoAgent, scriptedAgent } from "../agent/scripted-agent.js";

const UNKNOWN = "01900000-0000-7000-8000-00000000dead";

/** A stored thread after a turn, which nobody has. */
async function storedThread(options: SceneOptions = { agent: echoAgent() }) {
  const scene = openScene(options);
  const thread = await scene.manager.startThread({ instructions: "be kind" });
  await thread.runTurn("one");
  await thread.submit({ type: "shutdown" });
  scene.held.calls.length = 0;
  return { ...scene, threadId: thread.threadId };
}

describe("startThread", () => {
  it("makes a thread that leaves no trace, and is told", async () => {
    const { manager, store } = openScene({ agent: echoAgent() });
    const told = allOf(manager.events());
    const thread = await manager.startThread({ instructions: "be kind", source: "cli" });
    const { threadId } = thread;
    expect(thread.snapshot()).toStrictEqual({
      threadId,
      sessionId: threadId,
      historyMode: "paginated",
      isEphemeral: false,
      modelProvider: "fake",
      depth: 0,
      instructions: "be kind",
      status: { type: "idle" },
      settings: SETTINGS,
      usage: { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, reasoningOutputTokens: 0, totalTokens: 0 },
    });
    expect([manager.listLoaded(), manager.getThread(threadId)]).toStrictEqual([[threadId], thread]);
    expect((await store.listThreads({ sources: "all" })).data).toStrictEqual([]);
    await manager.shutdownAll();
    expect(await told).toStrictEqual([
      { type: "created", threadId },
      { type: "closed", threadId },
    ]);
  });

  it("records what the thread is born with", async () => {
    const { manager, store } = openScene({ agent: echoAgent(), source: "vscode" });
    const gitInfo = { branch: "main", commitHash: "abc" };
    const settings = { cwd: "/elsewhere", model: "other", reasoningEffort: "high" };
    const thread = await manager.startThread({ settings, gitInfo, threadSource: "tests" });
    await thread.runTurn("one");
    expect(await store.readThread({ threadId: thread.threadId })).toMatchObject({
      ...settings,
      gitInfo,
      source: "vscode",
      threadSource: "tests",
      originator: "test",
      modelProvider: "fake",
    });
  });

  it("of an id that is loaded or stored is a conflict", async () => {
    const { manager, threadId } = await storedThread();
    await expect(manager.startThread({ threadId })).rejects.toMatchObject({ code: "conflict" });
    await manager.resumeThread({ threadId });
    await expect(manager.startThread({ threadId })).rejects.toMatchObject({ code: "conflict" });
  });

  it("with an agent that cannot be made leaves no writer behind", async () => {
    let isBroken = true;
    const agent = () => {
      if (isBroken) throw new Error("no agent");
      return echoAgent();
    };
    const { manager } = openScene({ agent });
    await expect(manager.startThread({ threadId: UNKNOWN })).rejects.toThrow("no agent");
    isBroken = false;
    const thread = await manager.startThread({ threadId: UNKNOWN });
    expect((await thread.runTurn("one")).status).toBe("completed");
  });
});

describe("resumeThread", () => {
  it("goes on with what is stored: tokens, instructions, and what was said", async () => {
    const agent = scriptedAgent([
      [{ type: "tokens", usage: USAGE }],
      silent(async ({ history, instructions, usage }) => {
        seen.push(instructions, usage, (await history()).length);
      }),
    ]);
    const seen: unknown[] = [];
    const { manager, threadId } = await storedThread({ agent });
    const told = allOf(manager.events());
    const thread = await manager.resumeThread({ threadId });
    await thread.runTurn("two");
    expect(seen).toStrictEqual(["be kind", USAGE, 2]);
    await manager.shutdownAll();
    expect(wordsOf(await told)).toStrictEqual(["resumed", "closed"]);
  });

  it("of a loaded thread joins it, with its settings as they are", async () => {
    const { manager, threadId } = await storedThread();
    const told = allOf(manager.events());
    const thread = await manager.resumeThread({ threadId });
    expect(await manager.resumeThread({ threadId, settings: { model: "other" } })).toBe(thread);
    expect(thread.snapshot().settings.model).toBe("fake-model");
    await manager.shutdownAll();
    expect(wordsOf(await told)).toStrictEqual(["resumed", "closed"]);
  });

  it("opens again a thread that was joined and closed", async () => {
    const { manager, threadId } = await storedThread();
    const thread = await manager.resumeThread({ threadId });
    await manager.resumeThread({ threadId });
    await thread.submit({ type: "shutdown" });
    const again = await manager.resumeThread({ threadId });
    expect([again === thread, (await again.runTurn("two")).status]).toStrictEqual([false, "completed"]);
  });

  it("by many at once opens one", async () => {
    const { held, manager, threadId } = await storedThread();
    const [first, ...others] = await Promise.all([1, 2, 3].map(() => manager.resumeThread({ threadId })));
    expect(others).toStrictEqual([first, first]);
    expect(held.calls.filter((call) => call === "resumeThread")).toHaveLength(1);
  });

  it("takes an id in any spelling for the same thread", async () => {
    const { manager, threadId } = await storedThread();
    const thread = await manager.resumeThread({ threadId: threadId.toUpperCase() });
    expect(await manager.resumeThread({ threadId })).toBe(thread);
    expect(manager.getThread(threadId.toUpperCase())).toBe(thread);
    await thread.submit({ type: "shutdown" });
    expect(manager.listLoaded()).toStrictEqual([]);
  });

  it("of an unknown thread, and of an archived one that was not asked for, is refused", async () => {
    const { manager, store, threadId } = await storedThread();
    await expect(manager.resumeThread({ threadId: UNKNOWN })).rejects.toMatchObject({ code: "thread_not_found" });
    await store.archiveThread({ threadId });
    await expect(manager.resumeThread({ threadId })).rejects.toMatchObject({ code: "invalid_request" });
    const thread = await manager.resumeThread({ threadId, includeArchived: true });
    expect((await thread.runTurn("two")).status).toBe("completed");
    expect(await toldOf(store, threadId)).toHaveLength(4);
  });

  it("that fails leaves no writer behind", async () => {
    const { held, manager, threadId } = await storedThread();
    held.fail("readThread");
    await expect(manager.resumeThread({ threadId })).rejects.toMatchObject({ code: "unavailable" });
    held.mend("readThread");
    expect((await manager.resumeThread({ threadId })).threadId).toBe(threadId);
  });

  it("by its rollout finds a thread, also when it is loaded", async () => {
    const { manager, store, threadId } = await storedThread();
    const rolloutPath = "/home/rollout.jsonl";
    await store.updateThreadMetadata({ threadId, patch: { rolloutPath } });
    const thread = await manager.resumeThread({ rolloutPath });
    expect(await manager.resumeThread({ rolloutPath })).toBe(thread);
    expect(await manager.resumeThread({ threadId, rolloutPath })).toBe(thread);
    const other = manager.resumeThread({ threadId, rolloutPath: "/other.jsonl" });
    await expect(other).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("by a rollout that is not there, or over a store without paths, is refused", async () => {
    const { store } = await storedThread();
    const manager = managerOver(store, { agent: echoAgent() });
    await expect(manager.resumeThread({ rolloutPath: "/a" })).rejects.toMatchObject({ code: "invalid_request" });
    const poor = new InterceptedStore(store);
    poor.fail("readThreadByRolloutPath", "unsupported");
    const other = managerOver(poor.store, { agent: echoAgent() });
    await expect(other.resumeThread({ rolloutPath: "/a" })).rejects.toMatchObject({ code: "unsupported" });
  });

  it("with what was said elsewhere makes a thread that begins with it", async () => {
    const { manager, store } = openScene({ agent: echoAgent() });
    const said = { type: "message", role: "user", content: [{ type: "input_text", text: "elsewhere" }] };
    const thread = await manager.resumeThread({ responseItems: [said], settings: { model: "other" } });
    await thread.runTurn("one");
    expect(await toldOf(store, thread.threadId)).toStrictEqual(["user: elsewhere", "user: one", "assistant: one"]);
    expect(thread.snapshot().settings.model).toBe("other");
    const empty = await manager.resumeThread({ responseItems: [] });
    await empty.submit({ type: "settings", settings: { model: "third" } });
    expect((await empty.runTurn("one")).status).toBe("completed");
  });

  it("with takeOver knows what the writer before recorded until then", async () => {
    const id = "known-until-taken-over";
    const tokens = [{ type: "tokens", usage: USAGE }] as const;
    const old = await managerOver(MemoryThreadStore.forId(id), {
      agent: scriptedAgent([tokens, tokens]),
    }).startThread();
    await old.runTurn("one");
    const { held, manager } = openScene({ agent: echoAgent(), store: MemoryThreadStore.forId(id) });
    held.intercept("resumeThread", async (proceed) => {
      await old.submit({ type: "settings", settings: { model: "other" } });
      await old.runTurn("two");
      return proceed();
    });
    const { settings, usage } = (await manager.resumeThread({ threadId: old.threadId, takeOver: true })).snapshot();
    expect([settings.model, usage.totalTokens]).toStrictEqual(["other", 220]);
    MemoryThreadStore.removeId(id);
  });

  it("with takeOver takes a running thread, and fences the writer before", async () => {
    const id = "taken-over-in-mid-turn";
    const [begun, finish] = [newGate(), newGate()];
    const work = async function* () {
      yield { type: "message", id: "msg_1", text: "one" } as const;
      yield { type: "functionCall", callId: "call_1", name: "f", args: "{}" } as const;
      begun.open();
      await finish.opened;
      yield { type: "message", id: "msg_2", text: "two" } as const;
    };
    const old = managerOver(MemoryThreadStore.forId(id), { agent: scriptedAgent([work]) });
    const thread = await old.startThread();
    const { threadId } = thread;
    const ended = thread.runTurn("go");
    await begun.opened;
    const store = MemoryThreadStore.forId(id);
    const manager = managerOver(store, { agent: echoAgent() });
    await expect(manager.resumeThread({ threadId })).rejects.toMatchObject({ code: "conflict" });
    const taken = await manager.resumeThread({ threadId, takeOver: true });
    expect(await turnsOf(store, threadId)).toStrictEqual(["inProgress | UserMessage go | AgentMessage one"]);
    finish.open();
    expect((await ended).status).toBe("failed");
    expect(thread.status.type).toBe("systemError");
    await taken.runTurn("next");
    expect((await recordsOf(store, threadId)).slice(5, 10)).toStrictEqual([
      "seen AgentMessage",
      "assistant: one",
      "function_call",
      "turn_aborted",
      "task_started",
    ]);
    expect(await turnsOf(store, threadId)).toStrictEqual([
      "interrupted | UserMessage go | AgentMessage one",
      "completed | UserMessage next | AgentMessage next",
    ]);
    expect(await toldOf(store, threadId)).toStrictEqual([
      "user: go",
      "assistant: one",
      "function_call",
      "function_call_output aborted",
      "user: next",
      "assistant: next",
    ]);
    expect(await old.shutdownAll()).toMatchObject({ failed: [], timedOut: [] });
    expect((await taken.runTurn("still here")).status).toBe("completed");
    MemoryThreadStore.removeId(id);
  });
});

describe("a process that dies in mid-turn", () => {
  it("leaves a turn that is interrupted by the first thing that comes after", async () => {
    const begun = newGate();
    const work = silent(async () => {
      begun.open();
      await never();
    });
    const { manager: dead, store } = openScene({ agent: scriptedAgent([work]) });
    const { threadId } = await dead.startThread({ threadId: UNKNOWN });
    await dead.submit(threadId, userTurn("go"));
    await begun.opened;
    await store.discardThread(threadId);
    const manager = managerOver(store, { agent: echoAgent() });
    const thread = await manager.resumeThread({ threadId });
    expect(await turnsOf(store, threadId)).toStrictEqual(["inProgress | UserMessage go"]);
    await thread.submit({ type: "injectItems", items: [{ type: "message", role: "user", content: [] }] });
    expect((await recordsOf(store, threadId)).slice(5)).toStrictEqual(["turn_aborted", "user: "]);
    expect(await turnsOf(store, threadId)).toStrictEqual(["interrupted | UserMessage go"]);
  });
});

describe("over a store that does not follow items by itself", () => {
  it("threads are run, resumed and forked, and their metadata tell what was said", async () => {
    const { store } = new GatedThreadStore(new ManualClock());
    const agent = () => scriptedAgent([[{ type: "tokens", usage: USAGE }], []]);
    const first = managerOver(store, { agent });
    const { threadId } = await first.startThread();
    await first.getThread(threadId).runTurn("one");
    await first.shutdownAll();
    expect(await store.readThread({ threadId })).toMatchObject({ preview: "one", model: "fake-model" });
    const manager = managerOver(store, { agent });
    const thread = await manager.resumeThread({ threadId });
    const forks = [
      await manager.forkThread({ from: threadId }),
      await manager.forkThread({ from: threadId, byCopy: true }),
    ];
    const counted = [thread, ...forks].map((one) => one.snapshot().usage.totalTokens);
    expect(counted).toStrictEqual([110, 110, 110]);
    expect(await manager.shutdownAll()).toMatchObject({ failed: [], timedOut: [] });
  });
});

describe("updateMetadata", () => {
  it("of a loaded thread keeps its place among what is recorded", async () => {
    const { held, manager, store } = openScene({ agent: echoAgent() });
    const thread = await manager.startThread();
    const { threadId } = thread;
    held.calls.length = 0;
    const started = thread.submit(userTurn("one"));
    const updated = manager.updateMetadata({ threadId, patch: { name: "a name" } });
    await Promise.all([started, updated, thread.untilIdle()]);
    expect(held.calls.indexOf("appendItems")).toBeLessThan(held.calls.indexOf("updateThreadMetadata"));
    expect([(await updated).name, (await store.readThread({ threadId })).preview]).toStrictEqual(["a name", "one"]);
  });

  it("of a thread that is not loaded asks the store", async () => {
    const { manager, store, threadId } = await storedThread();
    await manager.updateMetadata({ threadId, patch: { name: "a name" } });
    expect(await store.readThread({ threadId })).toMatchObject({ name: "a name" });
    expect(manager.listLoaded()).toStrictEqual([]);
  });

  it("that expects another revision is a conflict, loaded or not", async () => {
    const { manager, threadId } = await storedThread();
    const params = { threadId, patch: { name: "a name" }, expectedRevision: 7 };
    await expect(manager.updateMetadata(params)).rejects.toMatchObject({ code: "conflict" });
    await manager.resumeThread({ threadId });
    await expect(manager.updateMetadata(params)).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("removeThread", () => {
  it("forgets a thread that goes on", async () => {
    const { manager } = openScene({ agent: echoAgent() });
    const told = allOf(manager.events());
    const thread = await manager.startThread();
    const { threadId } = thread;
    expect(manager.removeThread(threadId)).toBe(thread);
    expect([manager.removeThread(threadId), manager.listLoaded()]).toStrictEqual([null, []]);
    expect(() => manager.getThread(threadId)).toThrow(expect.objectContaining({ code: "thread_not_found" }));
    expect((await thread.runTurn("one")).status).toBe("completed");
    await thread.submit({ type: "shutdown" });
    await manager.shutdownAll();
    expect(wordsOf(await told)).toStrictEqual(["created", "closed"]);
  });
});
