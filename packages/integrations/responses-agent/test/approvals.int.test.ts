import { afterEach, describe, expect, it } from "vitest";
import { never, newGate } from "../../../../test/support/gate.js";
import type { ApprovalHook, FunctionTool } from "../src/index.js";
import { type AgentScene, openAgentScene } from "./support/agent-scene.js";
import { calls, toldOutput } from "./support/model-items.js";
import { lastTurnOf } from "./support/stored-records.js";
import { ToldEvents } from "./support/told-events.js";

let scene: AgentScene;
let runs: string[];

afterEach(() => scene[Symbol.asyncDispose]());

const USER_TURN = { type: "userTurn", input: [{ type: "text", text: "Delete it" }] } as const;

async function open(approve?: ApprovalHook) {
  runs = [];
  const tool: FunctionTool = {
    name: "delete",
    description: "Deletes a file.",
    parameters: { type: "object" },
    needsApproval: true,
    run: (_args, { callId }) => {
      runs.push(callId);
      return "deleted";
    },
  };
  scene = await openAgentScene({ tools: [tool], ...(approve ? { approve } : {}) });
  return scene.manager.startThread();
}

/** What the model is told of a call that the hook answers so. */
async function outputOf(approve?: ApprovalHook): Promise<unknown> {
  const thread = await open(approve);
  scene.provider.answerNext([calls("delete", { path: "a" })]);
  expect((await thread.runTurn("Delete it")).status).toBe("completed");
  return scene.provider.requests[1]?.input.at(-1);
}

describe("a call that needs approval", () => {
  it("is made when a person approves of it, and waits until then", async () => {
    const answered = newGate();
    const asked: unknown[] = [];
    const thread = await open(async ({ callId, name, args }) => {
      asked.push([callId, name, args]);
      await answered.opened;
      return true;
    });
    const events = new ToldEvents(thread);
    scene.provider.answerNext([calls("delete", { path: "a" })]);
    await thread.submit(USER_TURN);
    await events.until("active approval");
    expect([thread.status, runs]).toStrictEqual([{ type: "active", waitingOn: ["approval"] }, []]);
    answered.open();
    expect((await events.until("turnEnded")).slice(3)).toStrictEqual([
      "itemStarted DynamicToolCall",
      "tokens 110 of 110",
      "active approval",
      "active",
      "itemCompleted DynamicToolCall",
      "itemCompleted AgentMessage",
      "tokens 310 of 420",
      "idle",
      "turnEnded completed",
    ]);
    expect([asked, runs]).toStrictEqual([[["call_1", "delete", { path: "a" }]], ["call_1"]]);
  });

  it("is not made when a person declines it", async () => {
    expect(await outputOf(() => false)).toStrictEqual(toldOutput("error: the call was declined by the user"));
    expect(runs).toStrictEqual([]);
  });

  it("is not made when a person says why not", async () => {
    expect(await outputOf(async () => "not that one")).toStrictEqual(
      toldOutput("error: the call was declined: not that one"),
    );
    expect(runs).toStrictEqual([]);
  });

  it("is not made where nobody can approve of it", async () => {
    expect(await outputOf()).toStrictEqual(toldOutput("error: the call was declined: nobody can approve it here"));
    expect(runs).toStrictEqual([]);
  });

  it("is not made when the hook fails", async () => {
    const failing = () => {
      throw new Error("the terminal is gone");
    };
    expect(await outputOf(failing)).toStrictEqual(toldOutput("error: the terminal is gone"));
    expect(runs).toStrictEqual([]);
  });

  it("is not made when the turn is interrupted, even where the answer comes later", async () => {
    const answered = newGate();
    let signal: AbortSignal | undefined;
    const thread = await open(async (call) => {
      signal = call.signal;
      await answered.opened;
      return true;
    });
    const events = new ToldEvents(thread);
    scene.provider.answerNext([calls("delete")]);
    await thread.submit(USER_TURN);
    await events.until("active approval");
    await thread.submit({ type: "interrupt" });
    expect([signal?.aborted, thread.status]).toStrictEqual([true, { type: "idle" }]);
    answered.open();
    await thread.agentStopped();
    expect([runs, thread.status]).toStrictEqual([[], { type: "idle" }]);
    expect((await events.until("turnEnded")).slice(-3)).toStrictEqual([
      "active approval",
      "idle",
      "turnEnded interrupted",
    ]);
    expect((await lastTurnOf(scene.store, thread.threadId)).slice(-3)).toStrictEqual([
      "token_count",
      "user: <turn_aborted>",
      "turn_aborted",
    ]);
  });

  it("that nobody ever answers does not keep the agent from stopping", async () => {
    const thread = await open(() => never());
    const events = new ToldEvents(thread);
    scene.provider.answerNext([calls("delete")]);
    await thread.submit(USER_TURN);
    await events.until("active approval");
    await thread.submit({ type: "interrupt" });
    await thread.agentStopped();
    expect([runs, thread.isAgentStopping]).toStrictEqual([[], false]);
  });

  it("waits for its own answer, with others of one answer of the model", async () => {
    const [first, second, asked] = [newGate(), newGate(), newGate()];
    const thread = await open(async ({ callId }) => {
      if (callId === "call_2") asked.open();
      await (callId === "call_1" ? first : second).opened;
      return callId === "call_1";
    });
    const events = new ToldEvents(thread);
    scene.provider.answerNext([calls("delete", {}, "call_1"), calls("delete", {}, "call_2")]);
    await thread.submit(USER_TURN);
    await asked.opened;
    expect([thread.status, runs]).toStrictEqual([{ type: "active", waitingOn: ["approval"] }, []]);
    second.open();
    first.open();
    await events.until("turnEnded completed");
    expect(runs).toStrictEqual(["call_1"]);
    expect(scene.provider.requests[1]?.input.slice(-2)).toStrictEqual([
      toldOutput("deleted", "call_1"),
      toldOutput("error: the call was declined by the user", "call_2"),
    ]);
  });
});
