import { describe, expect, it } from "vitest";
import type { CallOptions } from "../store/params.js";
import { runCall, runStream } from "./call.js";

const CANCELLED = { code: "unavailable", message: "readThread was cancelled by its caller" };
const EXPIRED = { code: "unavailable", message: "readThread did not end within its deadline of 5 ms" };
const LONG_MS = 60_000;

describe("a call", () => {
  it("without signal and deadline gives the work none", async () => {
    for (const options of [undefined, {}]) {
      expect(await runCall("readThread", options, async (given) => given)).toStrictEqual({});
    }
  });

  it("answers what the work answers, and fails as it fails", async () => {
    const failure = new Error("no");
    for (const options of [{}, { deadlineMs: LONG_MS }, { signal: new AbortController().signal }]) {
      expect(await runCall("readThread", options, async () => "answer")).toBe("answer");
      await expect(runCall("readThread", options, () => Promise.reject(failure))).rejects.toBe(failure);
    }
  });

  it("gives the work a signal, and no deadline", async () => {
    const options = await runCall("readThread", { deadlineMs: LONG_MS }, async (given) => given);
    expect(options).toStrictEqual({ signal: expect.any(AbortSignal) });
    expect(options.signal?.aborted).toBe(false);
  });

  it("that was cancelled before does no work", async () => {
    let isStarted = false;
    const call = runCall("readThread", { signal: AbortSignal.abort("why"), deadlineMs: LONG_MS }, async () => {
      isStarted = true;
    });
    await expect(call).rejects.toMatchObject({ ...CANCELLED, cause: "why" });
    expect(isStarted).toBe(false);
  });

  it("that is cancelled ends at once, and the work is told", async () => {
    const controller = new AbortController();
    const work = endless();
    const call = runCall("readThread", { signal: controller.signal, deadlineMs: LONG_MS }, work.run);
    controller.abort("why");
    await expect(call).rejects.toMatchObject({ ...CANCELLED, cause: "why" });
    expect(work.given[0]?.signal?.reason).toMatchObject(CANCELLED);
  });

  it("past its deadline ends, and the work is told", async () => {
    const work = endless();
    await expect(runCall("readThread", { deadlineMs: 5 }, work.run)).rejects.toMatchObject(EXPIRED);
    expect(work.given[0]?.signal?.reason).toMatchObject(EXPIRED);
  });

  it("of a deadline of 0 may still answer what is there at once", async () => {
    expect(await runCall("readThread", { deadlineMs: 0 }, async () => "answer")).toBe("answer");
    await expect(runCall("readThread", { deadlineMs: 0 }, endless().run)).rejects.toMatchObject({
      code: "unavailable",
    });
  });

  it("a deadline longer than a timer can wait is no deadline of now", async () => {
    const call = runCall(
      "readThread",
      { deadlineMs: 2 ** 40 },
      () => new Promise((resolve) => setImmediate(resolve, "answer")),
    );
    expect(await call).toBe("answer");
  });

  it("whatever becomes of the work after a cancel is nobody's concern", async () => {
    const controller = new AbortController();
    let fail = (_reason: Error): void => {};
    const call = runCall("readThread", { signal: controller.signal }, () => {
      return new Promise((_resolve, reject) => {
        fail = reject;
      });
    });
    controller.abort();
    await expect(call).rejects.toMatchObject(CANCELLED);
    fail(new Error("late"));
    await turnOfEventLoop();
  });

  it("a cancel after the answer changes nothing", async () => {
    const controller = new AbortController();
    const options = await runCall("readThread", { signal: controller.signal }, async (given) => given);
    controller.abort();
    expect(options.signal?.aborted).toBe(false);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("a deadline of %d is refused", async (deadlineMs) => {
    await expect(runCall("readThread", { deadlineMs }, async () => {})).rejects.toMatchObject({
      code: "invalid_request",
      message: `readThread: deadlineMs must be a number of 0 or more, found ${deadlineMs}`,
    });
  });
});

describe("a call that answers in pieces", () => {
  it("gives the pieces in order", async () => {
    for (const options of [undefined, {}, { deadlineMs: LONG_MS }, { signal: new AbortController().signal }]) {
      expect(await all(runStream("readThread", options, () => pieces(3)))).toStrictEqual([0, 1, 2]);
    }
  });

  it("fails as the work fails, after the pieces before", async () => {
    const failure = new Error("no");
    const seen: number[] = [];
    for (const options of [{}, { deadlineMs: LONG_MS }]) {
      await expect(
        all(
          runStream("readThread", options, () => pieces(2, failure)),
          seen,
        ),
      ).rejects.toBe(failure);
    }
    expect(seen).toStrictEqual([0, 1, 0, 1]);
  });

  it("that was cancelled before does no work", async () => {
    let isStarted = false;
    const stream = runStream("readThread", { signal: AbortSignal.abort() }, () => {
      isStarted = true;
      return pieces(1);
    });
    await expect(all(stream)).rejects.toMatchObject(CANCELLED);
    expect(isStarted).toBe(false);
  });

  it("that is cancelled ends at once, between pieces and while it waits for one", async () => {
    for (const waits of [false, true]) {
      const controller = new AbortController();
      const stream = runStream("readThread", { signal: controller.signal }, () =>
        waits ? stuckAfterOne() : pieces(9),
      );
      expect(await stream.next()).toStrictEqual({ done: false, value: 0 });
      const next = waits ? stream.next() : undefined;
      controller.abort();
      await expect(next ?? stream.next()).rejects.toMatchObject(CANCELLED);
    }
  });

  it("past its deadline ends", async () => {
    await expect(all(runStream("readThread", { deadlineMs: 5 }, stuckAfterOne))).rejects.toMatchObject(EXPIRED);
  });

  it.each([
    ["without bounds", {}],
    ["with a deadline", { deadlineMs: LONG_MS }],
    ["with a signal", { signal: new AbortController().signal }],
  ])("%s, left early, closes what it reads from", async (_bounds, options) => {
    const source = closable();
    for await (const _piece of runStream("readThread", options, () => source.pieces)) break;
    expect(source.isClosed()).toBe(true);
  });

  it("that is cancelled between two pieces closes what it reads from", async () => {
    const controller = new AbortController();
    const source = closable();
    const stream = runStream("readThread", { signal: controller.signal }, () => source.pieces);
    await stream.next();
    controller.abort();
    await expect(stream.next()).rejects.toMatchObject(CANCELLED);
    await turnOfEventLoop();
    expect(source.isClosed()).toBe(true);
  });
});

describe("the timer of a deadline", () => {
  const bounds = { deadlineMs: LONG_MS };
  const endings: readonly (readonly [ending: string, run: () => Promise<unknown>])[] = [
    ["an answer", () => runCall("readThread", bounds, async () => "answer")],
    ["a failure", () => runCall("readThread", bounds, () => Promise.reject(new Error("no")))],
    ["a failure at once", () => runCall("readThread", bounds, failAtOnce)],
    ["an earlier cancel", () => runCall("readThread", { ...bounds, signal: AbortSignal.abort() }, async () => {})],
    ["a cancel", () => cancelled((signal) => runCall("readThread", { ...bounds, signal }, endless().run))],
    ["the deadline", () => runCall("readThread", { deadlineMs: 0 }, endless().run)],
    ["the last piece", () => all(runStream("readThread", bounds, () => pieces(3)))],
    ["a failure after pieces", () => all(runStream("readThread", bounds, () => pieces(1, new Error("no"))))],
    ["the reader", () => firstOf(runStream("readThread", bounds, () => pieces(3)))],
    [
      "a cancel before pieces",
      () => cancelled((signal) => firstOf(runStream("readThread", { ...bounds, signal }, stuck))),
    ],
  ];

  it.each(endings)("is gone when the call was ended by %s", async (_ending, run) => {
    // The test runner has timers of its own that come and go: many calls tell ours from those.
    const before = timers();
    for (let call = 0; call < CALLS; call++) await run().catch(() => {});
    expect(timers() - before).toBeLessThan(CALLS / 2);
  });
});

const CALLS = 20;

function timers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
}

function turnOfEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Work that never ends, and what it was given. */
function endless(): { readonly given: CallOptions[]; run(options: CallOptions): Promise<never> } {
  const given: CallOptions[] = [];
  const run = (options: CallOptions) => {
    given.push(options);
    return new Promise<never>(() => {});
  };
  return { given, run };
}

async function* pieces(count: number, failure?: Error): AsyncGenerator<number> {
  for (let piece = 0; piece < count; piece++) yield piece;
  if (failure) throw failure;
}

async function* stuck(): AsyncGenerator<number> {
  await new Promise(() => {});
  yield 0;
}

async function* stuckAfterOne(): AsyncGenerator<number> {
  yield 0;
  await new Promise(() => {});
}

function closable(): { readonly pieces: AsyncIterable<number>; isClosed(): boolean } {
  let isClosed = false;
  async function* read(): AsyncGenerator<number> {
    try {
      yield* pieces(9);
    } finally {
      isClosed = true;
    }
  }
  return { pieces: read(), isClosed: () => isClosed };
}

async function all(stream: AsyncIterable<number>, seen: number[] = []): Promise<number[]> {
  for await (const piece of stream) seen.push(piece);
  return seen;
}

async function firstOf(stream: AsyncIterable<number>): Promise<number | undefined> {
  for await (const piece of stream) return piece;
  return undefined;
}

function failAtOnce(): never {
  throw new Error("no");
}

async function cancelled(start: (signal: AbortSignal) => Promise<unknown>): Promise<unknown> {
  const controller = new AbortController();
  const call = start(controller.signal);
  controller.abort();
  return call;
}
