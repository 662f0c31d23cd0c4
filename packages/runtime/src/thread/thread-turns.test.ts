import { DEFAULT_LIMITS, openMemoryThreadStore, ThreadStoreError } from "@threadstore/core";
import { describe, expect, it } from "vitest";
import { never, newGate } from "../../../../test/support/gate.js";
import { openScene, text, USAGE, userTurn } from "../../test/support/runtime-scene.js";
import { silent } from "../../test/support/silent-work.js";
import { payloadsOf, recordsOf, turnsOf } from "../../test/support/stored-records.js";
import { allOf, wordsOf } from "../../test/support/told-events.js";
import type { AgentEvent } from "../agent/agent.js";
import { AgentFailure } from "../agent/agent-failure.js";
import { echoAgent, type ScriptedTurn, scriptedAgent } from "../agent/scripted-agent.js";

const ANSWER = { type: "message", id: "msg_1", text: "done" } as const;
/** One item of so many bytes is refused; the beginning of a turn is shorter. */
const LINE_MAX_BYTES = 4_000;
const LONG = "x".repeat(LINE_MAX_BYTES);

async function threadOf(...script: readonly ScriptedTurn[]) {
  const store = openMemoryThreadStore({ limits: { ...DEFAULT_LIMITS, lineMaxBytes: LINE_MAX_BYTES } });
  const scene = openScene({ agent: scriptedAgent(script), store });
  return { ...scene, thread: await scene.manager.startThread() };
}

/** A turn that yields what no types allow. */
function yields(...events: readonly unknown[]): ScriptedTurn {
  return events as readonly AgentEvent[];
}

describe("an agent that fails", () => {
  it.each<[string, ScriptedTurn, string]>([
    [
      "throws at once",
      () => {
        throw new Error("no");
      },
      "no",
    ],
    [
      "throws later",
      async function* () {
        yield ANSWER;
        throw new Error("no");
      },
      "no",
    ],
    [
      "throws what is no error",
      () => {
        throw "no";
      },
      "no",
    ],
    [
      "throws nothing",
      () => {
        throw undefined;
      },
      "undefined",
    ],
    ["yields nothing", yields(undefined), "Cannot read properties of undefined (reading 'type')"],
    ["yields what nobody knows", yields({ type: "dance" }), "an agent yielded an event of no known type: dance"],
  ])("because it %s fails its turn, and the thread goes on", async (_why, work, message) => {
    const { store, thread } = await threadOf(work, [ANSWER]);
    expect(await thread.runTurn("one")).toMatchObject({ status: "failed", error: { message }, lastMessage: null });
    expect([thread.status, await payloadsOf(store, thread.threadId, "task_complete")]).toMatchObject([
      { type: "idle" },
      [{ last_agent_message: null, error: { message, codex_error_info: "other" } }],
    ]);
    expect(await thread.runTurn("two")).toMatchObject({ status: "completed", lastMessage: "done" });
  });

  it("throws synchronously, before there is anything to iterate", async () => {
    const agent = {
      runTurn: () => {
        throw new Error("no");
      },
    };
    const thread = await openScene({ agent }).manager.startThread();
    expect(await thread.runTurn("one")).toMatchObject({ status: "failed", error: { message: "no" } });
  });

  it("says what kind of failure it was", async () => {
    const codexErrorInfo = { http_connection_failed: { http_status_code: 500 } };
    const { store, thread } = await threadOf(() => {
      throw new AgentFailure("away", { codexErrorInfo });
    });
    const error = { message: "away", codexErrorInfo };
    expect(await thread.runTurn("one")).toMatchObject({ status: "failed", error });
    expect(await payloadsOf(store, thread.threadId, "task_complete")).toMatchObject([
      { error: { message: "away", codex_error_info: codexErrorInfo } },
    ]);
  });

  it("says more than a store takes, and is told to stop", async () => {
    let isCleanedUp = false;
    const { store, thread } = await threadOf(
      async function* () {
        try {
          yield { type: "tokens", usage: USAGE };
          yield { ...ANSWER, text: LONG };
          yield ANSWER;
        } finally {
          isCleanedUp = true;
        }
      },
      [ANSWER],
    );
    expect((await thread.runTurn("one")).status).toBe("failed");
    expect((await recordsOf(store, thread.threadId)).slice(5)).toStrictEqual(["token_count", "task_complete"]);
    expect((await thread.runTurn("two")).status).toBe("completed");
    expect(isCleanedUp).toBe(true);
  });
});

describe("what a user says that a store does not take", () => {
  it("begins no turn, and the next one does", async () => {
    const { store, thread } = await threadOf([ANSWER]);
    const told = allOf(thread.events());
    await expect(thread.submit(userTurn(LONG))).rejects.toMatchObject({ code: "resource_exhausted" });
    expect([thread.status.type, thread.snapshot().activeTurnId]).toStrictEqual(["systemError", undefined]);
    expect(await thread.runTurn("two")).toMatchObject({ status: "completed" });
    await thread.submit({ type: "shutdown" });
    expect(await turnsOf(store, thread.threadId)).toStrictEqual(["completed | UserMessage two | AgentMessage done"]);
    expect(wordsOf(await told)).toStrictEqual([
      "active",
      "turnStarted",
      "systemError",
      "turnEnded failed",
      "active",
      "turnStarted",
      "itemCompleted UserMessage",
      "itemCompleted AgentMessage",
      "idle",
      "turnEnded completed",
      "notLoaded",
      "closed",
    ]);
  });

  it.each(["taken", "not taken", "interrupted"])("fails the turn that it was to steer, when it is %s", async (how) => {
    const [begun, steered] = [newGate(), newGate()];
    const { store, thread } = await threadOf(
      silent(async ({ takeInput }) => {
        begun.open();
        await steered.opened;
        if (how === "taken") await takeInput();
      }),
      [ANSWER],
    );
    const ended = thread.runTurn("one");
    await begun.opened;
    await thread.submit({ type: "steer", input: text(LONG) });
    await thread.submit({ type: "steer", input: text("short") });
    if (how === "interrupted") await thread.submit({ type: "interrupt" });
    else steered.open();
    expect([(await ended).status, thread.status]).toStrictEqual(["failed", { type: "idle" }]);
    expect((await recordsOf(store, thread.threadId)).slice(5)).toStrictEqual([
      "user: short",
      "seen UserMessage",
      "task_complete",
    ]);
  });
});

describe("a store that fails in mid-turn", () => {
  it("once fails the turn, which is recorded", async () => {
    const { held, store, thread } = await threadOf([ANSWER], [ANSWER]);
    let calls = 0;
    held.intercept("appendItems", async (proceed) => {
      calls += 1;
      if (calls === 2) throw new ThreadStoreError("unavailable", "the disk is away");
      return proceed();
    });
    expect(await thread.runTurn("one")).toMatchObject({ status: "failed", error: { message: "the disk is away" } });
    expect(thread.status).toStrictEqual({ type: "idle" });
    expect(await recordsOf(store, thread.threadId)).toContain("task_complete");
  });

  it.each(["appendItems", "flushThread"] as const)(
    "and goes on to fail its %s is a fault of the system; the next turn ends the one before",
    async (operation) => {
      const broken = newGate();
      const { held, store, thread } = await threadOf(
        async function* () {
          await broken.opened;
          yield ANSWER;
        },
        [ANSWER],
      );
      const ended = thread.runTurn("one");
      await thread.submit({ type: "name", name: "a thread" });
      held.fail(operation);
      broken.open();
      expect(await ended).toMatchObject({ status: "failed", error: { message: "made to fail" } });
      expect(thread.status).toStrictEqual({ type: "systemError", message: "made to fail" });
      if (operation === "appendItems") {
        await expect(thread.runTurn("two")).rejects.toMatchObject({ code: "unavailable" });
        expect(thread.status.type).toBe("systemError");
      }
      held.mend(operation);
      expect(await thread.runTurn("three")).toMatchObject({ status: "completed" });
      expect(thread.status).toStrictEqual({ type: "idle" });
      const left =
        operation === "appendItems" ? ["turn_aborted"] : ["seen AgentMessage", "assistant: done", "task_complete"];
      expect((await recordsOf(store, thread.threadId)).slice(5)).toStrictEqual([
        ...left,
        "task_started",
        "turn_context",
        "user: three",
        "seen UserMessage",
        "seen AgentMessage",
        "assistant: done",
        "task_complete",
      ]);
    },
  );
});

describe("a compaction", () => {
  const replacementHistory = [{ type: "message", role: "user", content: [{ type: "input_text", text: "left" }] }];
  const compaction: AgentEvent = { type: "compaction", summary: "short", replacementHistory };

  it("is unsupported by an agent that has none, and harms no turn", async () => {
    const finish = newGate();
    const { thread } = await threadOf(
      silent(async () => {
        await finish.opened;
      }),
    );
    const ended = thread.runTurn("one");
    const compacted = thread.submit({ type: "compact" });
    await expect(compacted).rejects.toMatchObject({ code: "unsupported", operation: "compact" });
    finish.open();
    expect((await ended).status).toBe("completed");
  });

  it("interrupts the turn that is running, and has one of its own", async () => {
    const { manager, store } = openScene({
      agent: {
        ...scriptedAgent([
          silent(async () => {
            await never();
          }),
        ]),
        compact: async function* () {
          yield compaction;
        },
      },
      limits: { agentStopMaxMs: 1 },
    });
    const thread = await manager.startThread();
    const ended = thread.runTurn("one");
    const turnId = await thread.submit({ type: "compact" });
    expect([(await ended).status, (await thread.untilIdle())?.turnId]).toStrictEqual(["interrupted", turnId]);
    expect((await recordsOf(store, thread.threadId)).slice(5)).toStrictEqual([
      "user: <turn_aborted>",
      "turn_aborted",
      "task_started",
      "compacted",
      "turn_context",
      "seen ContextCompaction",
      "task_complete",
    ]);
  });

  it("is not steered: what a user says meanwhile begins a turn after it", async () => {
    const [begun, finish] = [newGate(), newGate()];
    const compact = async function* () {
      begun.open();
      await finish.opened;
      yield compaction;
    };
    const { manager, store } = openScene({ agent: { ...echoAgent(), compact } });
    const thread = await manager.startThread();
    await thread.runTurn("one");
    const compactionId = await thread.submit({ type: "compact" });
    await begun.opened;
    const steer = thread.submit({ type: "steer", input: text("left") });
    await expect(steer).rejects.toMatchObject({ code: "conflict" });
    const ended = thread.runTurn("two");
    finish.open();
    const end = await ended;
    expect([end.lastMessage, end.turnId === compactionId]).toStrictEqual(["two", false]);
    expect(await turnsOf(store, thread.threadId)).toStrictEqual([
      "completed | UserMessage one | AgentMessage one",
      "completed | ContextCompaction",
      "completed | UserMessage two | AgentMessage two",
    ]);
  });

  it("does not hold up a shutdown, though a turn was asked for after it", async () => {
    const begun = newGate();
    const compact = silent(async () => {
      begun.open();
      await never();
    });
    const { manager } = openScene({ agent: { ...echoAgent(), compact }, limits: { agentStopMaxMs: 1 } });
    const thread = await manager.startThread();
    await thread.submit({ type: "compact" });
    await begun.opened;
    const started = thread.submit(userTurn("two")).catch(() => undefined);
    await thread.submit({ type: "shutdown" });
    await started;
    expect(thread.status).toStrictEqual({ type: "notLoaded" });
  });
});
