import { describe, expect, it } from "vitest";
import { never, newGate } from "../../../../test/support/gate.js";
import { managerOver, openScene, USAGE, userTurn } from "../../test/support/runtime-scene.js";
import { silent } from "../../test/support/silent-work.js";
import { recordsOf, toldOf, turnsOf } from "../../test/support/stored-records.js";
import { echoAgent, scriptedAgent } from "../agent/scripted-agent.js";
import type { ForkThreadParams, StartThreadParams } from "./manager-params.js";

const MODES = ["paginated", "legacy"] as const;
const WAYS = [
  ["paginated", false],
  ["paginated", true],
  ["legacy", false],
  ["legacy", true],
] as const;

/** A loaded thread after so many turns. */
async function threadAfter(params: StartThreadParams, ...words: readonly string[]) {
  const scene = openScene({ agent: echoAgent() });
  const thread = await scene.manager.startThread(params);
  const turnIds: string[] = [];
  for (const said of words) turnIds.push((await thread.runTurn(said)).turnId);
  return { ...scene, thread, turnIds };
}

function shown(...words: readonly string[]): string[] {
  return words.map((said) => `completed | UserMessage ${said} | AgentMessage ${said}`);
}

describe.each(WAYS)("a fork of a %s thread, by copy: %s", (historyMode, byCopy) => {
  it("begins with what its source said, and neither changes the other afterwards", async () => {
    const { manager, store, thread } = await threadAfter({ historyMode }, "one");
    const fork = await manager.forkThread({ from: thread.threadId, byCopy });
    await thread.runTurn("two");
    await fork.runTurn("three");
    expect(await turnsOf(store, thread.threadId)).toStrictEqual(shown("one", "two"));
    expect(await turnsOf(store, fork.threadId)).toStrictEqual(shown("one", "three"));
    expect(await toldOf(store, fork.threadId)).toStrictEqual([
      "user: one",
      "assistant: one",
      "user: three",
      "assistant: three",
    ]);
    expect(fork.snapshot()).toMatchObject({ forkedFromId: thread.threadId, historyMode, depth: 0 });
    expect(await store.readThread({ threadId: fork.threadId })).toMatchObject({ forkedFromId: thread.threadId });
  });

  it("leaves its source through a turn, or before one", async () => {
    const { manager, store, thread, turnIds } = await threadAfter({ historyMode }, "one", "two", "three");
    const shownOf = async (at: NonNullable<ForkThreadParams["at"]>) => {
      const { threadId } = await manager.forkThread({ from: thread.threadId, at, byCopy });
      return turnsOf(store, threadId);
    };
    expect(await shownOf({ throughTurnId: turnIds[1] as string })).toStrictEqual(shown("one", "two"));
    expect(await shownOf({ beforeTurnId: turnIds[1] as string })).toStrictEqual(shown("one"));
    expect(await shownOf({ throughTurnId: turnIds[2] as string })).toStrictEqual(shown("one", "two", "three"));
  });

  it("before the first turn is a thread without turns, in which one can begin", async () => {
    const { manager, store, thread, turnIds } = await threadAfter({ historyMode }, "one");
    const fork = await manager.forkThread({
      from: thread.threadId,
      at: { beforeTurnId: turnIds[0] as string },
      byCopy,
    });
    await fork.runTurn("two");
    expect(await turnsOf(store, fork.threadId)).toStrictEqual(shown("two"));
  });

  it("at a turn that is not there is refused, and leaves nothing", async () => {
    const { manager, store, thread } = await threadAfter({ historyMode }, "one");
    const fork = manager.forkThread({ from: thread.threadId, at: { throughTurnId: "another" }, byCopy });
    await expect(fork).rejects.toMatchObject({ code: "invalid_request" });
    expect(manager.listLoaded()).toStrictEqual([thread.threadId]);
    expect((await store.listThreads({ sources: "all" })).data).toHaveLength(1);
  });

  it("of a running thread ends the turn that it inherits, and the source goes on unharmed", async () => {
    const [begun, finish] = [newGate(), newGate()];
    const work = async function* () {
      yield { type: "functionCall", callId: "call_1", name: "f", args: "{}" } as const;
      begun.open();
      await finish.opened;
      yield { type: "functionOutput", callId: "call_1", output: "1" } as const;
    };
    const { manager, store } = openScene({ agent: scriptedAgent([work]) });
    const thread = await manager.startThread({ historyMode });
    const ended = thread.runTurn("one");
    await begun.opened;
    const fork = await manager.forkThread({ from: thread.threadId, byCopy });
    finish.open();
    expect((await ended).status).toBe("completed");
    expect((await recordsOf(store, fork.threadId)).slice(-3)).toStrictEqual([
      "function_call",
      "user: <turn_aborted>",
      "turn_aborted",
    ]);
    expect(await turnsOf(store, fork.threadId)).toStrictEqual(["interrupted | UserMessage one"]);
    expect(await toldOf(store, fork.threadId)).toStrictEqual([
      "user: one",
      "function_call",
      "function_call_output aborted",
      "user: <turn_aborted>",
    ]);
    expect((await turnsOf(store, thread.threadId))[0]).toMatch(/^completed/);
  });

  it("goes on with the instructions and the tokens of its source, also when it is resumed", async () => {
    const agent = () => scriptedAgent([[{ type: "tokens", usage: USAGE }], []]);
    const { manager, store } = openScene({ agent });
    const thread = await manager.startThread({ historyMode, instructions: "be kind" });
    await thread.runTurn("one");
    const fork = await manager.forkThread({ from: thread.threadId, byCopy });
    const { threadId } = fork;
    const live = fork.snapshot();
    await fork.submit({ type: "shutdown" });
    const resumed = (await managerOver(store, { agent }).resumeThread({ threadId })).snapshot();
    const facts = [live, resumed].map(({ instructions, usage }) => [instructions, usage.totalTokens]);
    expect(facts).toStrictEqual([
      ["be kind", 110],
      ["be kind", 110],
    ]);
  });

  it("has instructions and settings of its own when it is given them, also when it is resumed", async () => {
    const { manager, store, thread } = await threadAfter({ historyMode, instructions: "be kind" }, "one");
    const own = { instructions: "be brief", settings: { model: "other" } };
    const fork = await manager.forkThread({ from: thread.threadId, byCopy, ...own });
    const { threadId } = fork;
    const live = fork.snapshot();
    await fork.runTurn("two");
    await fork.submit({ type: "shutdown" });
    const resumed = (await managerOver(store, { agent: echoAgent() }).resumeThread({ threadId })).snapshot();
    const facts = [live, resumed].map(({ instructions, settings }) => [instructions, settings.model]);
    expect(facts).toStrictEqual([
      ["be brief", "other"],
      ["be brief", "other"],
    ]);
  });
});

describe("a fork", () => {
  it("by copy needs its source no more", async () => {
    const { manager, store, thread } = await threadAfter({}, "one");
    const { threadId } = await manager.forkThread({ from: thread.threadId, byCopy: true });
    await thread.submit({ type: "shutdown" });
    await store.deleteThread({ threadId: thread.threadId });
    expect(await turnsOf(store, threadId)).toStrictEqual(shown("one"));
    expect(await store.readThread({ threadId })).toMatchObject({ forkedFromId: thread.threadId });
  });

  it.each([true, false])("that cannot be made whole leaves nothing, by copy: %s", async (byCopy) => {
    const begun = newGate();
    const work = silent(async () => {
      begun.open();
      await never();
    });
    const { held, manager, store } = openScene({ agent: scriptedAgent([work]) });
    const thread = await manager.startThread();
    await thread.submit(userTurn("one"));
    await begun.opened;
    held.fail("appendItems");
    await expect(manager.forkThread({ from: thread.threadId, byCopy })).rejects.toMatchObject({ code: "unavailable" });
    held.mend("appendItems");
    expect(manager.listLoaded()).toStrictEqual([thread.threadId]);
    expect((await store.listThreads({ sources: "all" })).data).toHaveLength(1);
  });

  it("of a thread that is not loaded, by another manager, is the same", async () => {
    const { manager, store, thread } = await threadAfter({}, "one");
    await manager.shutdownAll();
    const fork = await managerOver(store, { agent: echoAgent() }).forkThread({ from: thread.threadId });
    expect(await turnsOf(store, fork.threadId)).toStrictEqual(shown("one"));
  });

  it.each(MODES)("into an ephemeral thread leaves the store as it is (%s)", async (historyMode) => {
    const { manager, store, thread, turnIds } = await threadAfter({ historyMode }, "one");
    const fork = await manager.forkThread({ from: thread.threadId, isEphemeral: true });
    await fork.runTurn("two");
    expect(await turnsOf(fork.store, fork.threadId)).toStrictEqual(shown("one", "two"));
    const at = { beforeTurnId: turnIds[0] as string };
    const early = await manager.forkThread({ from: thread.threadId, isEphemeral: true, at });
    expect((await early.runTurn("three")).status).toBe("completed");
    expect((await store.listThreads({ sources: "all" })).data).toHaveLength(1);
  });

  it("of an ephemeral thread is stored, and needs it no more", async () => {
    const { manager, store, thread } = await threadAfter({ isEphemeral: true }, "one");
    const fork = await manager.forkThread({ from: thread.threadId });
    await thread.submit({ type: "shutdown" });
    await fork.runTurn("two");
    expect(await turnsOf(store, fork.threadId)).toStrictEqual(shown("one", "two"));
  });

  it("of a fork, by copy, has everything once", async () => {
    const { manager, store, thread } = await threadAfter({}, "one");
    const first = await manager.forkThread({ from: thread.threadId });
    await first.runTurn("two");
    const second = await manager.forkThread({ from: first.threadId, byCopy: true });
    expect(await turnsOf(store, second.threadId)).toStrictEqual(shown("one", "two"));
  });

  it("of a sub-agent is nobody's sub-agent", async () => {
    const { manager, store, thread } = await threadAfter({}, "one");
    const child = await manager.spawnChild({ parentThreadId: thread.threadId });
    await child.runTurn("two");
    const fork = await manager.forkThread({ from: child.threadId });
    const { parentThreadId, depth, sessionId } = fork.snapshot();
    expect([parentThreadId, depth, sessionId]).toStrictEqual([undefined, 0, fork.threadId]);
    expect(await store.listThreadSpawnEdges({ threadId: thread.threadId })).toHaveLength(1);
  });

  it("of an unknown thread is thread_not_found", async () => {
    const { manager } = openScene({ agent: echoAgent() });
    const fork = manager.forkThread({ from: "01900000-0000-7000-8000-00000000dead" });
    await expect(fork).rejects.toMatchObject({ code: "thread_not_found" });
  });
});
