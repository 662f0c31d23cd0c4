import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { HistoryMode, ThreadStore } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newGate } from "../../../test/support/gate.js";
import { echoAgent, scriptedAgent, type ThreadManager } from "../src/index.js";
import { managerOver, type SceneOptions, userTurn } from "./support/runtime-scene.js";
import { recordsOf, toldOf, turnsOf } from "./support/stored-records.js";

const MODES: readonly HistoryMode[] = ["paginated", "legacy"];

let home: string;
let elsewhere: string;
let opened: ThreadStore[];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "threadstore-runtime-"));
  elsewhere = mkdtempSync(join(tmpdir(), "threadstore-elsewhere-"));
  opened = [];
});

afterEach(async () => {
  for (const store of opened) await store[Symbol.asyncDispose]();
  for (const folder of [home, elsewhere]) rmSync(folder, { recursive: true, force: true });
});

/** A store of the home, as another process has one. */
function openStore(): ThreadStore {
  const store = openLocalThreadStore({ home });
  opened.push(store);
  return store;
}

function openManager(store: ThreadStore, options: Partial<SceneOptions> = {}): ThreadManager {
  return managerOver(store, { agent: echoAgent(), ...options });
}

describe.each(MODES)("a %s thread in a local home", (historyMode) => {
  it("is gone on with by another process", async () => {
    const first = openManager(openStore());
    const { threadId } = await first.startThread({ historyMode, instructions: "be kind" });
    await first.getThread(threadId).runTurn("one");
    expect(await first.shutdownAll()).toMatchObject({ completed: [threadId] });
    const store = openStore();
    const thread = await openManager(store).resumeThread({ threadId });
    await thread.runTurn("two");
    expect(thread.snapshot().instructions).toBe("be kind");
    expect(await turnsOf(store, threadId)).toStrictEqual([
      "completed | UserMessage one | AgentMessage one",
      "completed | UserMessage two | AgentMessage two",
    ]);
  });

  it("is reverted for people and for the model alike", async () => {
    const store = openStore();
    const thread = await openManager(store).startThread({ historyMode });
    await thread.runTurn("one");
    const { turnId } = await thread.runTurn("two");
    await thread.submit({ type: "revert", beforeTurnId: turnId });
    await thread.runTurn("three");
    expect(await turnsOf(store, thread.threadId)).toStrictEqual([
      "completed | UserMessage one | AgentMessage one",
      "completed | UserMessage three | AgentMessage three",
    ]);
    expect(await toldOf(store, thread.threadId)).toStrictEqual([
      "user: one",
      "assistant: one",
      "user: three",
      "assistant: three",
    ]);
  });

  it("that another process takes over in mid-turn is interrupted there, and lost here", async () => {
    const [begun, finish] = [newGate(), newGate()];
    const work = async function* () {
      yield { type: "functionCall", callId: "call_1", name: "f", args: "{}" } as const;
      begun.open();
      await finish.opened;
      yield { type: "message", id: "msg_1", text: "late" } as const;
    };
    const old = openManager(openStore(), { agent: scriptedAgent([work]) });
    const lost = await old.startThread({ historyMode });
    const { threadId } = lost;
    const ended = lost.runTurn("go");
    await begun.opened;
    const store = openStore();
    const manager = openManager(store);
    await expect(manager.resumeThread({ threadId })).rejects.toMatchObject({ code: "conflict" });
    const thread = await manager.resumeThread({ threadId, takeOver: true });
    finish.open();
    expect((await ended).status).toBe("failed");
    expect(lost.status.type).toBe("systemError");
    await thread.runTurn("next");
    expect((await recordsOf(store, threadId)).slice(5, 8)).toStrictEqual([
      "function_call",
      "turn_aborted",
      "task_started",
    ]);
    expect(await toldOf(store, threadId)).toStrictEqual([
      "user: go",
      "function_call",
      "function_call_output aborted",
      "user: next",
      "assistant: next",
    ]);
    expect(await old.shutdownAll()).toMatchObject({ completed: [threadId], failed: [], timedOut: [] });
    expect((await thread.runTurn("still here")).status).toBe("completed");
  });

  it("is forked while it runs, by reference and by copy, each with instructions of its own", async () => {
    const store = openStore();
    const manager = openManager(store);
    const thread = await manager.startThread({ historyMode, instructions: "be kind" });
    await thread.runTurn("one");
    const forks = [
      await manager.forkThread({ from: thread.threadId }),
      await manager.forkThread({ from: thread.threadId, byCopy: true, instructions: "be brief" }),
      await manager.forkThread({ from: thread.threadId, instructions: "be bold" }),
    ];
    for (const fork of forks) await fork.runTurn("two");
    await manager.shutdownAll();
    const other = openManager(openStore());
    const told: unknown[] = [];
    for (const { threadId } of forks) {
      const { instructions, forkedFromId } = (await other.resumeThread({ threadId })).snapshot();
      told.push([instructions, forkedFromId === thread.threadId, ...(await turnsOf(store, threadId))]);
    }
    const turns = ["one", "two"].map((words) => `completed | UserMessage ${words} | AgentMessage ${words}`);
    expect(told).toStrictEqual([
      ["be kind", true, ...turns],
      ["be brief", true, ...turns],
      ["be bold", true, ...turns],
    ]);
  });

  it("is resumed by its rollout, which may be outside the home where its id is named", async () => {
    const store = openStore();
    const manager = openManager(store);
    const { threadId } = await manager.startThread({ historyMode });
    await manager.getThread(threadId).runTurn("one");
    await manager.submit(threadId, { type: "shutdown" });
    const { rolloutPath } = await store.readThread({ threadId });
    const inside = await manager.resumeThread({ rolloutPath: rolloutPath as string });
    expect(inside.threadId).toBe(threadId);
    await inside.submit({ type: "shutdown" });
    const outside = join(elsewhere, basename(rolloutPath as string));
    cpSync(rolloutPath as string, outside);
    rmSync(rolloutPath as string);
    const other = openManager(openStore());
    await expect(other.resumeThread({ rolloutPath: outside })).rejects.toMatchObject({ code: "invalid_request" });
    const thread = await other.resumeThread({ threadId, rolloutPath: outside });
    expect((await thread.runTurn("two")).status).toBe("completed");
  });
});

it("what a manager records of many threads at once is safe, and frees them all", async () => {
  const store = openStore();
  const manager = openManager(store);
  const threads = await Promise.all(Array.from({ length: 20 }, () => manager.startThread()));
  await Promise.all(threads.map((thread) => thread.submit(userTurn("go"))));
  const { completed, failed } = await manager.shutdownAll();
  expect([completed.length, failed, manager.listLoaded()]).toStrictEqual([20, [], []]);
  const again = openManager(openStore());
  for (const { threadId } of threads) expect((await again.resumeThread({ threadId })).threadId).toBe(threadId);
});
