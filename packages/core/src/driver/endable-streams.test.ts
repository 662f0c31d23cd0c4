import { describe, expect, it } from "vitest";
import type { CallOptions } from "../store/params.js";
import { runStream } from "./call.js";
import { EndableStreams } from "./endable-streams.js";

const DONE = { done: true, value: undefined };

/** A stream of numbers that waits for ever after the last one. */
function numbers(count: number, closed: () => void = () => {}) {
  return (options: CallOptions) =>
    runStream("count", options, async function* () {
      try {
        for (let number = 0; number < count; number++) yield number;
        await new Promise((_resolve, reject) => {
          options.signal?.addEventListener("abort", () => reject(options.signal?.reason), { once: true });
        });
      } finally {
        closed();
      }
    });
}

describe("a stream that can be ended", () => {
  it("passes pieces, and the end, on", async () => {
    const streams = new EndableStreams();
    const stream = streams.open(undefined, async function* () {
      yield* [1, 2];
    });
    expect([await stream.next(), await stream.next(), await stream.next(), await stream.next()]).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
      DONE,
      DONE,
    ]);
  });

  it("is not started before its first step", async () => {
    let starts = 0;
    const streams = new EndableStreams();
    const stream = streams.open(undefined, (options) => {
      starts++;
      return numbers(1)(options);
    });
    streams.endAll();
    expect(starts).toBe(0);
    expect([await stream.next(), starts]).toEqual([{ done: false, value: 0 }, 1]);
    expect(await stream.return()).toEqual(DONE);
    expect(await streams.open(undefined, numbers(1)).return()).toEqual(DONE);
  });

  it("ends while a step waits: that step is done, and the source is closed", async () => {
    let closed = 0;
    const stream = new EndableStreams().open(
      {},
      numbers(0, () => closed++),
    );
    const step = stream.next();
    expect(await stream.return()).toEqual(DONE);
    expect([await step, await stream.next()]).toEqual([DONE, DONE]);
    await Promise.resolve();
    expect(closed).toBe(1);
  });

  it("ends with all others of its owner", async () => {
    const streams = new EndableStreams();
    const steps = [streams.open({}, numbers(0)).next(), streams.open({}, numbers(0)).next()];
    streams.endAll();
    expect(await Promise.all(steps)).toEqual([DONE, DONE]);
  });

  it("ends between two steps", async () => {
    const streams = new EndableStreams();
    const stream = streams.open({}, numbers(5));
    await stream.next();
    streams.endAll();
    expect(await stream.next()).toEqual(DONE);
  });

  it("fails when its caller's signal is aborted, before or while it waits", async () => {
    const streams = new EndableStreams();
    const aborted = streams.open({ signal: AbortSignal.abort("why") }, numbers(1));
    await expect(aborted.next()).rejects.toMatchObject({ code: "unavailable", cause: "why" });
    const controller = new AbortController();
    const stream = streams.open({ signal: controller.signal }, numbers(0));
    const step = stream.next();
    controller.abort("why");
    await expect(step).rejects.toMatchObject({ code: "unavailable", cause: "why" });
    expect(await stream.next()).toEqual(DONE);
  });
});
