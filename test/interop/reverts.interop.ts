import type { ThreadId, ThreadStore } from "@threadstore/core";
import { describe, expect, it } from "vitest";
import { expectDatabaseToList } from "./support/both-lists.js";
import { listCodexIds, makeCodexThread, readCodexMessages } from "./support/codex-threads.js";
import { listConversation } from "./support/model-input.js";
import { appendTurn, listOurIds, makeOurThread } from "./support/our-threads.js";
import { useScene } from "./support/scene.js";
import { loadMessages } from "./support/stored-messages.js";

const FIRST = ["first", "Answer to: first"];
const OURS = ["ours", "Answer to: ours"];
const THEIRS = ["theirs", "Answer to: theirs"];

describe("threads that our store reverts", () => {
  const scene = useScene("reverts");

  it("are refused when the real one made them", async () => {
    const codex = await scene.start();
    const threadId = await makeCodexThread(codex, { texts: ["first", "second"] });
    await codex.close();
    await expectRefusal(scene.openStore(), threadId);
  });

  it("are refused when the real one has seen them", async () => {
    const store = scene.openStore();
    const threadId = await makeOurs(store);
    const codex = await scene.start();
    await codex.request("thread/read", { threadId });
    await codex.close();
    await expectRefusal(store, threadId);
  });

  it("go on in the real one when it never saw them, but their first turns are not among those it shows", async () => {
    const store = scene.openStore();
    const threadId = await makeOurs(store);
    await store.resumeThread({ threadId });
    await store.revertThread({ threadId, endOrdinalExclusive: await findEndOfFirstTurn(store, threadId) });
    await appendTurn(store, { threadId, historyMode: "paginated", home: scene.home, text: "ours" });
    await store.shutdownThread(threadId);
    expect(await loadMessages(store, threadId)).toEqual([...FIRST, ...OURS]);

    const codex = await scene.start();
    // Looking at the files it lists both segments, in the order of their seconds, so this is not told.
    const untold = await scene.start("0.169.0", { isTold: false });
    expect(await listCodexIds(untold)).toEqual([threadId, threadId]);
    await untold.close();
    await expectDatabaseToList(codex, { active: [threadId], archived: [] });
    await codex.request("thread/resume", { threadId });
    // Its database knows the turns of a segment when it has resumed that one; so it does with its own reverted threads.
    expect(await readCodexMessages(codex, threadId)).toEqual(OURS);
    await codex.runTurn(threadId, "theirs");
    expect(listConversation(scene.provider.requests.at(-1))).toEqual([...FIRST, ...OURS, "theirs"]);
    expect(await readCodexMessages(codex, threadId)).toEqual([...OURS, ...THEIRS]);
    await codex.close();
    expect(await loadMessages(store, threadId)).toEqual([...FIRST, ...OURS, ...THEIRS]);
    expect(await listOurIds(store)).toEqual([threadId]);
  });

  function makeOurs(store: ThreadStore): Promise<ThreadId> {
    return makeOurThread(store, { home: scene.home, historyMode: "paginated", texts: ["first", "second"] });
  }

  async function expectRefusal(store: ThreadStore, threadId: ThreadId): Promise<void> {
    const messages = await loadMessages(store, threadId);
    await store.resumeThread({ threadId });
    const revert = store.revertThread({ threadId, endOrdinalExclusive: await findEndOfFirstTurn(store, threadId) });
    await expect(revert).rejects.toMatchObject({ code: "invalid_request" });
    await store.shutdownThread(threadId);
    expect(await loadMessages(store, threadId)).toEqual(messages);
  }

  async function findEndOfFirstTurn(store: ThreadStore, threadId: ThreadId): Promise<number> {
    const { items } = await store.loadHistory({ threadId });
    const last = items.find(({ item }) => (item.payload as { readonly type?: string }).type === "task_complete");
    if (!last) throw new Error("there is no turn that is complete");
    return last.ordinal + 1;
  }
});
