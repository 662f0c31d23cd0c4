import { readFileSync } from "node:fs";
import type { HistoryMode, ThreadStore } from "@threadstore/core";
import { describe, expect, it } from "vitest";
import { killAppendingProcess } from "./support/appending-process.js";
import { makeCodexThread, readCodexMessages } from "./support/codex-threads.js";
import { appendTurn, makeOurThread, resumeForTurn } from "./support/our-threads.js";
import { useScene } from "./support/scene.js";
import { loadMessages } from "./support/stored-messages.js";

const MODES: readonly { readonly historyMode: HistoryMode }[] = [
  { historyMode: "paginated" },
  { historyMode: "legacy" },
];
const FIRST = ["first", "Answer to: first"];
const OURS = ["ours", "Answer to: ours"];
const THEIRS = ["theirs", "Answer to: theirs"];
const KILLED_TURNS = 50;

describe("the locks of threads", () => {
  const scene = useScene("locks");

  it.each(MODES)("keep our store from a $historyMode thread that the real one has loaded", async ({ historyMode }) => {
    const codex = await scene.start();
    const threadId = await makeCodexThread(codex, { historyMode, texts: ["first"] });
    const store = scene.openStore();
    const isConflict = expect.objectContaining({ code: "conflict" });
    await expect(store.resumeThread({ threadId })).rejects.toEqual(isConflict);
    await expect(store.resumeThread({ threadId, takeOver: true })).rejects.toEqual(isConflict);
    await expect(store.archiveThread({ threadId })).rejects.toEqual(isConflict);
    await expect(store.deleteThread({ threadId })).rejects.toEqual(isConflict);
    expect(await store.readThread({ threadId })).toMatchObject({ threadId, preview: "first" });
    expect(await loadMessages(store, threadId)).toEqual(FIRST);
    await codex.runTurn(threadId, "theirs");
    expect(await loadMessages(store, threadId)).toEqual([...FIRST, ...THEIRS]);

    await codex.close();
    await resumeForTurn(store, { threadId, historyMode, home: scene.home, text: "ours" });
    await store.archiveThread({ threadId });
    await store.unarchiveThread({ threadId });
    expect(await loadMessages(store, threadId)).toEqual([...FIRST, ...THEIRS, ...OURS]);
    await store.deleteThread({ threadId });
  });

  it.each(MODES)("keep the real one from a $historyMode thread that our store has live", async ({ historyMode }) => {
    const { home } = scene;
    const store = scene.openStore();
    const threadId = await makeOurThread(store, { home, historyMode, texts: ["first"] });
    await store.resumeThread({ threadId });
    const codex = await scene.start();
    const isRefused = { code: -32600, message: expect.stringContaining("already has an active writer") };
    for (const method of ["thread/resume", "thread/archive", "thread/delete"]) {
      await expect(codex.request(method, { threadId })).rejects.toMatchObject(isRefused);
    }
    const { thread } = await codex.request("thread/read", { threadId });
    expect(thread).toMatchObject({ id: threadId, preview: "first" });
    await appendTurn(store, { threadId, historyMode, home, text: "ours" });
    await expect(codex.request("thread/resume", { threadId })).rejects.toMatchObject(isRefused);

    await store.shutdownThread(threadId);
    await codex.request("thread/resume", { threadId });
    await codex.runTurn(threadId, "theirs");
    expect(await readCodexMessages(codex, threadId)).toEqual([...FIRST, ...OURS, ...THEIRS]);
  });

  it("keep the real one from a thread that our store took over from another store of ours", async () => {
    const { home } = scene;
    const [before, store] = [scene.openStore(), scene.openStore()];
    const threadId = await makeOurThread(before, { home, historyMode: "paginated", texts: ["first"] });
    await before.resumeThread({ threadId });
    await store.resumeThread({ threadId, takeOver: true });
    const codex = await scene.start();
    const resume = () => codex.request("thread/resume", { threadId });
    await expect(resume()).rejects.toThrow("already has an active writer");
    const late = appendTurn(before, { threadId, historyMode: "paginated", home, text: "late" });
    await expect(late).rejects.toMatchObject({ code: "conflict" });
    await before.discardThread(threadId);
    await expect(resume()).rejects.toThrow("already has an active writer");
    await appendTurn(store, { threadId, historyMode: "paginated", home, text: "ours" });
    await store.shutdownThread(threadId);
    await resume();
    expect(await readCodexMessages(codex, threadId)).toEqual([...FIRST, ...OURS]);
  });

  it.each(MODES)(
    "let our store go on in a $historyMode thread whose real writer was killed",
    async ({ historyMode }) => {
      const { provider } = scene;
      const codex = await scene.start();
      const threadId = await makeCodexThread(codex, { historyMode, texts: ["first"] });
      const held = provider.hold();
      await codex.startTurn(threadId, "held");
      await held;
      await codex.kill();
      provider.release();
      const store = scene.openStore();
      await resumeForTurn(store, { threadId, historyMode, home: scene.home, text: "ours" });
      expect(await loadMessages(store, threadId)).toEqual([...FIRST, "held", ...OURS]);

      const again = await scene.start();
      const { thread } = await again.request("thread/resume", { threadId });
      expect(thread.turns.map(({ status }: { status: string }) => status)).toEqual([
        "completed",
        "interrupted",
        "completed",
      ]);
      await again.runTurn(threadId, "theirs");
      expect(await readCodexMessages(again, threadId)).toEqual([...FIRST, "held", ...OURS, ...THEIRS]);
      expect(await loadMessages(store, threadId)).toEqual([...FIRST, "held", ...OURS, ...THEIRS]);
    },
  );

  it("let the real one go on in a thread whose process of ours was killed, with all that was acknowledged", async () => {
    const { home } = scene;
    const store = scene.openStore({ isTold: false });
    const threadId = await makeOurThread(store, { home, historyMode: "paginated", texts: ["first"] });
    const { rolloutPath = "" } = await store.readThread({ threadId });
    const acknowledged = await killAppendingProcess({ home: home.path, threadId, rolloutPath, turns: KILLED_TURNS });
    scene.transcript.step(`a process of ours is killed that had ${KILLED_TURNS} turns acknowledged, or more`);

    const codex = await scene.start("0.169.0", { isTold: false });
    await codex.request("thread/resume", { threadId });
    await codex.runTurn(threadId, "theirs");
    scene.transcript.step("the real one resumes the thread and runs a turn");
    const messages = shorten(await readCodexMessages(codex, threadId));
    await codex.close();
    const numbers = Array.from({ length: acknowledged.turns }, (_, index) => `number ${index + 1}`);
    const kept = [...FIRST, ...numbers.flatMap((text) => [text, `Answer to: ${text}`])];
    expect(messages.slice(0, kept.length)).toEqual(kept);
    expect(messages.slice(-2)).toEqual(THEIRS);
    expect(shorten(await loadMessages(store, threadId))).toEqual(messages);
    await expectWholeLines(store, { threadId, acknowledged });
  });

  /** What was acknowledged is there in whole lines; at most one more is torn, and closed off. */
  async function expectWholeLines(
    store: ThreadStore,
    { threadId, acknowledged }: { threadId: string; acknowledged: { nextOrdinal: number } },
  ): Promise<void> {
    const { items } = await store.loadHistory({ threadId });
    expect(items.map(({ ordinal }) => ordinal)).toEqual(items.map((_, index) => index));
    const { rolloutPath = "" } = await store.readThread({ threadId });
    const text = readFileSync(rolloutPath, "utf8");
    const lines = text.split("\n");
    expect(lines.pop()).toBe("");
    const torn = lines.filter((line) => !isJson(line));
    expect(torn.length).toBeLessThanOrEqual(1);
    expect(lines.slice(0, acknowledged.nextOrdinal).filter((line) => !isJson(line))).toEqual([]);
  }
});

function shorten(messages: readonly string[]): string[] {
  return messages.map((message) => message.replace(/[.]+$/, ""));
}

function isJson(line: string): boolean {
  try {
    return typeof JSON.parse(line) === "object";
  } catch {
    return false;
  }
}
