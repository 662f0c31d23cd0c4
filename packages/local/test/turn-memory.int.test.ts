import { type ChildProcess, fork } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { THREAD_ID } from "./support/core-turn-histories.js";
import { LONG_ROLLOUT, LongLines, writeLongThread } from "./support/long-thread.js";
import { makeHome } from "./support/write-home.js";
import { ZstdFrameWriter } from "./support/zstd-frame.js";

const SCRIPT = new URL("./support/turn-process.js", import.meta.url);
const MB = 1024 * 1024;
const PEAK_MAX_BYTES = 250 * MB;

let home: ReturnType<typeof makeHome>;
let child: ChildProcess | undefined;

beforeEach(() => {
  home = makeHome();
});

afterEach(() => {
  child?.kill("SIGKILL");
  home.remove();
});

// A process with a small heap pages the whole thread both ways, and never takes more memory than a few of its lines.
describe.each(["paginated", "legacy"] as const)("paging the turns of a %s thread", (historyMode) => {
  it("with lines of 10 MB takes little memory", async () => {
    writeLongThread(home.path, { historyMode, turns: 10, turnBytes: 10 * MB });
    const { turns, isSame, peakBytes } = await measured();
    expect([turns, isSame]).toEqual([10, true]);
    expect(peakBytes).toBeLessThanOrEqual(PEAK_MAX_BYTES);
  });

  it("of 100 MB that is compressed takes little memory", async () => {
    writeCompressed({ historyMode, turns: 1_000, turnBytes: 100 * 1024 });
    const { turns, isSame, peakBytes } = await measured();
    expect([turns, isSame]).toEqual([1_000, true]);
    expect(peakBytes).toBeLessThanOrEqual(PEAK_MAX_BYTES);
  });
});

function writeCompressed(thread: ConstructorParameters<typeof LongLines>[0]): void {
  writeLongThread(home.path, { ...thread, turns: 0 });
  const lines = new LongLines(thread);
  const file = fs.openSync(join(home.path, `${LONG_ROLLOUT}.zst`), "w");
  const frame = new ZstdFrameWriter((bytes) => fs.writeSync(file, bytes));
  frame.write(Buffer.from(lines.head()));
  for (let at = 0; at < thread.turns; at++) frame.write(Buffer.from(lines.turn(at)));
  frame.end();
  fs.closeSync(file);
  fs.rmSync(join(home.path, LONG_ROLLOUT));
}

interface Measured {
  readonly turns: number;
  readonly isSame: boolean;
  readonly peakBytes: number;
}

function measured(): Promise<Measured> {
  const task = JSON.stringify({ type: "measured", threadId: THREAD_ID });
  const started = fork(SCRIPT, [home.path, task], { execArgv: ["--max-old-space-size=64"] });
  child = started;
  return new Promise((resolve, reject) => {
    started.on("message", ({ outcome }: { readonly outcome?: MeasuredTurns }) => {
      if (outcome) resolve({ ...outcome, turns: outcome.turns.length });
    });
    started.once("exit", (code) => reject(new Error(`the process ended with ${code}`)));
  });
}

type MeasuredTurns = Omit<Measured, "turns"> & { readonly turns: readonly unknown[] };
