import { LiveThread, LiveThreadInitGuard } from "@threadstore/core";
import type { CaseContext, Section } from "../case.js";
import { equal, idsOf, rejects } from "../expect.js";
import {
  agentItem,
  modelMessage,
  SAMPLE_METADATA,
  threadId,
  tokenCount,
  turnContext,
  turnStarted,
  userItem,
  userMessage,
} from "../sample-items.js";

const A = threadId(1);
const CREATE = { threadId: A, metadata: SAMPLE_METADATA };

function create({ store, clock }: CaseContext, more: object = {}): Promise<LiveThread> {
  return LiveThread.create(store, { ...CREATE, ...more }, { clock });
}

export const liveThreadSection: Section = {
  title: "live threads",
  cases: [
    {
      requirement: "LIVE-1",
      title: "an unused live thread is neither listed nor left behind",
      writes: true,
      run: async (context) => {
        const { store } = context;
        for (const end of ["shutdown", "discard"] as const) {
          const thread = await create(context);
          equal(await thread.append([]), null);
          await thread.flush();
          await thread[end]();
          equal(idsOf(await store.listThreads({ sources: "all" })), []);
          await rejects(store.readThread({ threadId: A }), "thread_not_found");
        }
      },
    },
    {
      requirement: "LIVE-1",
      title: "a start-up that fails discards its thread, one that is committed keeps it",
      writes: true,
      run: async (context) => {
        const failing = async () => {
          await using _guard = new LiveThreadInitGuard(await create(context));
          throw new Error("the session cannot start");
        };
        await failing().catch(() => undefined);
        const thread = await create(context);
        {
          await using guard = new LiveThreadInitGuard(thread);
          guard.commit();
        }
        await thread.recordItems([userItem("kept")]);
        await thread.shutdown();
        equal(idsOf(await context.store.listThreads({})), [A]);
      },
    },
    {
      requirement: "LIVE-2",
      title: "after a flush the metadata is what the items tell",
      writes: true,
      run: async (context) => {
        const thread = await create(context);
        await thread.recordItems([
          turnStarted("turn"),
          turnContext({ model: "model-1", effort: "low", approval_policy: "never" }),
          userItem("first message"),
          agentItem("answer"),
          tokenCount(42),
          userItem("second message"),
        ]);
        await thread.flush();
        const stored = await (await context.reopen()).readThread({ threadId: A });
        equal(
          [stored.preview, stored.firstUserMessage, stored.model, stored.reasoningEffort, stored.approvalMode],
          ["first message", "first message", "model-1", "low", "never"],
        );
        equal(stored.tokenUsage, { total_token_usage: { total_tokens: 42 } });
        equal(await thread.readThread(), stored);
      },
    },
    {
      requirement: "LIVE-2",
      title: "a legacy live thread, and items that only move its time",
      writes: true,
      run: async (context) => {
        const { clock } = context;
        const thread = await create(context, { historyMode: "legacy" });
        await thread.recordItems([userMessage("hello")]);
        clock.advance(60_000);
        await thread.recordItems([modelMessage("assistant", "output")]);
        await thread.shutdown();
        const stored = await context.store.readThread({ threadId: A });
        equal([stored.preview, stored.historyMode, stored.updatedAt], ["hello", "legacy", clock.now()]);
      },
    },
    {
      requirement: "LIVE-3",
      title: "the start of a turn moves recency, what follows moves only the time of update",
      writes: true,
      run: async (context) => {
        const { clock } = context;
        const thread = await create(context);
        await thread.recordItems([turnStarted("turn"), userItem("hello")]);
        const started = clock.now();
        clock.advance(60_000);
        await thread.recordItems([agentItem("answer")]);
        await thread.flush();
        const { recencyAt, updatedAt } = await thread.readThread();
        equal([recencyAt, updatedAt], [started, clock.now()]);
      },
    },
    {
      requirement: "LIVE-4",
      title: "a resumed thread tells what its whole history tells",
      writes: true,
      run: async (context) => {
        const { store, clock, given } = context;
        await given({ threadId: A, items: [userItem("from before"), turnContext({ model: "model-1" })] });
        const before = await store.readThread({ threadId: A });
        clock.advance(60_000);
        const thread = await LiveThread.resume(store, { threadId: A }, { clock });
        equal(await thread.readThread(), before);
        await thread.recordItems([userItem("later")]);
        await thread.shutdown();
        const after = await store.readThread({ threadId: A });
        equal({ ...after, updatedAt: "", revision: 0 }, { ...before, updatedAt: "", revision: 0 });
        equal(after.updatedAt, clock.now());
        equal((await store.loadHistory({ threadId: A })).items.length, 4);
      },
    },
    {
      requirement: "LIVE-5",
      title: "setting metadata makes an unused thread appear, in its own history mode",
      writes: true,
      run: async (context) => {
        const thread = await create(context, { historyMode: "legacy" });
        await thread.updateMetadata({ memoryMode: "disabled", model: "chosen" });
        await thread.recordItems([turnContext({ model: "model-1" })]);
        await thread.shutdown();
        const stored = await context.store.readThread({ threadId: A });
        equal([stored.historyMode, stored.memoryMode, stored.model], ["legacy", "disabled", "chosen"]);
      },
    },
    {
      requirement: "LIVE-6",
      title: "a discarded thread keeps what was flushed, and is resumed after it",
      writes: true,
      run: async (context) => {
        const { store, clock } = context;
        const thread = await create(context);
        await thread.recordItems([userItem("kept")]);
        await thread.flush();
        await thread.discard();
        await thread.discard();
        await rejects(thread.append([userItem("late")]), "thread_not_found");
        const again = await LiveThread.resume(store, { threadId: A }, { clock });
        equal((await again.append([userItem("next")]))?.firstOrdinal, 2);
        await again.shutdown();
      },
    },
  ],
};
