import type { HistoryMode, StoredThread, ThreadId, ThreadStore } from "@threadstore/core";
import { describe, expect, it } from "vitest";
import type { AppServerClient } from "./support/app-server-client.js";
import { expectBothToList, expectDatabaseToList } from "./support/both-lists.js";
import { makeCodexThread, readCodexMessages } from "./support/codex-threads.js";
import { makeOurThread } from "./support/our-threads.js";
import { useScene } from "./support/scene.js";
import { loadMessages } from "./support/stored-messages.js";

/** Whose thread it is that the real one changes. */
interface Kind {
  readonly historyMode: HistoryMode;
  readonly maker: "the real one" | "our store";
}

const KINDS: readonly Kind[] = [
  { historyMode: "paginated", maker: "the real one" },
  { historyMode: "paginated", maker: "our store" },
  { historyMode: "legacy", maker: "the real one" },
  { historyMode: "legacy", maker: "our store" },
];
const FIRST = ["first", "Answer to: first"];
const SECOND = ["second", "Answer to: second"];

/** A thread, the real one that is running, and a store of ours that has seen the thread. */
interface Setting {
  readonly threadId: ThreadId;
  readonly codex: AppServerClient;
  readonly store: ThreadStore;
}

describe("what the real Codex changes, seen by our store", () => {
  const scene = useScene("their-changes");

  it.each(KINDS)("a name that it gives a $historyMode thread of $maker is the thread's name", async (kind) => {
    const setting = await set(kind);
    const { threadId, codex } = setting;
    await codex.request("thread/name/set", { threadId, name: "their name" });
    await expectEachStore(setting, { name: "their name", preview: "first", messages: [...FIRST, ...SECOND] });
    await expectBothToList(codex, setting.store, { active: [threadId], archived: [] });
  });

  it.each(KINDS)("a $historyMode thread of $maker that it archives and brings back is where it says", async (kind) => {
    const setting = await set(kind);
    const { threadId, codex, store } = setting;
    await codex.request("thread/archive", { threadId });
    await expectEachStore(setting, { archivedAt: expect.any(String), messages: [...FIRST, ...SECOND] });
    await expectBothToList(codex, store, { active: [], archived: [threadId] });
    await expectDatabaseToList(codex, { active: [], archived: [threadId] });
    await codex.request("thread/unarchive", { threadId });
    await expectEachStore(setting, { archivedAt: undefined, messages: [...FIRST, ...SECOND] });
    await expectBothToList(codex, store, { active: [threadId], archived: [] });
    await expectDatabaseToList(codex, { active: [threadId], archived: [] });
  });

  it.each(KINDS)("a $historyMode thread of $maker that it deletes is gone", async (kind) => {
    const { threadId, codex, store } = await set(kind);
    await codex.request("thread/delete", { threadId });
    await expectBothToList(codex, store, { active: [], archived: [] });
    for (const each of [store, scene.openStore()]) {
      const isGone = expect.objectContaining({ code: "thread_not_found" });
      await expect(each.readThread({ threadId, includeArchived: true })).rejects.toEqual(isGone);
    }
  });

  it.each(KINDS)("its fork of a $historyMode thread of $maker has the same beginning", async (kind) => {
    const setting = await set(kind);
    const { threadId: forkedFromId, codex, store } = setting;
    await codex.request("thread/resume", { threadId: forkedFromId });
    const { thread } = await codex.request("thread/fork", { threadId: forkedFromId });
    await codex.runTurn(thread.id, "theirs");
    const messages = [...FIRST, ...SECOND, "theirs", "Answer to: theirs"];
    expect(await readCodexMessages(codex, thread.id)).toEqual(messages);
    await expectEachStore({ ...setting, threadId: thread.id }, { forkedFromId, preview: "first", messages });
    await expectEachStore(setting, { preview: "first", messages: [...FIRST, ...SECOND] });
    await expectBothToList(codex, store, { active: [forkedFromId, thread.id], archived: [] });
  });

  it.each(KINDS)(
    "git info and memory mode that it changes in a $historyMode thread of $maker are the thread's",
    async (kind) => {
      const setting = await set(kind);
      const { threadId, codex, store } = setting;
      await codex.request("thread/metadata/update", { threadId, gitInfo: { branch: "theirs" } });
      await codex.request("thread/memoryMode/set", { threadId, mode: "disabled" });
      const messages = [...FIRST, ...SECOND];
      await expectEachStore(setting, { gitInfo: { branch: "theirs" }, memoryMode: "disabled", messages });
      await expectBothToList(codex, store, { active: [threadId], archived: [] });
    },
  );

  it("a paginated thread that it reverts is listed once, with the turns it kept", async () => {
    const setting = await set({ historyMode: "paginated", maker: "the real one" });
    const { threadId, codex, store } = setting;
    const { thread } = await codex.request("thread/resume", { threadId });
    await codex.request("thread/revert", { threadId, beforeTurnId: thread.turns[1].id });
    await expectEachStore(setting, { preview: "first", messages: FIRST });
    await codex.runTurn(threadId, "theirs");
    const messages = [...FIRST, "theirs", "Answer to: theirs"];
    expect(await readCodexMessages(codex, threadId)).toEqual(messages);
    await expectEachStore(setting, { preview: "first", messages });
    await expectDatabaseToList(codex, { active: [threadId], archived: [] });
    // The real one lists both files of a reverted thread when it looks at the files; we list the thread once.
    const { data } = await store.listThreads({});
    expect(data.map((each) => each.threadId)).toEqual([threadId]);
  });

  async function set({ historyMode, maker }: Kind): Promise<Setting> {
    const texts = ["first", "second"];
    const codex = await scene.start();
    const store = scene.openStore();
    const threadId =
      maker === "our store"
        ? await makeOurThread(store, { home: scene.home, historyMode, texts })
        : await makeCodexThread(codex, { historyMode, texts });
    await expectBothToList(codex, store, { active: [threadId], archived: [] });
    return { threadId, codex, store };
  }

  /** The store that saw the thread as it was, and one that sees it for the first time, read the same. */
  async function expectEachStore(
    { threadId, store }: Setting,
    { messages, ...fields }: { readonly messages: readonly string[] } & Record<string, unknown>,
  ): Promise<void> {
    for (const each of [store, scene.openStore()]) {
      const thread: StoredThread = await each.readThread({ threadId, includeArchived: true });
      expect(pick(thread, Object.keys(fields))).toEqual(fields);
      expect(await loadMessages(each, threadId)).toEqual(messages);
    }
  }
});

function pick(thread: StoredThread, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, (thread as unknown as Record<string, unknown>)[name]]));
}
