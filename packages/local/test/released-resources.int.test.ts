import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Child } from "./support/child.js";
import { THREAD_ID } from "./support/core-turn-histories.js";
import { writeLongThread } from "./support/long-thread.js";
import { makeHome } from "./support/write-home.js";

const PROCESS = new URL("./support/resource-process.js", import.meta.url);

/** What a process holds. */
interface Resources {
  /** What keeps it alive. */
  readonly alive: readonly string[];
  /** What its event loop has, also what does not keep it alive. */
  readonly handles: readonly string[];
  readonly timers: number;
  readonly workers: number;
  /** Open files of the home, on Linux. */
  readonly files: readonly string[];
}

type ResourceReport =
  | { readonly type: "before"; readonly held: Resources }
  | { readonly type: "meanwhile"; readonly held: Resources }
  | { readonly type: "after"; readonly held: Resources }
  | { readonly type: "outcome"; readonly outcome: unknown };

let home: ReturnType<typeof makeHome>;

beforeEach(() => {
  home = makeHome();
  writeLongThread(home.path, { historyMode: "paginated", turns: 200, turnBytes: 2_000 });
});

afterEach(() => home.remove());

describe("a store that is closed holds nothing", () => {
  it("after many threads were flushed at once, watched, read and indexed by a worker", async () => {
    const { meanwhile, outcome } = await released("use");
    expect(outcome).toBe(true);
    expect(meanwhile?.workers).toBe(1);
    if (process.platform !== "linux") return;
    expect(meanwhile?.handles).toContain("fs_event");
    expect(meanwhile?.files.some((path) => path.startsWith("/threadstore/log/"))).toBe(true);
  });

  it("while a watch waits for a change, and turns to be indexed", async () => {
    const { meanwhile, outcome } = await released("watch");
    expect(outcome).toBe(true);
    expect(meanwhile?.timers).toBeGreaterThan(0);
    if (process.platform === "linux") expect(meanwhile?.handles).toContain("fs_event");
  });

  it("of a home that cannot be opened or read", async () => {
    const { outcome } = await released("fail");
    expect(outcome).toEqual(["unavailable", "unavailable", "unavailable", "unavailable"]);
  });
});

/** Runs a task in a process of its own, which must hold in the end what it held before. */
async function released(
  task: string,
): Promise<{ readonly meanwhile: Resources | undefined; readonly outcome: unknown }> {
  await using child = new Child<ResourceReport>(PROCESS, [home.path, task, THREAD_ID]);
  const { held: before } = await child.report("before");
  const { held: after } = await child.report("after");
  expect(after).toEqual(before);
  expect(before.files).toEqual([]);
  const meanwhile = child.reports.find((report) => report.type === "meanwhile")?.held;
  const { outcome } = await child.report("outcome");
  return { meanwhile, outcome };
}
