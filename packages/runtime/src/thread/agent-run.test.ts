import { describe, expect, it } from "vitest";
import { never } from "../../../../test/support/gate.js";
import { silent } from "../../test/support/silent-work.js";
import type { AgentEvent } from "../agent/agent.js";
import { AgentRun, type AgentStep } from "./agent-run.js";

const WARNING: AgentEvent = { type: "warning", message: "careful" };

/** The steps of a run until it is over. */
async function stepsOf(run: AgentRun): Promise<AgentStep[]> {
  const steps: AgentStep[] = [];
  for (;;) {
    const step = await run.next();
    steps.push(step);
    if (step.type !== "event") return steps;
  }
}

function runOf(begin: () => AsyncIterable<AgentEvent>): { readonly run: AgentRun; readonly stopper: AbortController } {
  const stopper = new AbortController();
  return { run: new AgentRun(begin, stopper.signal), stopper };
}

async function* warns(): AsyncGenerator<AgentEvent> {
  yield WARNING;
}

describe("AgentRun", () => {
  it("tells what an agent yields, and that it is done", async () => {
    expect(await stepsOf(runOf(warns).run)).toStrictEqual([{ type: "event", event: WARNING }, { type: "done" }]);
  });

  it.each([
    [
      "throws before it begins",
      () => {
        throw new Error("no");
      },
    ],
    [
      "throws at its first step",
      silent(async () => {
        throw new Error("no");
      }),
    ],
    ["gives nothing to iterate", () => ({})],
    ["gives nothing at all", () => undefined],
  ])("of an agent that %s has failed", async (_what, begin) => {
    const { run } = runOf(begin as unknown as () => AsyncIterable<AgentEvent>);
    expect(await stepsOf(run)).toMatchObject([{ type: "failed", error: expect.any(Error) }]);
    await run.stop();
  });

  it("is interrupted at once, though its agent goes on", async () => {
    const { run, stopper } = runOf(async function* () {
      await never();
      yield WARNING;
    });
    const step = run.next();
    stopper.abort();
    expect([await step, await run.next()]).toStrictEqual([{ type: "interrupted" }, { type: "interrupted" }]);
  });

  it("that was interrupted before it began asks nothing of its agent", async () => {
    let begun = 0;
    const { run, stopper } = runOf(() => {
      begun += 1;
      return warns();
    });
    stopper.abort();
    expect(await run.next()).toStrictEqual({ type: "interrupted" });
    await run.stop();
    expect(begun).toBe(0);
  });

  it("stops an agent that has more to say, and lets it clean up", async () => {
    let isCleanedUp = false;
    const { run } = runOf(async function* () {
      try {
        yield WARNING;
        yield WARNING;
      } finally {
        isCleanedUp = true;
      }
    });
    await run.next();
    await run.stop();
    expect(isCleanedUp).toBe(true);
  });

  it.each([
    ["rejects", () => Promise.reject(new Error("no"))],
    [
      "throws",
      () => {
        throw new Error("no");
      },
    ],
  ])("stops an agent whose return %s", async (_how, stop) => {
    const events = { next: async () => ({ done: false, value: WARNING }), return: stop } as AsyncIterator<AgentEvent>;
    const { run } = runOf(() => ({ [Symbol.asyncIterator]: () => events }));
    await run.next();
    expect(await run.stop()).toBeUndefined();
  });
});
