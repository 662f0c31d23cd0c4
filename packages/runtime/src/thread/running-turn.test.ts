import type { ResponseItem } from "@threadstore/core";
import { describe, expect, it } from "vitest";
import { newGate } from "../../../../test/support/gate.js";
import { openScene, text, userTurn } from "../../test/support/runtime-scene.js";
import { silent } from "../../test/support/silent-work.js";
import { recordsOf, toldOf } from "../../test/support/stored-records.js";
import { allOf, wordsOf } from "../../test/support/told-events.js";
import type { AgentEvent, AgentTurn } from "../agent/agent.js";
import { scriptedAgent } from "../agent/scripted-agent.js";
import type { AgentThread } from "./agent-thread.js";

const NOTE: ResponseItem = { type: "message", role: "developer", content: [{ type: "input_text", text: "a note" }] };

function message(words: string): AgentEvent {
  return { type: "message", id: `msg-${words}`, text: words };
}

/** A thread whose agent begins with the given work; later passes say what they are given. */
async function threadOf(work: (turn: AgentTurn) => AsyncIterable<AgentEvent>) {
  const echo = async function* ({ input }: AgentTurn) {
    yield message(input.map((part) => (part.type === "text" ? part.text : "")).join("+"));
  };
  const scene = openScene({ agent: scriptedAgent([work, echo, echo, echo]) });
  return { ...scene, thread: await scene.manager.startThread() };
}

/** Its records after the first user message was shown. */
async function laterRecords(store: Parameters<typeof recordsOf>[0], { threadId }: AgentThread): Promise<string[]> {
  return (await recordsOf(store, threadId)).slice(5);
}

describe("what a user says while a turn goes on", () => {
  it("is recorded when the agent takes it", async () => {
    const [begun, steered] = [newGate(), newGate()];
    const taken: unknown[] = [];
    const { store, thread } = await threadOf(async function* ({ takeInput }) {
      yield message("one");
      begun.open();
      await steered.opened;
      taken.push(await takeInput(), await takeInput());
      yield message("two");
    });
    const turnId = await thread.submit(userTurn("go"));
    await begun.opened;
    const answers = [
      await thread.submit({ type: "steer", input: text("left"), turnId }),
      await thread.submit(userTurn("right")),
    ];
    steered.open();
    expect(await thread.untilIdle()).toMatchObject({ status: "completed", lastMessage: "two" });
    expect(answers).toStrictEqual([turnId, turnId]);
    const said = (words: string) => ({
      type: "message",
      role: "user",
      content: [{ type: "input_text", text: words }],
    });
    expect(taken).toStrictEqual([[said("left"), said("right")], []]);
    expect(await laterRecords(store, thread)).toStrictEqual([
      "seen AgentMessage",
      "assistant: one",
      "user: left",
      "seen UserMessage",
      "user: right",
      "seen UserMessage",
      "seen AgentMessage",
      "assistant: two",
      "task_complete",
    ]);
  });

  it("and nobody takes, its agent is run again with", async () => {
    const [begun, steered] = [newGate(), newGate()];
    const { store, thread } = await threadOf(async function* () {
      begun.open();
      await steered.opened;
      yield message("one");
    });
    const ended = thread.runTurn("go");
    await begun.opened;
    await thread.submit({ type: "steer", input: text("left") });
    await thread.submit({ type: "steer", input: text("right") });
    steered.open();
    expect(await ended).toMatchObject({ status: "completed", lastMessage: "left+right" });
    expect(await laterRecords(store, thread)).toStrictEqual([
      "seen AgentMessage",
      "assistant: one",
      "user: left",
      "seen UserMessage",
      "user: right",
      "seen UserMessage",
      "seen AgentMessage",
      "assistant: left+right",
      "task_complete",
    ]);
  });

  it("while what was said before is recorded is answered after it", async () => {
    const [begun, steered] = [newGate(), newGate()];
    const { held, store, thread } = await threadOf(
      silent(async () => {
        begun.open();
        await steered.opened;
      }),
    );
    const ended = thread.runTurn("go");
    await begun.opened;
    await thread.submit({ type: "steer", input: text("left") });
    held.intercept("appendItems", async (proceed) => {
      held.mend("appendItems");
      await thread.submit({ type: "steer", input: text("right") });
      return proceed();
    });
    steered.open();
    expect(await ended).toMatchObject({ status: "completed", lastMessage: "right" });
    expect((await laterRecords(store, thread)).filter((record) => record.includes(": "))).toStrictEqual([
      "user: left",
      "assistant: left",
      "user: right",
      "assistant: right",
    ]);
  });

  it("at its very end is answered, or refused, and never left without an answer", async () => {
    const answered = async (ticks: number) => {
      const [begun, finish] = [newGate(), newGate()];
      const { store, thread } = await threadOf(
        silent(async () => {
          begun.open();
          await finish.opened;
        }),
      );
      await thread.submit(userTurn("go"));
      await begun.opened;
      finish.open();
      for (let tick = 0; tick < ticks; tick += 1) await null;
      const steered = await thread.submit({ type: "steer", input: text("late") }).then(
        () => true,
        () => false,
      );
      await thread.untilIdle();
      const records = await laterRecords(store, thread);
      return [steered, records.includes("user: late"), records.includes("assistant: late")].join();
    };
    for (let ticks = 0; ticks < 40; ticks += 1) {
      expect([`true,true,true`, `false,false,false`]).toContain(await answered(ticks));
    }
  });

  it.each(["interrupted", "failed"] as const)("is recorded though the turn is %s", async (status) => {
    const [begun, failing] = [newGate(), newGate()];
    const { store, thread } = await threadOf(async function* () {
      begun.open();
      yield message("one");
      await failing.opened;
      throw new Error("no");
    });
    const ended = thread.runTurn("go");
    await begun.opened;
    await thread.submit({ type: "steer", input: text("left") });
    await thread.submit({ type: "steer", input: text("right") });
    if (status === "failed") failing.open();
    else await thread.submit({ type: "interrupt" });
    expect((await ended).status).toBe(status);
    const said = (await recordsOf(store, thread.threadId)).filter((record) => record.startsWith("user: "));
    expect(said.slice(0, 3)).toStrictEqual(["user: go", "user: left", "user: right"]);
  });

  it("is refused when another turn is running, or none", async () => {
    const finish = newGate();
    const { thread } = await threadOf(
      silent(async () => {
        await finish.opened;
      }),
    );
    const steer = { type: "steer", input: text("left") } as const;
    await expect(thread.submit(steer)).rejects.toMatchObject({ code: "conflict" });
    await thread.submit(userTurn("go"));
    await expect(thread.submit({ ...steer, turnId: "another" })).rejects.toMatchObject({ code: "conflict" });
    await expect(thread.submit({ ...steer, input: [] })).rejects.toMatchObject({ code: "invalid_request" });
    finish.open();
    await thread.untilIdle();
    await expect(thread.submit(steer)).rejects.toMatchObject({ code: "conflict" });
  });

  it("with settings of its own changes those of the turns to come", async () => {
    const [begun, finish] = [newGate(), newGate()];
    const { thread } = await threadOf(
      silent(async () => {
        begun.open();
        await finish.opened;
      }),
    );
    const turnId = await thread.submit(userTurn("go"));
    await begun.opened;
    expect(await thread.submit({ ...userTurn("left"), settings: { model: "other" } })).toBe(turnId);
    finish.open();
    await thread.untilIdle();
    expect(thread.snapshot().settings.model).toBe("other");
  });
});

describe("an interruption", () => {
  it("ends the turn, and what a stubborn agent still does is not recorded", async () => {
    const [begun, interrupted, stopped] = [newGate(), newGate(), newGate()];
    const late: unknown[] = [];
    const { store, thread } = await threadOf(async function* ({ signal, takeInput, whileWaiting }) {
      try {
        yield message("one");
        begun.open();
        await interrupted.opened;
        late.push(signal.aborted, await takeInput(), await whileWaiting("approval", async () => thread.status));
        yield message("late");
      } finally {
        stopped.open();
      }
    });
    const told = allOf(thread.events());
    const turnId = await thread.submit(userTurn("go"));
    await begun.opened;
    await thread.submit({ type: "interrupt", turnId });
    expect([thread.status, thread.isAgentStopping]).toStrictEqual([{ type: "idle" }, true]);
    interrupted.open();
    await thread.agentStopped();
    await stopped.opened;
    expect([late, thread.status, thread.isAgentStopping]).toStrictEqual([
      [true, [], { type: "idle" }],
      { type: "idle" },
      false,
    ]);
    await thread.submit({ type: "shutdown" });
    expect(await laterRecords(store, thread)).toStrictEqual([
      "seen AgentMessage",
      "assistant: one",
      "user: <turn_aborted>",
      "turn_aborted",
    ]);
    expect(wordsOf(await told)).toStrictEqual([
      "active",
      "turnStarted",
      "itemCompleted UserMessage",
      "itemCompleted AgentMessage",
      "idle",
      "turnEnded interrupted",
      "notLoaded",
      "closed",
    ]);
  });

  it("of another turn is refused, and without a turn does nothing", async () => {
    const finish = newGate();
    const { store, thread } = await threadOf(
      silent(async () => {
        await finish.opened;
      }),
    );
    await thread.submit({ type: "interrupt" });
    const turnId = await thread.submit(userTurn("go"));
    const other = thread.submit({ type: "interrupt", turnId: "another" });
    await expect(other).rejects.toMatchObject({ code: "conflict", message: `turn ${turnId} is running, not another` });
    finish.open();
    expect(await thread.untilIdle()).toMatchObject({ status: "completed" });
    expect(await laterRecords(store, thread)).toStrictEqual(["task_complete"]);
  });

  it("resolves when the end is recorded, also of a turn whose beginning is being recorded", async () => {
    const [begun, begin] = [newGate(), newGate()];
    const { held, store, thread } = await threadOf(async function* () {
      yield message("one");
    });
    held.intercept("appendItems", async (proceed) => {
      begun.open();
      await begin.opened;
      return proceed();
    });
    const started = thread.submit(userTurn("go"));
    await begun.opened;
    const interrupted = thread.submit({ type: "interrupt" });
    begin.open();
    await interrupted;
    expect((await recordsOf(store, thread.threadId)).at(-1)).toBe("turn_aborted");
    expect(await thread.untilIdle()).toMatchObject({ turnId: await started, status: "interrupted" });
  });

  it("ends the turn that was asked for before it", async () => {
    const { thread } = await threadOf(
      silent(async () => {
        await newGate().opened;
      }),
    );
    const started = thread.submit(userTurn("go"));
    await thread.submit({ type: "interrupt" });
    expect(await thread.untilIdle()).toMatchObject({ turnId: await started, status: "interrupted" });
  });
});

describe("items that are injected", () => {
  it("into an idle thread are recorded, and told to the model from then on", async () => {
    const { store, thread } = await threadOf(async function* () {});
    await thread.submit({ type: "injectItems", items: [NOTE] });
    await thread.submit({ type: "injectItems", items: [] });
    expect(await recordsOf(store, thread.threadId)).toStrictEqual(["developer: a note"]);
    await thread.runTurn("go");
    expect(await toldOf(store, thread.threadId)).toStrictEqual(["developer: a note", "user: go"]);
  });

  it("into a running turn are taken with what else is said, and make no agent run again", async () => {
    const [begun, steered] = [newGate(), newGate()];
    const taken: unknown[] = [];
    const { store, thread } = await threadOf(async function* ({ takeInput }) {
      begun.open();
      await steered.opened;
      taken.push(...(await takeInput()).map(({ role }) => role));
      yield message("one");
      await thread.submit({ type: "injectItems", items: [NOTE] });
    });
    const ended = thread.runTurn("go");
    await begun.opened;
    await thread.submit({ type: "steer", input: text("left") });
    await thread.submit({ type: "injectItems", items: [NOTE] });
    steered.open();
    expect(await ended).toMatchObject({ status: "completed", lastMessage: "one" });
    expect(taken).toStrictEqual(["user", "developer"]);
    expect(await laterRecords(store, thread)).toStrictEqual([
      "user: left",
      "seen UserMessage",
      "developer: a note",
      "seen AgentMessage",
      "assistant: one",
      "developer: a note",
      "task_complete",
    ]);
  });

  it("are told to an agent once: by the history, or by what it takes", async () => {
    const [begun, injected] = [newGate(), newGate()];
    let told: readonly ResponseItem[] = [];
    const { thread } = await threadOf(
      silent(async ({ history, takeInput }) => {
        begun.open();
        await injected.opened;
        const before = await history();
        told = [...before, ...(await takeInput())];
      }),
    );
    const ended = thread.runTurn("go");
    await begun.opened;
    await thread.submit({ type: "injectItems", items: [NOTE] });
    injected.open();
    await ended;
    expect(told.filter(({ role }) => role === "developer")).toStrictEqual([NOTE]);
  });
});

describe("an agent that waits for a person", () => {
  it("says for what, also when it waits for several", async () => {
    const { thread } = await threadOf(async function* ({ whileWaiting }) {
      await whileWaiting("approval", async () => whileWaiting("userInput", async () => undefined));
      const [first, second] = [newGate(), newGate()];
      const both = [whileWaiting("userInput", () => first.opened), whileWaiting("approval", () => second.opened)];
      first.open();
      await both[0];
      second.open();
      await both[1];
      await whileWaiting("approval", () => Promise.reject(new Error("no"))).catch(() => undefined);
    });
    const told = allOf(thread.events());
    await thread.runTurn("go");
    await thread.submit({ type: "shutdown" });
    const statuses = wordsOf((await told).filter(({ type }) => type === "statusChanged"));
    expect(statuses).toStrictEqual([
      "active",
      "active approval",
      "active approval userInput",
      "active approval",
      "active",
      "active userInput",
      "active userInput approval",
      "active approval",
      "active",
      "active approval",
      "active",
      "idle",
      "notLoaded",
    ]);
  });

  it("for the same thing twice says so once", async () => {
    const seen: unknown[] = [];
    const { thread } = await threadOf(async function* ({ whileWaiting }) {
      await whileWaiting("approval", () =>
        whileWaiting("approval", async () => {
          seen.push(thread.status);
        }),
      );
    });
    await thread.runTurn("go");
    expect(seen).toStrictEqual([{ type: "active", waitingOn: ["approval"] }]);
  });
});
