import type { HistoryMode } from "@threadstore/core";
import { describe, expect, it } from "vitest";
import { never, newGate } from "../../../../test/support/gate.js";
import { InterceptedStore } from "../../test/support/intercepted-store.js";
import { managerOver, openScene, type Scene, text, userTurn } from "../../test/support/runtime-scene.js";
import { silent } from "../../test/support/silent-work.js";
import { recordsOf, toldOf, turnsOf } from "../../test/support/stored-records.js";
import { allOf } from "../../test/support/told-events.js";
import { echoAgent } from "../agent/scripted-agent.js";
import type { AgentThread } from "./agent-thread.js";

const MODES: readonly HistoryMode[] = ["paginated", "legacy"];

/** A thread after so many turns. */
async function threadAfter(historyMode: HistoryMode, ...words: readonly string[]) {
  const scene = openScene({ agent: echoAgent() });
  const thread = await scene.manager.startThread({ historyMode });
  const turnIds: string[] = [];
  for (const said of words) turnIds.push((await thread.runTurn(said)).turnId);
  return { ...scene, thread, turnIds };
}

function revert(thread: AgentThread, beforeTurnId: string | undefined): Promise<string> {
  return thread.submit({ type: "revert", beforeTurnId: beforeTurnId ?? "none" });
}

/** What people and the model are told: of a thread these agree. */
async function shownAndTold({ store }: Scene, { threadId }: AgentThread): Promise<unknown[]> {
  return [await turnsOf(store, threadId), await toldOf(store, threadId)];
}

describe.each(MODES)("a revert of a %s thread", (historyMode) => {
  it("lets people and the model forget the turn and what came after it", async () => {
    const { thread, turnIds, ...scene } = await threadAfter(historyMode, "one", "two", "three");
    const told = allOf(thread.events());
    await revert(thread, turnIds[1]);
    expect(await shownAndTold(scene, thread)).toStrictEqual([
      ["completed | UserMessage one | AgentMessage one"],
      ["user: one", "assistant: one"],
    ]);
    await thread.runTurn("four");
    expect(await shownAndTold(scene, thread)).toStrictEqual([
      ["completed | UserMessage one | AgentMessage one", "completed | UserMessage four | AgentMessage four"],
      ["user: one", "assistant: one", "user: four", "assistant: four"],
    ]);
    await thread.submit({ type: "shutdown" });
    expect((await told)[0]).toStrictEqual({ type: "reverted", beforeTurnId: turnIds[1] });
  });

  it("to before the first turn leaves nothing", async () => {
    const { thread, turnIds, ...scene } = await threadAfter(historyMode, "one", "two");
    await revert(thread, turnIds[0]);
    expect(await shownAndTold(scene, thread)).toStrictEqual([[], []]);
  });

  it("interrupts the turn that is running, which may be the one", async () => {
    const begun = newGate();
    let turns = 0;
    const agent = {
      runTurn: silent(async () => {
        turns += 1;
        if (turns === 1) return;
        begun.open();
        await never();
      }),
    };
    const { manager, ...scene } = openScene({ agent });
    const thread = await manager.startThread({ historyMode });
    await thread.runTurn("one");
    const ended = thread.runTurn("two");
    await begun.opened;
    await revert(thread, thread.snapshot().activeTurnId);
    expect((await ended).status).toBe("interrupted");
    expect(await shownAndTold({ manager, ...scene }, thread)).toStrictEqual([
      ["completed | UserMessage one"],
      ["user: one"],
    ]);
  });

  it("of a turn that is not there is refused and interrupts nothing", async () => {
    const [begun, finish] = [newGate(), newGate()];
    const agent = {
      runTurn: silent(async () => {
        begun.open();
        await finish.opened;
      }),
    };
    const { manager } = openScene({ agent });
    const thread = await manager.startThread({ historyMode });
    const ended = thread.runTurn("one");
    await begun.opened;
    await expect(revert(thread, "another")).rejects.toMatchObject({ code: "invalid_request" });
    finish.open();
    expect((await ended).status).toBe("completed");
  });

  it("of a turn that a process left behind takes it back whole", async () => {
    const { store, thread, turnIds, ...scene } = await threadAfter(historyMode, "one", "two");
    await store.discardThread(thread.threadId);
    // A turn whose end nobody recorded.
    const { items } = await store.loadHistory({ threadId: thread.threadId });
    const begun = items.slice(-6, -1).map(({ json }) => ({
      json: json.replaceAll(turnIds[1] as string, "left-behind").replaceAll('"two"', '"three"'),
    }));
    await store.resumeThread({ threadId: thread.threadId });
    await store.appendItems({ threadId: thread.threadId, items: [LEFT, ...begun] });
    await store.shutdownThread(thread.threadId);
    const resumed = await managerOver(store, { agent: echoAgent() }).resumeThread({ threadId: thread.threadId });
    await revert(resumed, "left-behind");
    await resumed.runTurn("four");
    expect(await shownAndTold({ store, ...scene }, resumed)).toStrictEqual([
      ["one", "two", "four"].map((words) => `completed | UserMessage ${words} | AgentMessage ${words}`),
      ["one", "two", "four"].flatMap((words) => [`user: ${words}`, `assistant: ${words}`]),
    ]);
  });

  it("takes back what was injected with the turns", async () => {
    const { thread, turnIds, ...scene } = await threadAfter(historyMode, "one", "two");
    const note = { type: "message", role: "user", content: [{ type: "input_text", text: "a note" }] };
    await thread.submit({ type: "injectItems", items: [note] });
    const reverted = await revert(thread, turnIds[1]).then(
      () => true,
      () => false,
    );
    const one = [["completed | UserMessage one | AgentMessage one"], ["user: one", "assistant: one"]];
    // Where a rollback cannot say so it is refused.
    const two = [
      [...(one[0] as string[]), "completed | UserMessage two | AgentMessage two"],
      [...(one[1] as string[]), "user: two", "assistant: two", "user: a note"],
    ];
    expect(await shownAndTold(scene, thread)).toStrictEqual(reverted ? one : two);
  });
});

const LEFT = { type: "event_msg", payload: { type: "task_started", turn_id: "left-behind", started_at: 1 } };

describe("a legacy thread that was steered", () => {
  it("is not reverted to before that turn, and its running turn goes on", async () => {
    const gates = [newGate(), newGate()];
    const finish = newGate();
    let turns = 0;
    const agent = {
      runTurn: silent(async ({ takeInput }: Parameters<ReturnType<typeof echoAgent>["runTurn"]>[0]) => {
        gates[turns]?.open();
        turns += 1;
        if (turns > 1) return finish.opened;
        while ((await takeInput()).length === 0) await null;
      }),
    };
    const { manager, store } = openScene({ agent: agent as unknown as ReturnType<typeof echoAgent> });
    const thread = await manager.startThread({ historyMode: "legacy" });
    const first = thread.runTurn("one");
    await gates[0]?.opened;
    await thread.submit({ type: "steer", input: text("more") });
    const { turnId } = await first;
    const second = thread.runTurn("two");
    await gates[1]?.opened;
    const before = await recordsOf(store, thread.threadId);
    await expect(revert(thread, turnId)).rejects.toMatchObject({ code: "invalid_request" });
    expect(await recordsOf(store, thread.threadId)).toStrictEqual(before);
    finish.open();
    expect((await second).status).toBe("completed");
    expect(await turnsOf(store, thread.threadId)).toHaveLength(2);
  });
});

describe("a store that cannot revert", () => {
  it("is not asked to, and the running turn goes on", async () => {
    const [begun, finish] = [newGate(), newGate()];
    const agent = {
      runTurn: silent(async () => {
        begun.open();
        await finish.opened;
      }),
    };
    const { store } = openScene({ agent });
    const poor = new InterceptedStore(store, { capabilities: new Set(["turns"] as const) });
    poor.fail("revertThread", "unsupported");
    const thread = await managerOver(poor.store, { agent }).startThread();
    const turnId = await thread.submit(userTurn("one"));
    await begun.opened;
    await expect(revert(thread, turnId)).rejects.toMatchObject({ code: "unsupported" });
    finish.open();
    expect(await thread.untilIdle()).toMatchObject({ status: "completed" });
  });
});
