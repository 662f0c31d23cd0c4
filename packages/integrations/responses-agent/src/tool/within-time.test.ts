import { describe, expect, it } from "vitest";
import { TimeoutError, withinTime } from "./within-time.js";

const never = () => new Promise<never>(() => {});

describe("withinTime", () => {
  it("gives what the work comes to, at once or later", async () => {
    const { signal } = new AbortController();
    expect([await withinTime(null, signal, () => 1), await withinTime(1_000, signal, async () => 2)]).toStrictEqual([
      1, 2,
    ]);
  });

  it("fails as the work does, even where that throws at once", async () => {
    const failing = () => {
      throw new RangeError("too far");
    };
    await expect(withinTime(null, new AbortController().signal, failing)).rejects.toThrow(RangeError);
  });

  it("stops work that takes too long, and waits for it no more", async () => {
    let own: AbortSignal | undefined;
    const slow = withinTime(1, new AbortController().signal, (signal) => {
      own = signal;
      return never();
    });
    await expect(slow).rejects.toThrow(new TimeoutError("it took more than 1 ms and was stopped"));
    expect([own?.aborted, own?.reason]).toStrictEqual([true, await slow.catch((error) => error)]);
  });

  it("stops work when the outer signal is aborted, for the same reason", async () => {
    const outer = new AbortController();
    let own: AbortSignal | undefined;
    const stopped = withinTime(null, outer.signal, (signal) => {
      own = signal;
      outer.abort(new Error("interrupted"));
      return never();
    });
    await expect(stopped).rejects.toThrow("interrupted");
    expect(own?.aborted).toBe(true);
  });

  it("does not begin work that is to be stopped already", async () => {
    let runs = 0;
    const late = withinTime(null, AbortSignal.abort(new Error("interrupted")), () => {
      runs += 1;
    });
    await expect(late).rejects.toThrow("interrupted");
    expect(runs).toBe(0);
  });

  it("aborts nothing after the work is done", async () => {
    const outer = new AbortController();
    let own: AbortSignal | undefined;
    await withinTime(null, outer.signal, (signal) => {
      own = signal;
    });
    outer.abort();
    expect(own?.aborted).toBe(false);
  });
});
