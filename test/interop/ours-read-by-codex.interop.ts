import { statSync } from "node:fs";
import { type HistoryMode, instantFromMs, newThreadId, type ThreadId, type ThreadStore } from "@threadstore/core";
import { describe, expect, it } from "vitest";
import type { AppServerClient } from "./support/app-server-client.js";
import { listCodexIds, makeCodexThread, readCodexMessages } from "./support/codex-threads.js";
import { listConversation } from "./support/model-input.js";
import { appendTurn, birthIn, makeOurThread, resumeForTurn } from "./support/our-threads.js";
import { useScene } from "./support/scene.js";
import { listMessages } from "./support/stored-messages.js";

const FIRST = ["first", "Answer to: first"];
const SECOND = ["second", "Answer to: second"];
const OURS = ["ours", "Answer to: ours"];
const THEIRS = ["theirs", "Answer to: theirs"];

interface Mode {
  readonly historyMode: HistoryMode;
  /** What the real one reads of turns of ours before it resumes their thread: it reads paginated threads from its database. */
  readonly unresumed: readonly string[];
}

const MODES: readonly Mode[] = [
  { historyMode: "paginated", unresumed: [] },
  { historyMode: "legacy", unresumed: OURS },
];

interface Expected {
  readonly threadId: ThreadId;
  readonly before: readonly string[];
  /** What the real one reads before it resumes the thread; `before` by default. */
  readonly unresumed?: readonly string[];
}

describe("what our store writes, read by the real Codex", () => {
  const scene = useScene("ours-read-by-codex", ["0.169.0", "0.128.0"]);

  it.each(MODES)("0.169.0 goes on in a $historyMode thread of ours", async ({ historyMode, unresumed }) => {
    const store = scene.openStore();
    const threadId = await makeOurThread(store, { home: scene.home, historyMode, texts: ["ours"] });
    const codex = await scene.start();
    expect(await listCodexIds(codex)).toEqual([threadId]);
    await expectToGoOn(codex, store, { threadId, before: OURS, unresumed });
  });

  it("0.128.0 goes on in a legacy thread of ours", async () => {
    const store = scene.openStore();
    const threadId = await makeOurThread(store, { home: scene.home, historyMode: "legacy", texts: ["ours"] });
    const codex = await scene.start("0.128.0");
    expect(await listCodexIds(codex)).toEqual([threadId]);
    await expectToGoOn(codex, store, { threadId, before: OURS });
  });

  it.each(MODES)(
    "0.169.0 goes on in our fork of a $historyMode thread of its own",
    async ({ historyMode, unresumed }) => {
      const from = await makeTheirs(historyMode, ["first", "second"]);
      const store = scene.openStore();
      const threadId = newThreadId();
      const endOrdinalExclusive = await findEndOfFirstTurn(store, from);
      await store.createThread({ threadId, metadata: birthIn(scene.home), fork: { from, endOrdinalExclusive } });
      await appendTurn(store, { threadId, historyMode, home: scene.home, text: "ours" });
      await store.shutdownThread(threadId);

      const codex = await scene.start();
      expect(await listCodexIds(codex)).toEqual([threadId, from]);
      const before = [...FIRST, ...OURS];
      await expectToGoOn(codex, store, { threadId, before, unresumed: [...FIRST, ...unresumed] });
      const again = await scene.start();
      expect(await readCodexMessages(again, from)).toEqual([...FIRST, ...SECOND]);
    },
  );

  it("0.169.0 goes on in our copy of a thread of 0.128.0", async () => {
    const from = await makeTheirs("legacy", ["first", "second"], "0.128.0");
    const store = scene.openStore();
    const threadId = newThreadId();
    await store.createThread({ threadId, metadata: birthIn(scene.home), fork: { from } });
    await appendTurn(store, { threadId, historyMode: "legacy", home: scene.home, text: "ours" });
    await store.shutdownThread(threadId);

    const codex = await scene.start();
    expect(await listCodexIds(codex)).toEqual([threadId, from]);
    await expectToGoOn(codex, store, { threadId, before: [...FIRST, ...SECOND, ...OURS] });
  });

  it.each(MODES)(
    "0.169.0 goes on in a $historyMode thread of its own that we appended to",
    async ({ historyMode, unresumed }) => {
      const threadId = await makeTheirs(historyMode, ["first"]);
      const store = scene.openStore();
      await resumeForTurn(store, { threadId, historyMode, home: scene.home, text: "ours" });

      const codex = await scene.start();
      expect(await listCodexIds(codex)).toEqual([threadId]);
      const before = [...FIRST, ...OURS];
      await expectToGoOn(codex, store, { threadId, before, unresumed: [...FIRST, ...unresumed] });
    },
  );

  async function makeTheirs(
    historyMode: HistoryMode,
    texts: readonly string[],
    version: "0.169.0" | "0.128.0" = "0.169.0",
  ): Promise<ThreadId> {
    const codex = await scene.start(version);
    const threadId = await makeCodexThread(codex, { historyMode, texts });
    await codex.close();
    return threadId;
  }

  async function findEndOfFirstTurn(store: ThreadStore, threadId: ThreadId): Promise<number> {
    const { items } = await store.loadHistory({ threadId });
    const last = items.find(({ item }) => (item.payload as { readonly type?: string }).type === "task_complete");
    if (!last) throw new Error("there is no turn that is complete");
    return last.ordinal + 1;
  }

  /** The real one resumes a thread that holds messages already, and runs a turn; both sides then see all of it. */
  async function expectToGoOn(codex: AppServerClient, store: ThreadStore, expected: Expected): Promise<void> {
    const { threadId, before, unresumed = before } = expected;
    const earlier = await store.loadHistory({ threadId });
    expect(await readCodexMessages(codex, threadId)).toEqual(unresumed);
    await codex.request("thread/resume", { threadId });
    expect(await codex.runTurn(threadId, "theirs")).toMatchObject({ status: "completed" });
    expect(await readCodexMessages(codex, threadId)).toEqual([...before, ...THEIRS]);
    expect(listConversation(scene.provider.requests.at(-1))).toEqual([...before, "theirs"]);
    await codex.close();

    const { items } = await store.loadHistory({ threadId });
    expect(items.slice(0, earlier.items.length)).toEqual(earlier.items);
    expect(listMessages(items.map(({ item }) => item))).toEqual([...before, ...THEIRS]);
    expect(items.map(({ ordinal }) => ordinal)).toEqual(items.map((_, index) => index));
    await expectMetadata(store, { threadId, preview: before[0] ?? "" });
  }

  async function expectMetadata(
    store: ThreadStore,
    { threadId, preview }: { readonly threadId: ThreadId; readonly preview: string },
  ): Promise<void> {
    const { items } = await store.loadHistory({ threadId });
    const thread = await store.readThread({ threadId });
    const counts = items.flatMap(({ item }) => {
      const payload = item.payload as { readonly type?: string; readonly info?: unknown };
      return payload.type === "token_count" && payload.info ? [payload.info] : [];
    });
    const writtenAt = instantFromMs(Math.floor(statSync(thread.rolloutPath ?? "").mtimeMs));
    const lastAt = items.at(-1)?.timestamp ?? "";
    const updatedAt = writtenAt.slice(0, 19) === lastAt.slice(0, 19) ? writtenAt : lastAt;
    expect(thread).toMatchObject({ preview, updatedAt, tokenUsage: counts.at(-1) });
  }
});
