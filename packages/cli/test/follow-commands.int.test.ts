import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { RolloutItem, ThreadStore } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCommand } from "./support/run-command.js";
import { RunningCommand } from "./support/running-command.js";

const [A, B] = [1, 2].map((number) => `01900000-0000-7000-8000-00000000000${number}`) as [string, string];
const METADATA = { cwd: "/project", originator: "test", cliVersion: "1", source: "cli", modelProvider: "p" } as const;

function event(type: string, fields: Readonly<Record<string, unknown>>): RolloutItem {
  return { type: "event_msg", payload: { type, ...fields } };
}

function said(turnId: string, text: string): RolloutItem[] {
  const item = { type: "UserMessage", id: `user-${text}`, content: [{ type: "text", text }] };
  return [event("task_started", { turn_id: turnId }), event("item_completed", { turn_id: turnId, item })];
}

function answered(turnId: string, text: string): RolloutItem[] {
  const item = { type: "AgentMessage", id: `agent-${text}`, content: [{ type: "Text", text }] };
  return [event("item_completed", { turn_id: turnId, item }), event("task_complete", { turn_id: turnId })];
}

let home: string;
let store: ThreadStore;

beforeEach(async () => {
  home = mkdtempSync(join(realpathSync(tmpdir()), "threadstore-follow-"));
  store = openLocalThreadStore({ home });
  await write(A, said("turn-1", "first question"));
  await store.shutdownThread(A);
});

afterEach(async () => {
  await store[Symbol.asyncDispose]();
  rmSync(home, { recursive: true });
});

async function write(threadId: string, items: readonly RolloutItem[]): Promise<void> {
  await store.createThread({ threadId, metadata: METADATA });
  await store.appendItems({ threadId, items });
}

/** Changes something until the command tells of it: nothing says when it has begun to watch. */
async function renameUntilTold(command: RunningCommand): Promise<void> {
  for (let number = 0; !command.stdout.includes(A) && number < 1_000; number++) {
    await store.updateThreadMetadata({ threadId: A, patch: { name: `name ${number}` } });
    await setTimeout(20);
  }
  await command.until((text) => text.includes(A));
}

describe("threadstore list --follow", () => {
  it("prints threads as they change, a line each, until it is interrupted", async () => {
    await using command = new RunningCommand(["--home", home, "list", "--follow"]);
    await renameUntilTold(command);
    await write(B, said("turn-1", "second thread"));
    await command.until((text) => new RegExp(`^created +${B} {2}second thread$`, "m").test(text));
    await store.shutdownThread(B);
    await store.archiveThread({ threadId: B });
    await command.until((text) => new RegExp(`^archived +${B} {2}second thread$`, "m").test(text));
    await store.deleteThread({ threadId: B });
    await command.until((text) => new RegExp(`^deleted +${B}$`, "m").test(text));
    expect([await command.interrupt(), command.stderr]).toEqual([0, ""]);
  });

  it("prints JSON lines, and only the threads that were asked for", async () => {
    await using command = new RunningCommand(["--home", home, "list", "--follow", "--json", "--cwd", "/project"]);
    await renameUntilTold(command);
    await store.createThread({ threadId: B, metadata: { ...METADATA, cwd: "/elsewhere" } });
    await store.appendItems({ threadId: B, items: said("turn-1", "not asked for") });
    await store.resumeThread({ threadId: A });
    await store.appendItems({ threadId: A, items: answered("turn-1", "first answer") });
    const isAppended = (line: string) => JSON.parse(line).type === "appended";
    const linesOf = (text: string) => text.split("\n").slice(0, -1);
    const lines = linesOf(await command.until((text) => linesOf(text).some(isAppended)));
    expect(JSON.parse(lines.find(isAppended) ?? "")).toMatchObject({
      type: "appended",
      threadId: A,
      nextOrdinal: 5,
      thread: { id: A, cwd: "/project" },
    });
    expect(lines.filter((line) => line.includes(B))).toEqual([]);
    expect([await command.interrupt(), command.stderr]).toEqual([0, ""]);
  });

  it("refuses the options of a page", async () => {
    const { code, stderr } = await runCommand(["--home", home, "list", "--follow", "--limit", "3"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("cannot be used with")]);
  });
});

describe("threadstore show --follow", () => {
  it("prints the transcript, then what is recorded, and ends when the thread is deleted", async () => {
    await using command = new RunningCommand(["--home", home, "show", A, "--follow"]);
    const first = await command.until((text) => text.includes("first question"));
    expect(first).not.toContain("the end of this turn is not recorded");
    await store.resumeThread({ threadId: A });
    await store.appendItems({ threadId: A, items: answered("turn-1", "first answer") });
    await command.until((text) => text.includes("first answer"));
    await store.appendItems({ threadId: A, items: said("turn-2", "second question") });
    await store.appendItems({ threadId: A, items: answered("turn-2", "second answer") });
    const all = await command.until((text) => text.includes("second answer"));
    for (const once of ["turn 1 · turn-1", "first answer", "turn 2 · turn-2", "second question"]) {
      expect(all.split(once).length, once).toBe(2);
    }
    await store.shutdownThread(A);
    await store.deleteThread({ threadId: A });
    expect(await command.ended()).toBe(0);
    expect(command.stdout.endsWith("\nthe thread was deleted\n")).toBe(true);
    expect(command.stderr).toBe("");
  });

  it("says when the thread went back to an earlier turn, and goes on from there", async () => {
    await store.resumeThread({ threadId: A });
    await store.appendItems({ threadId: A, items: answered("turn-1", "first answer") });
    const { nextOrdinal } = await store.appendItems({ threadId: A, items: [] });
    await store.appendItems({ threadId: A, items: said("turn-2", "regretted question") });
    await using command = new RunningCommand(["--home", home, "show", A, "--follow"]);
    await command.until((text) => text.includes("regretted question"));
    await store.revertThread({ threadId: A, endOrdinalExclusive: nextOrdinal });
    await command.until((text) => text.includes("the thread went back to the end of turn 1\n"));
    await store.appendItems({ threadId: A, items: said("turn-3", "better question") });
    const all = await command.until((text) => text.includes("better question"));
    expect(all.slice(all.indexOf("went back"))).toMatch(/── turn 2 · turn-3 .*──\n\nuser\nbetter question\n$/);
    expect([await command.interrupt(), command.stderr]).toEqual([0, ""]);
  });
});
