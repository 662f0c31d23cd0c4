import { existsSync, statSync } from "node:fs";
import { type HistoryMode, newThreadId, type ThreadId, type ThreadStore } from "@threadstore/core";
import { describe, expect, it } from "vitest";
import { expectBothToList } from "./support/both-lists.js";
import { makeCodexThread, readCodexMessages } from "./support/codex-threads.js";
import { appendTurn, birthIn, makeOurThread, resumeForTurn } from "./support/our-threads.js";
import { ageRollouts, listRollouts, waitForCompression } from "./support/rollout-files.js";
import { type MigrationOutcome, migrateRollouts } from "./support/rollout-migration.js";
import { useScene } from "./support/scene.js";
import { loadMessages } from "./support/stored-messages.js";

const TEXTS = ["first", "second"];
const MESSAGES = ["first", "Answer to: first", "second", "Answer to: second"];
const OURS = ["ours", "Answer to: ours"];
const THEIRS = ["theirs", "Answer to: theirs"];

interface Threads {
  readonly theirs: ThreadId;
  readonly ours: ThreadId;
  readonly fork: ThreadId;
  readonly archived: ThreadId;
}

describe("maintenance of the real Codex", () => {
  const scene = useScene("maintenance", ["0.169.0", "0.128.0"]);

  it("migrates legacy threads that it has seen, and our store reads and goes on in them as before", async () => {
    const old = await scene.start("0.128.0");
    const oldest = await makeCodexThread(old, { texts: TEXTS });
    await old.close();
    const store = scene.openStore();
    const threads = await makeThreads(store, "legacy");
    await expectThreads(store, Object.values(threads), "legacy");
    const [unseen, seen] = [
      [threads.ours, threads.fork],
      [oldest, threads.theirs, threads.archived],
    ];
    expect(await migrate()).toEqual([
      ...seen.map((threadId) => ({ threadId, status: "migrated" })),
      ...unseen.map((threadId) => ({ threadId, status: "failed", failureReason: "missing_sqlite_metadata" })),
    ]);
    for (const each of [store, scene.openStore()]) {
      await expectThreads(each, unseen, "legacy");
      await expectThreads(each, seen, "paginated");
    }

    const codex = await scene.start();
    await codex.request("thread/list");
    await codex.close();
    expect((await migrate()).filter(({ status }) => status === "migrated").map(({ threadId }) => threadId)).toEqual(
      unseen,
    );
    for (const each of [store, scene.openStore()]) await expectThreads(each, [...seen, ...unseen], "paginated");
    const appended = [threads.theirs, threads.ours, threads.fork];
    for (const threadId of appended) {
      await resumeForTurn(store, { threadId, historyMode: "paginated", home: scene.home, text: "ours" });
    }
    await expectCodexToRead(store, { threads, more: [oldest], appended });
  });

  async function migrate(): Promise<MigrationOutcome[]> {
    const outcomes = await migrateRollouts(scene.commandOf("0.169.0"), scene.home);
    scene.transcript.request("migrate-rollouts --apply", {});
    scene.transcript.answer({ outcomes });
    return outcomes;
  }

  it.each(["paginated", "legacy"] as const)(
    "compresses %s threads, and our store reads and goes on in them as before",
    async (historyMode) => {
      const { home } = scene;
      const store = scene.openStore();
      const threads = await makeThreads(store, historyMode);
      const rollouts = listRollouts(home);
      const agedAtMs = ageRollouts(rollouts);
      await expectThreads(store, Object.values(threads), historyMode);
      const codex = await scene.start();
      await codex.request("rollout/compress");
      await waitForCompression(rollouts);
      await codex.close();
      scene.transcript.step(`${rollouts.length} rollouts are compressed`);
      expect(listRollouts(home)).toEqual(rollouts.map((path) => `${path}.zst`));
      for (const each of [store, scene.openStore()]) await expectThreads(each, Object.values(threads), historyMode);

      for (const threadId of [threads.theirs, threads.ours, threads.fork]) {
        const { rolloutPath = "" } = await store.readThread({ threadId });
        await store.resumeThread({ threadId });
        expect([existsSync(rolloutPath), existsSync(`${rolloutPath}.zst`)]).toEqual([true, false]);
        expect(statSync(rolloutPath).mtimeMs).toBe(agedAtMs);
        const beforeMs = Date.now();
        await appendTurn(store, { threadId, historyMode, home, text: "ours" });
        // The clock of files is that of the kernel's ticks, which may be a few behind.
        expect(statSync(rolloutPath).mtimeMs).toBeGreaterThan(beforeMs - 100);
        await store.shutdownThread(threadId);
      }
      expect(listRollouts(home).filter((path) => path.endsWith(".zst"))).toHaveLength(1);
      await expectCodexToRead(store, { threads, more: [], appended: [threads.theirs, threads.ours, threads.fork] });
    },
  );

  /** Threads of both sides, all of the same two turns. */
  async function makeThreads(store: ThreadStore, historyMode: HistoryMode): Promise<Threads> {
    const { home } = scene;
    const codex = await scene.start();
    const theirs = await makeCodexThread(codex, { historyMode, texts: TEXTS });
    const archived = await makeCodexThread(codex, { historyMode, texts: TEXTS });
    await codex.request("thread/archive", { threadId: archived });
    await codex.close();
    const ours = await makeOurThread(store, { home, historyMode, texts: TEXTS });
    const fork = newThreadId();
    await store.createThread({ threadId: fork, metadata: birthIn(home), fork: { from: theirs } });
    await store.shutdownThread(fork);
    return { theirs, ours, fork, archived };
  }

  async function expectThreads(
    store: ThreadStore,
    threadIds: readonly ThreadId[],
    historyMode: HistoryMode,
  ): Promise<void> {
    for (const threadId of threadIds) {
      expect(await store.readThread({ threadId, includeArchived: true })).toMatchObject({
        historyMode,
        preview: "first",
      });
      expect(await loadMessages(store, threadId)).toEqual(MESSAGES);
    }
  }

  interface AtLast {
    readonly threads: Threads;
    readonly more: readonly ThreadId[];
    readonly appended: readonly ThreadId[];
  }

  /** The real one lists and reads all threads, and goes on in those that we appended to. */
  async function expectCodexToRead(store: ThreadStore, { threads, more, appended }: AtLast): Promise<void> {
    const { archived, ...rest } = threads;
    const active = [...Object.values(rest), ...more];
    const codex = await scene.start();
    await expectBothToList(codex, store, { active, archived: [archived] });
    for (const threadId of active) {
      const messages = appended.includes(threadId) ? [...MESSAGES, ...OURS] : MESSAGES;
      await codex.request("thread/resume", { threadId });
      await codex.runTurn(threadId, "theirs");
      expect(await readCodexMessages(codex, threadId)).toEqual([...messages, ...THEIRS]);
    }
    await codex.close();
    for (const threadId of active) {
      const messages = appended.includes(threadId) ? [...MESSAGES, ...OURS] : MESSAGES;
      expect(await loadMessages(store, threadId)).toEqual([...messages, ...THEIRS]);
    }
  }
});
