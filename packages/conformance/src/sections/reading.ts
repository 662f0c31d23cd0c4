import type { Section } from "../case.js";
import { comparable, equal, ok, rejects } from "../expect.js";
import {
  completed,
  event,
  modelMessage,
  threadId,
  tokenCount,
  turnContext,
  turnStarted,
  userItem,
  userMessage,
} from "../sample-items.js";

const A = threadId(1);

export const readingSection: Section = {
  title: "reading a thread",
  cases: [
    {
      requirement: "READ-1",
      title: "a summary tells what the items tell",
      run: async ({ store, given, clock }) => {
        const settings = { model: "second", cwd: "/moved", approval_policy: "never", reasoning_effort: "high" };
        await given({
          threadId: A,
          metadata: { gitInfo: { branch: "main" }, threadSource: "user", agentNickname: "Ada" },
          items: [
            turnStarted("t1"),
            turnContext({ cwd: "/context", model: "first", effort: "low", sandbox_policy: { type: "read-only" } }),
            userItem("  hello there  "),
            event("thread_settings_applied", { thread_settings: settings }),
            tokenCount(5),
            userItem("later"),
            tokenCount(7),
          ],
        });
        const createdAt = clock.now();
        equal(comparable(await store.readThread({ threadId: A })), {
          threadId: A,
          historyMode: "paginated",
          sessionId: A,
          preview: "hello there",
          firstUserMessage: "hello there",
          modelProvider: "provider",
          model: "second",
          reasoningEffort: "high",
          createdAt,
          updatedAt: createdAt,
          recencyAt: createdAt,
          cwd: "/moved",
          cliVersion: "1.0.0",
          originator: "conformance",
          source: "cli",
          threadSource: "user",
          agentNickname: "Ada",
          gitInfo: { branch: "main" },
          approvalMode: "never",
          sandboxPolicy: { type: "read-only" },
          tokenUsage: { total_token_usage: { total_tokens: 7 } },
          isArchived: false,
        });
      },
    },
    {
      requirement: "READ-1",
      title: "the preview is the first visible user text, whatever it stands in",
      run: async ({ store, given }) => {
        const image = { type: "UserMessage", content: [{ type: "image", url: "data:" }] };
        const goal = event("thread_goal_updated", { goal: { objective: " reach it " } });
        await given(
          {
            threadId: threadId(1),
            historyMode: "legacy",
            items: [userMessage("ctx\n## My request for Codex:\n do it ")],
          },
          { threadId: threadId(2), items: [completed(image)] },
          { threadId: threadId(3), items: [goal, userItem("after the goal")] },
          { threadId: threadId(4), items: [modelMessage("user", "only for the model")] },
        );
        const read = async (at: number) => (await store.readThread({ threadId: threadId(at) })).preview;
        equal([await read(1), await read(2), await read(3), await read(4)], ["do it", "[Image]", "reach it", ""]);
      },
    },
    {
      requirement: "READ-2",
      title: "a long first message is cut to 1,000 characters, and emoji are not cut in two",
      run: async ({ store, given }) => {
        const message = "🚀".repeat(3_000);
        await given({ threadId: A, items: [userItem(message)] });
        const { preview } = await store.readThread({ threadId: A });
        ok(preview === `${"🚀".repeat(999)}…`, `the preview has ${Array.from(preview).length} characters`);
        const { items } = await store.loadHistory({ threadId: A });
        ok(items[1]?.json.includes(message), "the history has the whole message");
      },
    },
    {
      requirement: "READ-3",
      title: "a thread is read with its history",
      run: async ({ store, given }) => {
        await given({ threadId: A });
        const thread = await store.readThread({ threadId: A, includeHistory: true });
        equal(
          thread.history?.items.map((item) => item.ordinal),
          [0, 1],
        );
        equal((await store.readThread({ threadId: A })).history, undefined);
      },
    },
    {
      requirement: "READ-4",
      title: "unknown and archived threads",
      run: async ({ store, given }) => {
        await rejects(store.readThread({ threadId: A }), "thread_not_found", new RegExp(A));
        await given({ threadId: A, isArchived: true });
        await rejects(store.readThread({ threadId: A }), "invalid_request", /archived/);
        ok((await store.readThread({ threadId: A, includeArchived: true })).archivedAt, "archivedAt is told");
      },
    },
  ],
};
