import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { HistoryMode, ThreadId } from "@threadstore/core";
import { describe, expect, it } from "vitest";
import { expectBothToList, expectDatabaseToList } from "./support/both-lists.js";
import { makeCodexThread, readCodexMessages } from "./support/codex-threads.js";
import { makeOurThread } from "./support/our-threads.js";
import { useScene } from "./support/scene.js";

interface Mode {
  readonly historyMode: HistoryMode;
}

const MODES: readonly Mode[] = [{ historyMode: "paginated" }, { historyMode: "legacy" }];
const FIRST = ["first", "Answer to: first"];

describe("what our store changes, seen by the real Codex", () => {
  const scene = useScene("our-changes");

  it.each([
    { historyMode: "paginated", shown: null },
    { historyMode: "legacy", shown: "our name" },
  ] as const)("a name that we give is shown by the real one if the thread is legacy: $historyMode", async (wanted) => {
    const { known, unseen } = await makeThreads(wanted);
    const store = scene.openStore();
    for (const threadId of [known, unseen]) {
      expect(await store.updateThreadMetadata({ threadId, patch: { name: "our name" } })).toMatchObject({
        name: "our name",
      });
    }
    const codex = await scene.start();
    await expectBothToList(codex, store, { active: [known, unseen], archived: [] });
    for (const threadId of [known, unseen]) {
      const { thread } = await codex.request("thread/read", { threadId });
      expect(thread.name).toBe(wanted.shown);
    }
  });

  it.each(MODES)("a name that the real one gave a $historyMode thread stays in front of ours there", async (mode) => {
    const { known } = await makeThreads(mode);
    const first = await scene.start();
    await first.request("thread/name/set", { threadId: known, name: "their name" });
    await first.close();
    const store = scene.openStore();
    await store.updateThreadMetadata({ threadId: known, patch: { name: "our name" } });
    const codex = await scene.start();
    expect((await codex.request("thread/read", { threadId: known })).thread.name).toBe("their name");
    await codex.request("thread/name/set", { threadId: known, name: "their later name" });
    expect(await store.readThread({ threadId: known })).toMatchObject({ name: "their later name" });
  });

  it.each(MODES)(
    "a $historyMode thread that we archive before the real one sees it is archived there",
    async (mode) => {
      const { known, unseen } = await makeThreads(mode);
      const store = scene.openStore();
      await store.archiveThread({ threadId: unseen });
      const codex = await scene.start();
      await expectBothToList(codex, store, { active: [known], archived: [unseen] });
      await expectDatabaseToList(codex, { active: [known], archived: [unseen] });
      await codex.request("thread/unarchive", { threadId: unseen });
      await expectBothToList(codex, store, { active: [known, unseen], archived: [] });
      await codex.request("thread/resume", { threadId: unseen });
      expect(await readCodexMessages(codex, unseen)).toEqual(FIRST);
    },
  );

  it("a legacy thread of the real one that we archive is archived there, but not in its database", async () => {
    const { known, unseen } = await makeThreads({ historyMode: "legacy" });
    const store = scene.openStore();
    await store.archiveThread({ threadId: known });
    const codex = await scene.start();
    await expectBothToList(codex, store, { active: [unseen], archived: [known] });
    await expectDatabaseToList(codex, { active: [unseen], archived: [] });
    expect(await readCodexMessages(codex, known)).toEqual(FIRST);
    await codex.request("thread/unarchive", { threadId: known });
    await expectBothToList(codex, store, { active: [known, unseen], archived: [] });
    await codex.request("thread/resume", { threadId: known });
  });

  it("a paginated thread of the real one that we archive is out of its reach until we bring it back", async () => {
    const { known, unseen } = await makeThreads({ historyMode: "paginated" });
    const store = scene.openStore();
    await store.archiveThread({ threadId: known });
    const codex = await scene.start();
    await expectBothToList(codex, store, { active: [unseen], archived: [known] });
    await expectDatabaseToList(codex, { active: [unseen], archived: [] });
    await expect(readCodexMessages(codex, known)).rejects.toThrow("missing source rollout");
    await expect(codex.request("thread/unarchive", { threadId: known })).rejects.toThrow("no archived rollout found");
    await expect(codex.request("thread/resume", { threadId: known })).rejects.toThrow("no rollout found");

    await store.unarchiveThread({ threadId: known });
    await expectBothToList(codex, store, { active: [known, unseen], archived: [] });
    await expectDatabaseToList(codex, { active: [known, unseen], archived: [] });
    await codex.request("thread/resume", { threadId: known });
    expect(await readCodexMessages(codex, known)).toEqual(FIRST);
  });

  it.each(MODES)(
    "a $historyMode thread that the real one archived and we bring back stays closed there",
    async (mode) => {
      const { known, unseen } = await makeThreads(mode);
      const codex = await scene.start();
      await codex.request("thread/archive", { threadId: known });
      const store = scene.openStore();
      await store.unarchiveThread({ threadId: known });
      await expectBothToList(codex, store, { active: [known, unseen], archived: [] });
      await expectDatabaseToList(codex, { active: [unseen], archived: [] });
      await expect(codex.request("thread/resume", { threadId: known })).rejects.toThrow("is archived");
      await expect(codex.request("thread/unarchive", { threadId: known })).rejects.toThrow("no archived rollout found");

      await store.archiveThread({ threadId: known });
      await codex.request("thread/unarchive", { threadId: known });
      await expectBothToList(codex, store, { active: [known, unseen], archived: [] });
      await codex.request("thread/resume", { threadId: known });
      expect(await readCodexMessages(codex, known)).toEqual(FIRST);
    },
  );

  it.each(MODES)("a $historyMode thread that we delete is gone from the lists of the real one", async (mode) => {
    const { known, unseen } = await makeThreads(mode);
    const codex = await scene.start();
    await expectBothToList(codex, scene.openStore(), { active: [known, unseen], archived: [] });
    const store = scene.openStore();
    await store.deleteThread({ threadId: known });
    await expectBothToList(codex, store, { active: [unseen], archived: [] });
    await expectDatabaseToList(codex, { active: [unseen], archived: [] });
    await expect(readCodexMessages(codex, known)).rejects.toThrow();
    await expect(codex.request("thread/resume", { threadId: known })).rejects.toThrow();
    await store.deleteThread({ threadId: unseen });
    await expectBothToList(codex, store, { active: [], archived: [] });
  });

  it.each([
    { historyMode: "paginated", shown: null },
    { historyMode: "legacy", shown: { sha: null, branch: "ours", originUrl: null } },
  ] as const)(
    "git info that we change is shown by the real one if the thread is legacy and new to it: $historyMode",
    async ({ historyMode, shown }) => {
      const { known, unseen } = await makeThreads({ historyMode });
      const store = scene.openStore();
      const codex = await scene.start();
      for (const [threadId, gitInfo] of [
        [known, null],
        [unseen, shown],
      ] as const) {
        const patched = await store.updateThreadMetadata({ threadId, patch: { gitInfo: { branch: "ours" } } });
        expect(patched).toMatchObject({ gitInfo: { branch: "ours" } });
        expect(await store.updateThreadMetadata({ threadId, patch: { memoryMode: "disabled" } })).toMatchObject({
          memoryMode: "disabled",
        });
        await codex.request("thread/resume", { threadId });
        expect(await readCodexMessages(codex, threadId)).toEqual(FIRST);
        expect((await codex.request("thread/read", { threadId })).thread.gitInfo).toEqual(gitInfo);
      }
      await expectBothToList(codex, store, { active: [known, unseen], archived: [] });
      await codex.close();
      expect(await store.readThread({ threadId: unseen })).toMatchObject({
        gitInfo: { branch: "ours" },
        memoryMode: "disabled",
      });
    },
  );

  it.each([
    { historyMode: "paginated", name: null, gitInfo: null },
    { historyMode: "legacy", name: "our name", gitInfo: { sha: null, branch: "ours", originUrl: null } },
  ] as const)(
    "a database that the real one makes anew has what we archived and changed in $historyMode files",
    async ({ historyMode, ...shown }) => {
      const { known, unseen } = await makeThreads({ historyMode });
      const store = scene.openStore();
      await store.updateThreadMetadata({ threadId: known, patch: { name: "our name", gitInfo: { branch: "ours" } } });
      await store.archiveThread({ threadId: known });
      for (const file of readdirSync(scene.home.path).filter((each) => each.startsWith("state_5"))) {
        rmSync(join(scene.home.path, file));
      }
      scene.transcript.step("its database is removed");
      const codex = await scene.start();
      await expectDatabaseToList(codex, { active: [unseen], archived: [known] });
      expect((await codex.request("thread/read", { threadId: known })).thread).toMatchObject(shown);
      await codex.request("thread/unarchive", { threadId: known });
      await expectBothToList(codex, store, { active: [known, unseen], archived: [] });
      expect(await store.readThread({ threadId: known })).toMatchObject({
        name: "our name",
        gitInfo: { branch: "ours" },
      });
    },
  );

  /** One thread that the real one made, and one of ours that it has not seen yet. */
  async function makeThreads({ historyMode }: Mode): Promise<{ known: ThreadId; unseen: ThreadId }> {
    const codex = await scene.start();
    const known = await makeCodexThread(codex, { historyMode, texts: ["first"] });
    await codex.close();
    const unseen = await makeOurThread(scene.openStore(), { home: scene.home, historyMode, texts: ["first"] });
    return { known, unseen };
  }
});
