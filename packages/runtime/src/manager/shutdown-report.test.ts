import type { ThreadId } from "@threadstore/core";
import { describe, expect, it } from "vitest";
import { never, newGate } from "../../../../test/support/gate.js";
import { openScene, text, USAGE, userTurn } from "../../test/support/runtime-scene.js";
import { STUBBORN_AGENT } from "../../test/support/silent-work.js";
import { allOf, wordsOf } from "../../test/support/told-events.js";
import { echoAgent, scriptedAgent } from "../agent/scripted-agent.js";
import type { AgentThread } from "../thread/agent-thread.js";

/** Whether a call is about this thread. */
function isOf(threadId: ThreadId, params: unknown): boolean {
  return params === threadId || (params as { readonly threadId?: ThreadId }).threadId === threadId;
}

describe("shutdownAll", () => {
  it("tells what became of each thread, and leaves loaded what did not close", async () => {
    const { held, manager } = openScene({
      agent: ({ instructions }) =>
        ["stubborn", "hanging"].includes(instructions ?? "") ? STUBBORN_AGENT : echoAgent(),
      limits: { agentStopMaxMs: 1 },
    });
    const [idle, hanging, stubborn, failing] = (await Promise.all(
      ["idle", "hanging", "stubborn", "failing"].map((instructions) => manager.startThread({ instructions })),
    )) as [AgentThread, AgentThread, AgentThread, AgentThread];
    await Promise.all([idle, failing].map((thread) => thread.runTurn("one")));
    await Promise.all([stubborn, hanging].map((thread) => thread.submit(userTurn("one"))));
    held.intercept("shutdownThread", async (proceed, params) => {
      if (isOf(hanging.threadId, params)) return never();
      if (isOf(failing.threadId, params)) throw new Error("made to fail");
      return proceed();
    });
    expect(await manager.shutdownAll({ maxMs: 50 })).toStrictEqual({
      completed: [idle.threadId, stubborn.threadId],
      failed: [{ threadId: failing.threadId, error: new Error("made to fail") }],
      timedOut: [hanging.threadId],
      stillWorking: [stubborn.threadId],
    });
    expect(manager.listLoaded()).toStrictEqual([hanging.threadId, failing.threadId]);
    held.mend("shutdownThread");
    expect(await manager.shutdownAll({ maxMs: 50 })).toMatchObject({ completed: [failing.threadId] });
  });

  it("ends in time though a thread hangs as it is flushed, with what it was to be told", async () => {
    const { held, manager } = openScene({
      agent: ({ depth }) => (depth === 0 ? echoAgent() : STUBBORN_AGENT),
      limits: { agentStopMaxMs: 1 },
    });
    const parent = await manager.startThread();
    await parent.runTurn("one");
    const child = await manager.spawnChild({ parentThreadId: parent.threadId, input: text("read") });
    held.intercept("flushThread", async (proceed, params) => (isOf(parent.threadId, params) ? never() : proceed()));
    await child.submit({ type: "interrupt" });
    const report = await manager.shutdownAll({ maxMs: 50 });
    expect(report).toMatchObject({ completed: [child.threadId], timedOut: [parent.threadId] });
  });

  it("ends in time though a thread that is being opened hangs", async () => {
    const { held, manager } = openScene({ agent: echoAgent() });
    held.intercept("createThread", never);
    manager.startThread().catch(() => undefined);
    expect(await manager.shutdownAll({ maxMs: 1 })).toMatchObject({ completed: [], timedOut: [] });
  });

  it("closes threads that are being opened, and opens no more", async () => {
    const { held, manager } = openScene({ agent: echoAgent() });
    const create = newGate();
    held.intercept("createThread", async (proceed) => {
      await create.opened;
      return proceed();
    });
    const opening = manager.startThread();
    const shutdown = manager.shutdownAll();
    await expect(manager.startThread()).rejects.toMatchObject({ code: "unavailable" });
    await expect(manager.resumeThread({ threadId: "a" })).rejects.toMatchObject({ code: "unavailable" });
    create.open();
    const { threadId } = await opening;
    expect(await shutdown).toStrictEqual({ completed: [threadId], failed: [], timedOut: [], stillWorking: [] });
  });

  it("interrupts parents and children at the same time", async () => {
    const agent = {
      async *runTurn({ signal }: { readonly signal: AbortSignal }) {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      },
    };
    const { manager } = openScene({ agent });
    const parent = await manager.startThread();
    await parent.submit(userTurn("one"));
    const child = await manager.spawnChild({ parentThreadId: parent.threadId, input: text("read") });
    const completed = [parent.threadId, child.threadId];
    expect(await manager.shutdownAll()).toStrictEqual({ completed, failed: [], timedOut: [], stillWorking: [] });
  });

  it("comes with the end of a manager's scope", async () => {
    const { manager } = openScene({ agent: echoAgent() });
    const thread = await manager.startThread();
    await manager[Symbol.asyncDispose]();
    expect(thread.status).toStrictEqual({ type: "notLoaded" });
  });

  it("leaves nothing of 200 threads that were run, with readers of each", async () => {
    const work = [
      { type: "tokens", usage: USAGE },
      { type: "message", id: "m", text: "done" },
    ] as const;
    const { manager } = openScene({ agent: () => scriptedAgent([work]) });
    const events = allOf(manager.events());
    const threads = await Promise.all(Array.from({ length: 200 }, () => manager.startThread()));
    const told = threads.map((thread) => allOf(thread.events()));
    const ends = await Promise.all(threads.map((thread) => thread.runTurn("go")));
    const { completed } = await manager.shutdownAll();
    expect([completed.length, manager.listLoaded()]).toStrictEqual([200, []]);
    expect(new Set(ends.map(({ status }) => status))).toStrictEqual(new Set(["completed"]));
    expect(threads.map(({ subscribers }) => subscribers)).toStrictEqual(threads.map(() => 0));
    const lengths = (await Promise.all(told)).map(({ length }) => length);
    expect(new Set(lengths)).toStrictEqual(new Set([9]));
    expect(wordsOf(await events).sort()).toStrictEqual([
      ...threads.map(() => "closed"),
      ...threads.map(() => "created"),
    ]);
  });
});
