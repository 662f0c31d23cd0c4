import { describe, expect, it } from "vitest";
import { newGate } from "../../../../test/support/gate.js";
import { openScene, type SceneOptions, SETTINGS, text } from "../../test/support/runtime-scene.js";
import { STUBBORN_AGENT } from "../../test/support/silent-work.js";
import { payloadsOf, recordsOf, toldOf } from "../../test/support/stored-records.js";
import { allOf } from "../../test/support/told-events.js";
import { echoAgent, scriptedAgent } from "../agent/scripted-agent.js";

async function parentOf(options: Partial<SceneOptions> = {}) {
  const scene = openScene({ agent: echoAgent(), ...options });
  const parent = await scene.manager.startThread({ instructions: "be kind", settings: { model: "parent-model" } });
  await parent.runTurn("go");
  return { ...scene, parent, parentThreadId: parent.threadId };
}

describe("spawnChild", () => {
  it("makes a thread of the tree, with an edge, and begins its first turn", async () => {
    const { manager, store, parent, parentThreadId } = await parentOf();
    const told = allOf(manager.events());
    const names = { nickname: "Fish", role: "reader", taskName: "read-all" };
    const params = { parentThreadId, input: text("read"), rootTurnId: "root-1", settings: { cwd: "/sub" }, ...names };
    const child = await manager.spawnChild(params);
    const { threadId } = child;
    await child.untilIdle();
    expect(child.snapshot()).toMatchObject({
      threadId,
      sessionId: parent.threadId,
      historyMode: "paginated",
      parentThreadId,
      depth: 1,
      agentNickname: "Fish",
      agentRole: "reader",
      agentPath: "/root/read-all",
      instructions: "be kind",
      settings: { ...SETTINGS, model: "parent-model", cwd: "/sub" },
    });
    expect(await store.readThread({ threadId })).toMatchObject({
      parentThreadId,
      sessionId: parentThreadId,
      agentNickname: "Fish",
      agentRole: "reader",
      agentPath: "/root/read-all",
      preview: "read",
    });
    const edge = { parentThreadId, childThreadId: threadId, status: "open" };
    expect(await store.listThreadSpawnEdges({ threadId: parentThreadId })).toStrictEqual([edge]);
    expect(await payloadsOf(store, threadId, "task_started")).toMatchObject([{ root_turn_id: "root-1" }]);
    await manager.shutdownAll();
    expect((await told)[0]).toStrictEqual({ type: "created", threadId, parentThreadId });
  });

  it("is the same thread when it is resumed", async () => {
    const { manager, parentThreadId } = await parentOf();
    const child = await manager.spawnChild({ parentThreadId, input: text("read"), role: "reader", taskName: "read" });
    await child.untilIdle();
    const { settings: _settings, ...before } = child.snapshot();
    await child.submit({ type: "shutdown" });
    const { settings: _again, ...after } = (await manager.resumeThread({ threadId: child.threadId })).snapshot();
    expect(after).toStrictEqual(before);
  });

  it("gives each a nickname that no other of the tree has", async () => {
    const { manager, parentThreadId } = await parentOf();
    const children = await Promise.all([1, 2, 3].map(() => manager.spawnChild({ parentThreadId })));
    const names = children.map((child) => child.snapshot().agentNickname);
    expect(names).toStrictEqual(["Nile", "Amazon", "Yangtze"]);
    await children[1]?.submit({ type: "shutdown" });
    expect((await manager.spawnChild({ parentThreadId })).snapshot().agentNickname).toBe("Amazon");
  });

  it("refuses what is too deep, or one too many, and counts only those that are loaded", async () => {
    const { manager, parentThreadId } = await parentOf({ limits: { spawnMaxAgents: 2 } });
    const spawn = () => manager.spawnChild({ parentThreadId });
    const answers = await Promise.allSettled([spawn(), spawn(), spawn()]);
    expect(answers.map(({ status }) => status)).toStrictEqual(["fulfilled", "fulfilled", "rejected"]);
    expect(answers[2]).toMatchObject({ reason: { code: "resource_exhausted" } });
    const [first] = manager.listLoaded().filter((id) => id !== parentThreadId);
    const deeper = manager.spawnChild({ parentThreadId: first as string });
    await expect(deeper).rejects.toMatchObject({ code: "resource_exhausted" });
    await manager.submit(first as string, { type: "shutdown" });
    expect((await spawn()).snapshot().depth).toBe(1);
  });

  it("counts a child once while its first turn begins", async () => {
    const { held, manager, parentThreadId } = await parentOf({ limits: { spawnMaxAgents: 2 } });
    const [begun, begin] = [newGate(), newGate()];
    held.intercept("appendItems", async (proceed) => {
      begun.open();
      await begin.opened;
      return proceed();
    });
    const first = manager.spawnChild({ parentThreadId, input: text("read") });
    await begun.opened;
    const second = manager.spawnChild({ parentThreadId });
    begin.open();
    expect((await Promise.all([first, second])).map((child) => child.snapshot().agentNickname)).toStrictEqual([
      "Nile",
      "Amazon",
    ]);
  });

  it("deeper, in a tree that may be, keeps the session and lengthens the path", async () => {
    const { manager, parentThreadId } = await parentOf({ limits: { spawnMaxDepth: 2 } });
    const child = await manager.spawnChild({ parentThreadId, taskName: "one" });
    const grandchild = await manager.spawnChild({ parentThreadId: child.threadId, taskName: "two" });
    expect(grandchild.snapshot()).toMatchObject({ sessionId: parentThreadId, depth: 2, agentPath: "/root/one/two" });
  });

  it("gives its place back when it fails", async () => {
    const { held, manager, parentThreadId } = await parentOf({ limits: { spawnMaxAgents: 1 } });
    for (const operation of ["createThread", "appendItems"] as const) {
      held.fail(operation);
      const failed = manager.spawnChild({ parentThreadId, input: text("read"), taskName: "read" });
      await expect(failed).rejects.toMatchObject({ code: "unavailable" });
      held.mend(operation);
      expect(manager.listLoaded()).toStrictEqual([parentThreadId]);
    }
    const child = await manager.spawnChild({ parentThreadId, input: text("read"), taskName: "read" });
    expect(await child.untilIdle()).toMatchObject({ status: "completed" });
  });

  it.each(["open", "closed"])("refuses a path that another one has, whose edge is %s", async (status) => {
    const { manager, parentThreadId } = await parentOf();
    const child = await manager.spawnChild({ parentThreadId, taskName: "read", input: text("read") });
    await child.untilIdle();
    if (status === "closed") await manager.closeChild(child.threadId);
    const again = manager.spawnChild({ parentThreadId, taskName: "read" });
    await expect(again).rejects.toMatchObject({ code: "conflict" });
  });

  it("refuses one of two of a path that are spawned at once", async () => {
    const { manager, parentThreadId } = await parentOf();
    const spawn = () => manager.spawnChild({ parentThreadId, taskName: "read", input: text("read") });
    const answers = await Promise.allSettled([spawn(), spawn()]);
    expect(answers.map(({ status }) => status)).toStrictEqual(["fulfilled", "rejected"]);
    expect(answers[1]).toMatchObject({ reason: { code: "conflict" } });
  });

  it.each(["", "Read", "a/b", "x".repeat(65)])("refuses a task that is called %j", async (taskName) => {
    const { manager, parentThreadId } = await parentOf();
    const spawned = manager.spawnChild({ parentThreadId, taskName });
    await expect(spawned).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("needs a parent that is loaded", async () => {
    const { manager } = openScene({ agent: echoAgent() });
    const spawned = manager.spawnChild({ parentThreadId: "01900000-0000-7000-8000-00000000dead" });
    await expect(spawned).rejects.toMatchObject({ code: "thread_not_found" });
  });

  it("of an ephemeral parent is ephemeral too", async () => {
    const { manager, store } = openScene({ agent: echoAgent() });
    const parent = await manager.startThread({ isEphemeral: true });
    const child = await manager.spawnChild({ parentThreadId: parent.threadId, input: text("read"), taskName: "a" });
    await child.untilIdle();
    const again = manager.spawnChild({ parentThreadId: parent.threadId, taskName: "a" });
    await expect(again).rejects.toMatchObject({ code: "conflict" });
    expect(child.snapshot()).toMatchObject({ isEphemeral: true, parentThreadId: parent.threadId, depth: 1 });
    await manager.closeChild(child.threadId);
    expect((await store.listThreads({ sources: "all" })).data).toStrictEqual([]);
  });
});

describe("the end of a child's turn", () => {
  it.each([
    ["completed", echoAgent(), '"status":{"completed":"read"}'],
    ["failed", scriptedAgent([]), '"status":{"errored":"the script has no turn 1"}'],
    ["interrupted", STUBBORN_AGENT, '"status":"interrupted"'],
  ] as const)("that was %s is told to the parent's model", async (status, childAgent, words) => {
    const { manager, store, parent, parentThreadId } = await parentOf({
      agent: ({ depth }) => (depth === 0 ? echoAgent() : childAgent),
      limits: { agentStopMaxMs: 1 },
    });
    const child = await manager.spawnChild({ parentThreadId, input: text("read"), taskName: "read" });
    if (status === "interrupted") await child.submit({ type: "interrupt" });
    await child.untilIdle();
    // What is asked for next comes after what the parent was told.
    await parent.submit({ type: "settings", settings: {} });
    const told = await payloadsOf(store, parentThreadId, "user: <subagent_notification>");
    const note = `<subagent_notification>\n{"agent_path":"/root/read",${words}}\n</subagent_notification>`;
    expect(told).toStrictEqual([{ type: "message", role: "user", content: [{ type: "input_text", text: note }] }]);
  });

  it("names a child without a path by its id, and is told with the parent's next turn", async () => {
    const { manager, store, parent, parentThreadId } = await parentOf();
    const child = await manager.spawnChild({ parentThreadId, input: text("read") });
    await child.untilIdle();
    await parent.runTurn("next");
    expect((await toldOf(store, parentThreadId)).slice(2)).toStrictEqual([
      "user: <subagent_notification>",
      "user: next",
      "assistant: next",
    ]);
    const [note] = await payloadsOf(store, parentThreadId, "user: <subagent_notification>");
    expect(JSON.stringify(note)).toContain(child.threadId);
  });

  it("is nobody's concern when the parent is not loaded", async () => {
    const { manager, store, parent, parentThreadId } = await parentOf();
    const child = await manager.spawnChild({ parentThreadId });
    await parent.submit({ type: "shutdown" });
    expect(await child.runTurn("read")).toMatchObject({ status: "completed" });
    expect(await recordsOf(store, parentThreadId)).not.toContain("user: <subagent_notification>");
  });
});

describe("closeChild", () => {
  it("shuts the child down and closes its edge", async () => {
    const { manager, store, parentThreadId } = await parentOf();
    const child = await manager.spawnChild({ parentThreadId, input: text("read") });
    await manager.closeChild(child.threadId);
    const edge = { parentThreadId, childThreadId: child.threadId, status: "closed" };
    expect([manager.listLoaded(), await store.listThreadSpawnEdges({ threadId: parentThreadId })]).toStrictEqual([
      [parentThreadId],
      [edge],
    ]);
  });

  it("of a child that never did anything leaves no edge", async () => {
    const { manager, store, parentThreadId } = await parentOf();
    const child = await manager.spawnChild({ parentThreadId });
    await manager.closeChild(child.threadId);
    expect(await store.listThreadSpawnEdges({ threadId: parentThreadId })).toStrictEqual([]);
  });

  it("of a thread that nobody spawned is refused", async () => {
    const { manager, parentThreadId } = await parentOf();
    await expect(manager.closeChild(parentThreadId)).rejects.toMatchObject({ code: "invalid_request" });
    expect(manager.listLoaded()).toStrictEqual([parentThreadId]);
  });
});
