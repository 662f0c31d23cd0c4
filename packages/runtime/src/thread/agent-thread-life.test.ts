import { describe, expect, it } from "vitest";
import { never, newGate } from "../../../../test/support/gate.js";
import { openScene, SETTINGS, userTurn } from "../../test/support/runtime-scene.js";
import { silent } from "../../test/support/silent-work.js";
import { recordsOf } from "../../test/support/stored-records.js";
import { allOf, wordsOf } from "../../test/support/told-events.js";
import type { AgentTurn } from "../agent/agent.js";
import { echoAgent, scriptedAgent } from "../agent/scripted-agent.js";
import type { AgentThread } from "./agent-thread.js";
import type { ThreadOp } from "./thread-op.js";

const OPS: readonly ThreadOp[] = [
  userTurn("one"),
  { type: "compact" },
  { type: "steer", input: [{ type: "text", text: "left" }] },
  { type: "interrupt" },
  { type: "revert", beforeTurnId: "turn-1" },
  { type: "injectItems", items: [{ type: "message", role: "user", content: [] }] },
  { type: "settings", settings: { model: "other" } },
  { type: "name", name: "a name" },
];

/** The code with which each operation is refused, `done` where it is not. */
function answersOf(thread: AgentThread): Promise<string[]> {
  return Promise.all(OPS.map((op) => codeOf(thread.submit(op))));
}

function codeOf(answer: Promise<unknown>): Promise<string> {
  return answer.then(
    () => "done",
    (error: { readonly code?: string }) => error.code ?? String(error),
  );
}

describe("a shutdown", () => {
  it("of an idle thread closes it; of a closed one does nothing", async () => {
    const { held, manager } = openScene({ agent: echoAgent() });
    const thread = await manager.startThread();
    await thread.runTurn("one");
    await Promise.all([thread.submit({ type: "shutdown" }), thread.submit({ type: "shutdown" })]);
    await thread.submit({ type: "shutdown" });
    expect([thread.status, held.calls.filter((call) => call === "shutdownThread")]).toStrictEqual([
      { type: "notLoaded" },
      ["shutdownThread"],
    ]);
  });

  it("of a thread that nothing was recorded of leaves no trace", async () => {
    const { manager, store } = openScene({ agent: echoAgent() });
    const thread = await manager.startThread();
    await thread.submit({ type: "shutdown" });
    expect((await store.listThreads({ sources: "all" })).data).toStrictEqual([]);
  });

  it("in mid-turn interrupts it, and waits for an agent that heeds its signal", async () => {
    const begun = newGate();
    let isCleanedUp = false;
    const work = async function* ({ signal }: AgentTurn) {
      begun.open();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      isCleanedUp = true;
    };
    const { manager, store } = openScene({ agent: scriptedAgent([work]), limits: { agentStopMaxMs: 600_000 } });
    const thread = await manager.startThread();
    const ended = thread.runTurn("one");
    await begun.opened;
    await thread.submit({ type: "shutdown" });
    expect([isCleanedUp, thread.isAgentStopping, (await ended).status]).toStrictEqual([true, false, "interrupted"]);
    expect((await recordsOf(store, thread.threadId)).at(-1)).toBe("turn_aborted");
  });

  it("does not wait for ever for an agent that does not", async () => {
    const begun = newGate();
    const work = silent(async () => {
      begun.open();
      await never();
    });
    const { manager } = openScene({ agent: scriptedAgent([work]), limits: { agentStopMaxMs: 1 } });
    const thread = await manager.startThread();
    await thread.submit(userTurn("one"));
    await begun.opened;
    await thread.submit({ type: "shutdown" });
    expect([thread.status, thread.isAgentStopping]).toStrictEqual([{ type: "notLoaded" }, true]);
  });

  it("that fails leaves the thread open, and can be tried again", async () => {
    const { held, manager } = openScene({ agent: echoAgent() });
    const thread = await manager.startThread();
    held.fail("shutdownThread");
    await expect(thread.submit({ type: "shutdown" })).rejects.toMatchObject({ code: "unavailable" });
    expect([thread.isClosing, manager.listLoaded()]).toStrictEqual([false, [thread.threadId]]);
    expect(await thread.runTurn("one")).toMatchObject({ status: "completed" });
    held.mend("shutdownThread");
    await thread.submit({ type: "shutdown" });
    expect([thread.status.type, manager.listLoaded()]).toStrictEqual(["notLoaded", []]);
  });

  it("of a thread whose writer is gone closes it", async () => {
    const { manager, store } = openScene({ agent: echoAgent() });
    const thread = await manager.startThread();
    await thread.runTurn("one");
    await store.discardThread(thread.threadId);
    await thread.submit({ type: "shutdown" });
    expect([thread.status.type, manager.listLoaded()]).toStrictEqual(["notLoaded", []]);
  });

  it("ends what was asked for before it, and refuses what is asked for after", async () => {
    const { manager, store } = openScene({ agent: echoAgent() });
    const thread = await manager.startThread();
    const before = thread.submit(userTurn("zero"));
    const shutdown = thread.submit({ type: "shutdown" });
    const after = answersOf(thread);
    const ended = codeOf(thread.runTurn("two"));
    await shutdown;
    expect([await codeOf(before), ...(await after), await ended]).toStrictEqual([
      "done",
      ...OPS.map(({ type }) => (type === "steer" ? "conflict" : "thread_not_found")),
      "thread_not_found",
    ]);
    expect((await recordsOf(store, thread.threadId)).at(-1)).toBe("turn_aborted");
  });

  it("that is on its way refuses everything else", async () => {
    const { held, manager } = openScene({ agent: echoAgent() });
    const thread = await manager.startThread();
    const [closing, close] = [newGate(), newGate()];
    held.intercept("shutdownThread", async (proceed) => {
      closing.open();
      await close.opened;
      return proceed();
    });
    const shutdown = thread.submit({ type: "shutdown" });
    await closing.opened;
    expect(await answersOf(thread)).toStrictEqual(OPS.map(() => "conflict"));
    expect(await codeOf(manager.resumeThread({ threadId: thread.threadId }))).toBe("conflict");
    close.open();
    await shutdown;
    expect(await answersOf(thread)).toStrictEqual(OPS.map(() => "thread_not_found"));
    expect(await codeOf(thread.runTurn("two"))).toBe("thread_not_found");
  });
});

describe("settings", () => {
  it("of a thread that nothing was recorded of are told with its first turn", async () => {
    const { manager, store } = openScene({ agent: echoAgent() });
    const thread = await manager.startThread();
    const told = allOf(thread.events());
    await thread.submit({ type: "settings", settings: { model: "other" } });
    expect((await store.listThreads({ sources: "all" })).data).toStrictEqual([]);
    await thread.runTurn("one");
    await thread.submit({ type: "settings", settings: { reasoningEffort: "high" } });
    await thread.runTurn("two");
    expect((await recordsOf(store, thread.threadId)).filter((record) => record.includes("_"))).toStrictEqual([
      "task_started",
      "turn_context",
      "thread_settings_applied",
      "task_complete",
      "thread_settings_applied",
      "task_started",
      "turn_context",
      "task_complete",
    ]);
    expect(thread.snapshot().settings).toStrictEqual({ ...SETTINGS, model: "other", reasoningEffort: "high" });
    expect(await store.readThread({ threadId: thread.threadId })).toMatchObject({
      model: "other",
      reasoningEffort: "high",
    });
    await thread.submit({ type: "shutdown" });
    expect((await told).filter(({ type }) => type === "settingsChanged")).toHaveLength(2);
  });

  it("are those with which a thread is resumed, and told with its next turn", async () => {
    const { manager, store } = openScene({ agent: echoAgent() });
    const first = await manager.startThread({ settings: { model: "other", approvalPolicy: "on-request" } });
    await first.runTurn("one");
    await first.submit({ type: "settings", settings: { cwd: "/elsewhere", sandboxPolicy: { type: "read-only" } } });
    await first.submit({ type: "shutdown" });
    const { threadId } = first;
    const thread = await manager.resumeThread({ threadId, settings: { reasoningEffort: "low" } });
    expect(thread.snapshot().settings).toStrictEqual({
      ...SETTINGS,
      model: "other",
      approvalPolicy: "on-request",
      cwd: "/elsewhere",
      sandboxPolicy: { type: "read-only" },
      reasoningEffort: "low",
    });
    await thread.runTurn("two");
    expect((await recordsOf(store, threadId)).slice(-8, -4)).toStrictEqual([
      "task_started",
      "turn_context",
      "thread_settings_applied",
      "user: two",
    ]);
  });

  it("that cannot be recorded are not changed", async () => {
    const { held, manager } = openScene({ agent: echoAgent() });
    const thread = await manager.startThread();
    await thread.runTurn("one");
    held.fail("appendItems");
    const changed = thread.submit({ type: "settings", settings: { model: "other" } });
    await expect(changed).rejects.toMatchObject({ code: "unavailable" });
    expect(thread.snapshot().settings).toStrictEqual(SETTINGS);
  });
});

describe("a name", () => {
  it("is set, told and cleared", async () => {
    const { manager, store } = openScene({ agent: echoAgent() });
    const thread = await manager.startThread();
    const told = allOf(thread.events());
    const names: unknown[] = [];
    for (const name of ["a name", null]) {
      await thread.submit({ type: "name", name });
      names.push((await store.readThread({ threadId: thread.threadId })).name);
    }
    await thread.submit({ type: "shutdown" });
    expect(names).toStrictEqual(["a name", undefined]);
    expect((await told).slice(0, 2)).toStrictEqual([
      { type: "nameChanged", name: "a name" },
      { type: "nameChanged", name: null },
    ]);
  });
});

describe("an ephemeral thread", () => {
  it("leaves nothing in the store, and takes no metadata", async () => {
    const { manager, store } = openScene({ agent: echoAgent() });
    const thread = await manager.startThread({ isEphemeral: true });
    const { threadId } = thread;
    expect(await thread.runTurn("one")).toMatchObject({ status: "completed", lastMessage: "one" });
    expect(await codeOf(thread.submit({ type: "name", name: "a name" }))).toBe("invalid_request");
    const set = { threadId, patch: { name: "a name" } };
    expect(await codeOf(manager.updateMetadata(set))).toBe("invalid_request");
    expect((await recordsOf(thread.store, threadId)).at(-1)).toBe("task_complete");
    expect((await store.listThreads({ sources: "all" })).data).toStrictEqual([]);
    await thread.submit({ type: "shutdown" });
    expect(await codeOf(manager.resumeThread({ threadId }))).toBe("thread_not_found");
  });
});

describe("an operation", () => {
  it("that nobody knows is refused", async () => {
    const thread = await openScene({ agent: echoAgent() }).manager.startThread();
    expect(await codeOf(thread.submit({ type: "dance" } as unknown as ThreadOp))).toBe("invalid_request");
    expect(wordsOf([{ type: "statusChanged", status: thread.status }])).toStrictEqual(["idle"]);
  });
});
