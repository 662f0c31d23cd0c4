import { type HistoryMode, newThreadId, type ThreadId, type ThreadStore } from "@threadstore/core";
import { describe, expect, it } from "vitest";
import { expectBothToList } from "./support/both-lists.js";
import { makeCodexThread, readCodexMessages } from "./support/codex-threads.js";
import { listConversation } from "./support/model-input.js";
import { appendTurn, birthIn, makeOurThread } from "./support/our-threads.js";
import { useScene } from "./support/scene.js";
import { loadMessages } from "./support/stored-messages.js";

const MODES: readonly { readonly historyMode: HistoryMode }[] = [
  { historyMode: "paginated" },
  { historyMode: "legacy" },
];
const FIRST = ["first", "Answer to: first"];
const OURS = ["ours", "Answer to: ours"];
const THEIRS = ["theirs", "Answer to: theirs"];

describe("forks", () => {
  const scene = useScene("forks");

  it("of our paginated threads show in the real one what they inherit when it has resumed the source", async () => {
    const store = scene.openStore();
    const { home } = scene;
    const from = await makeOurThread(store, { home, historyMode: "paginated", texts: ["first"] });
    const threadId = await fork(store, { from, historyMode: "paginated" });
    const codex = await scene.start();
    await expectBothToList(codex, store, { active: [from, threadId], archived: [] });
    await codex.request("thread/resume", { threadId });
    expect(await readCodexMessages(codex, threadId)).toEqual(OURS);
    await codex.runTurn(threadId, "theirs");
    expect(listConversation(scene.provider.requests.at(-1))).toEqual([...FIRST, ...OURS, "theirs"]);
    await codex.request("thread/resume", { threadId: from });
    expect(await readCodexMessages(codex, threadId)).toEqual([...FIRST, ...OURS, ...THEIRS]);
  });

  it.each(MODES)(
    "are made by the real one of a $historyMode thread that our store is writing",
    async ({ historyMode }) => {
      const { home } = scene;
      const store = scene.openStore();
      const codex = await scene.start();
      const from = await makeCodexThread(codex, { historyMode, texts: ["first"] });
      await codex.close();
      await store.resumeThread({ threadId: from });
      const again = await scene.start();
      const { thread } = await again.request("thread/fork", { threadId: from });
      await appendTurn(store, { threadId: from, historyMode, home, text: "ours" });
      await again.runTurn(thread.id, "theirs");
      expect(await readCodexMessages(again, thread.id)).toEqual([...FIRST, ...THEIRS]);
      expect(await loadMessages(store, thread.id)).toEqual([...FIRST, ...THEIRS]);
      expect(await loadMessages(store, from)).toEqual([...FIRST, ...OURS]);
    },
  );

  it.each(MODES)(
    "are made by our store of a $historyMode thread that the real one is writing",
    async ({ historyMode }) => {
      const store = scene.openStore();
      const codex = await scene.start();
      const from = await makeCodexThread(codex, { historyMode, texts: ["first"] });
      const threadId = await fork(store, { from, historyMode });
      await codex.runTurn(from, "theirs");
      expect(await loadMessages(store, threadId)).toEqual([...FIRST, ...OURS]);
      expect(await loadMessages(store, from)).toEqual([...FIRST, ...THEIRS]);
      await codex.request("thread/resume", { threadId });
      expect(await readCodexMessages(codex, threadId)).toEqual([...FIRST, ...OURS]);
      expect(await readCodexMessages(codex, from)).toEqual([...FIRST, ...THEIRS]);
    },
  );

  it("by reference keep either side from deleting what they share", async () => {
    const store = scene.openStore();
    const codex = await scene.start();
    const shared = await makeCodexThread(codex, { texts: ["first"] });
    const { thread } = await codex.request("thread/fork", { threadId: shared });
    await codex.runTurn(thread.id, "theirs");
    const sharedWithOurs = await makeCodexThread(codex, { texts: ["first"] });
    await codex.close();
    const ours = await fork(store, { from: sharedWithOurs, historyMode: "paginated" });
    await expect(store.deleteThread({ threadId: shared })).rejects.toMatchObject({ code: "conflict" });

    const again = await scene.start();
    const refused = again.request("thread/delete", { threadId: sharedWithOurs });
    await expect(refused).rejects.toThrow("forked history still references it");
    await expectBothToList(again, store, { active: [shared, thread.id, sharedWithOurs, ours], archived: [] });
    expect(await loadMessages(store, ours)).toEqual([...FIRST, ...OURS]);
    expect(await readCodexMessages(again, thread.id)).toEqual([...FIRST, ...THEIRS]);
  });

  it("by reference stay whole when the other side archives what they share", async () => {
    const store = scene.openStore();
    const codex = await scene.start();
    const from = await makeCodexThread(codex, { texts: ["first"] });
    const { thread } = await codex.request("thread/fork", { threadId: from });
    await codex.runTurn(thread.id, "theirs");
    const ours = await fork(store, { from, historyMode: "paginated" });
    await codex.request("thread/archive", { threadId: from });
    expect(await loadMessages(store, ours)).toEqual([...FIRST, ...OURS]);
    await codex.request("thread/unarchive", { threadId: from });
    await store.archiveThread({ threadId: from });
    await codex.close();

    const again = await scene.start();
    await expectBothToList(again, store, { active: [ours, thread.id], archived: [from] });
    expect(await readCodexMessages(again, thread.id)).toEqual([...FIRST, ...THEIRS]);
    await again.request("thread/resume", { threadId: ours });
    expect(await readCodexMessages(again, ours)).toEqual([...FIRST, ...OURS]);
    expect(await loadMessages(store, thread.id)).toEqual([...FIRST, ...THEIRS]);
  });

  /** A fork of ours with a turn of its own. */
  async function fork(
    store: ThreadStore,
    { from, historyMode }: { readonly from: ThreadId; readonly historyMode: HistoryMode },
  ): Promise<ThreadId> {
    const { home } = scene;
    const threadId = newThreadId();
    await store.createThread({ threadId, metadata: birthIn(home), fork: { from } });
    await appendTurn(store, { threadId, historyMode, home, text: "ours" });
    await store.shutdownThread(threadId);
    return threadId;
  }
});
