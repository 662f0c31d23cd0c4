import { DEFAULT_LIMITS, type ItemInput } from "@threadstore/core";
import type { CaseContext, Section } from "../case.js";
import { comparable, equal, rejects } from "../expect.js";
import {
  agentItem,
  completed,
  event,
  modelMessage,
  SAMPLE_METADATA,
  threadId,
  tokenCount,
  turnStarted,
  userItem,
  userMessage,
} from "../sample-items.js";

const A = threadId(1);

async function openThread({ store }: CaseContext, historyMode: "paginated" | "legacy" = "paginated"): Promise<void> {
  await store.createThread({ threadId: A, metadata: SAMPLE_METADATA, historyMode });
}

async function storedJson({ store }: CaseContext): Promise<string[]> {
  return (await store.loadHistory({ threadId: A })).items.slice(1).map((item) => item.json);
}

export const appendingSection: Section = {
  title: "appending",
  cases: [
    {
      requirement: "APPEND-1",
      title: "appends that are not awaited in between keep their order",
      writes: true,
      run: async (context) => {
        await openThread(context);
        const texts = Array.from({ length: 50 }, (_, at) => `message ${at}`);
        await Promise.all(texts.map((text) => context.store.appendItems({ threadId: A, items: [userItem(text)] })));
        equal(
          await storedJson(context),
          texts.map((text) => JSON.stringify(userItem(text))),
        );
      },
    },
    {
      requirement: "APPEND-1",
      title: "another store reads what was appended, at once",
      writes: true,
      run: async (context) => {
        await openThread(context);
        const other = await context.reopen();
        await context.store.appendItems({ threadId: A, items: [userItem("one")] });
        equal((await other.loadHistory({ threadId: A })).items.length, 2);
      },
    },
    {
      requirement: "APPEND-2",
      title: "raw text survives byte for byte",
      writes: true,
      run: async (context) => {
        await openThread(context);
        const texts = [
          '{"type":"future_kind","payload":{"n":1.50,"big":12345678901234567890,"e":1e2}}',
          '{"type":"event_msg","payload":{"type":"future_event","text":"caf\\u00e9 \\ud83d\\ude80 日本"},"extra":[1, 2]}',
          '{"payload":null,"b": [ 1 ,2 ], "type":"odd\\u005fspacing"}',
          '{"type":"response_item","payload":{"type":"message","role":"user","content":[]},"metadata":{"a":1}}',
        ];
        await context.store.appendItems({ threadId: A, items: texts.map((json): ItemInput => ({ json })) });
        equal(await storedJson(context), texts);
      },
    },
    {
      requirement: "APPEND-2",
      title: "a timestamp and an ordinal in the text are the caller's, not the store's, and are dropped",
      writes: true,
      run: async (context) => {
        await openThread(context);
        const json =
          '{"timestamp":"2020-01-01T00:00:00.000Z","ordinal":7,"type":"future_kind","payload":{"ordinal":7}}';
        await context.store.appendItems({ threadId: A, items: [{ json }] });
        equal(await storedJson(context), ['{"type":"future_kind","payload":{"ordinal":7}}']);
      },
    },
    {
      requirement: "APPEND-3",
      title: "session_meta has ordinal 0, and ordinals have no gaps",
      writes: true,
      run: async (context) => {
        await openThread(context);
        const first = await context.store.appendItems({ threadId: A, items: [userItem("a"), agentItem("b")] });
        equal(first, { firstOrdinal: 1, nextOrdinal: 3, dropped: 0, repeated: false });
        const second = await context.store.appendItems({ threadId: A, items: [userItem("c")] });
        equal(second, { firstOrdinal: 3, nextOrdinal: 4, dropped: 0, repeated: false });
        const { items } = await context.store.loadHistory({ threadId: A });
        equal(
          items.map((item) => [item.ordinal, item.item.type]),
          [
            [0, "session_meta"],
            [1, "event_msg"],
            [2, "event_msg"],
            [3, "event_msg"],
          ],
        );
      },
    },
    {
      requirement: "APPEND-4",
      title: "a paginated thread keeps turn items, a legacy thread the separate events",
      writes: true,
      run: async (context) => {
        const items = [
          userMessage("event"),
          userItem("item"),
          turnStarted("t"),
          event("warning", {}),
          modelMessage("user", "m"),
        ];
        await openThread(context);
        equal((await context.store.appendItems({ threadId: A, items })).dropped, 2);
        const legacy = threadId(2);
        await context.store.createThread({ threadId: legacy, metadata: SAMPLE_METADATA, historyMode: "legacy" });
        equal((await context.store.appendItems({ threadId: legacy, items })).dropped, 2);
        equal(
          await storedJson(context),
          [userItem("item"), turnStarted("t"), modelMessage("user", "m")].map((i) => JSON.stringify(i)),
        );
      },
    },
    {
      requirement: "APPEND-4",
      title: "a caller may ask for the limited or the extended policy",
      writes: true,
      run: async ({ store }) => {
        const items = [
          event("exec_command_end", { aggregated_output: "x".repeat(20_000), stdout: "out" }),
          completed({ type: "Plan" }),
        ];
        await store.createThread({ threadId: A, metadata: SAMPLE_METADATA, eventPersistenceMode: "limited" });
        equal((await store.appendItems({ threadId: A, items })).dropped, 1);
        const extended = threadId(2);
        await store.createThread({ threadId: extended, metadata: SAMPLE_METADATA, eventPersistenceMode: "extended" });
        equal((await store.appendItems({ threadId: extended, items })).dropped, 0);
        const history = await store.loadHistory({ threadId: extended });
        const payload = history.items[1]?.item.payload as { aggregated_output: string; stdout: string };
        equal([payload.stdout, new TextEncoder().encode(payload.aggregated_output).length <= 10_000], ["", true]);
      },
    },
    {
      requirement: "APPEND-4",
      title: "an append of which nothing is kept creates nothing",
      writes: true,
      run: async (context) => {
        await openThread(context);
        const result = await context.store.appendItems({ threadId: A, items: [event("warning", {})] });
        equal(result, { firstOrdinal: null, nextOrdinal: 1, dropped: 1, repeated: false });
        await rejects(context.store.readThread({ threadId: A }), "thread_not_found");
      },
    },
    {
      requirement: "APPEND-5",
      title: "a retry with the same key returns the first result",
      writes: true,
      run: async (context) => {
        await openThread(context);
        const append = { threadId: A, items: [userItem("once")], idempotencyKey: "k" };
        const first = await context.store.appendItems(append);
        await context.store.appendItems({ threadId: A, items: [agentItem("between")] });
        equal(await context.store.appendItems(append), { ...first, repeated: true });
        await rejects(context.store.appendItems({ ...append, items: [userItem("other")] }), "conflict", /key/);
        equal((await storedJson(context)).length, 2);
      },
    },
    {
      requirement: "APPEND-5",
      title: "a refused append makes no thread",
      writes: true,
      run: async ({ store }) => {
        await store.createThread({ threadId: A, metadata: SAMPLE_METADATA });
        await store.appendItems({ threadId: A, items: [], idempotencyKey: "key" });
        const other = store.appendItems({ threadId: A, items: [userItem("other")], idempotencyKey: "key" });
        await rejects(other, "conflict");
        await rejects(store.appendItems({ threadId: A, items: [userItem("late")], expectedOrdinal: 7 }), "conflict");
        await rejects(store.readThread({ threadId: A }), "thread_not_found");
      },
    },
    {
      requirement: "APPEND-5",
      title: "keys are remembered by the next writer of the thread",
      writes: true,
      run: async (context) => {
        const { store, reopen } = context;
        await openThread(context);
        const append = { threadId: A, items: [userItem("once")], idempotencyKey: "k" };
        await store.appendItems(append);
        await store.shutdownThread(A);
        const other = await reopen();
        await other.resumeThread({ threadId: A });
        equal((await other.appendItems(append)).repeated, true);
      },
    },
    {
      requirement: "APPEND-5",
      title: `the last ${DEFAULT_LIMITS.idempotencyKeysPerThread} keys are remembered`,
      writes: true,
      run: async (context) => {
        await openThread(context);
        const count = DEFAULT_LIMITS.idempotencyKeysPerThread;
        const append = (at: number) =>
          context.store.appendItems({ threadId: A, items: [userItem(`${at}`)], idempotencyKey: `${at}` });
        for (let at = 0; at <= count; at++) await append(at);
        equal((await append(1)).repeated, true);
        equal((await append(0)).repeated, false);
      },
    },
    {
      requirement: "APPEND-6",
      title: "an append at another ordinal than expected stores nothing",
      writes: true,
      run: async (context) => {
        await openThread(context);
        await context.store.appendItems({ threadId: A, items: [userItem("a")], expectedOrdinal: 1 });
        await rejects(
          context.store.appendItems({ threadId: A, items: [userItem("b")], expectedOrdinal: 1 }),
          "conflict",
        );
        await context.store.appendItems({ threadId: A, items: [userItem("c")], expectedOrdinal: 2 });
        equal((await storedJson(context)).length, 2);
      },
    },
    {
      requirement: "APPEND-7",
      title: "append after shutdown fails with thread_not_found",
      writes: true,
      run: async (context) => {
        const append = () => context.store.appendItems({ threadId: A, items: [userItem("a")] });
        await rejects(append(), "thread_not_found");
        await openThread(context);
        await append();
        await context.store.shutdownThread(A);
        await rejects(append(), "thread_not_found");
      },
    },
    {
      requirement: "APPEND-8",
      title: "bad items are refused whole",
      writes: true,
      limits: { appendMaxItems: 3, lineMaxBytes: 200, appendMaxCharacters: 300 },
      run: async (context) => {
        const { store } = context;
        await openThread(context);
        const append = (...items: ItemInput[]) => store.appendItems({ threadId: A, items });
        const good = { json: '{"type":"future_kind","payload":1}' };
        await rejects(append(good, { json: "not json" }), "invalid_request", /items\[1\]/);
        await rejects(append(good, { json: "[1]" }), "invalid_request", /items\[1\]/);
        await rejects(append({ json: '{"payload":{}}' }), "invalid_request", /type/);
        await rejects(append(good, good, good, good), "resource_exhausted", /at most 3/);
        await rejects(append({ json: `{"type":"x","payload":"${"é".repeat(100)}"}` }), "resource_exhausted", /200/);
        const long = { json: `{"type":"x","payload":"${"x".repeat(150)}"}` };
        await rejects(append(long, long), "resource_exhausted", /300/);
        await append(good);
        equal(await storedJson(context), [good.json]);
      },
    },
    {
      requirement: "APPEND-9",
      title: "appending moves updatedAt and nothing that the items do not tell",
      writes: true,
      run: async (context) => {
        const { store, clock } = context;
        await openThread(context);
        await store.appendItems({ threadId: A, items: [userItem("hello")] });
        const before = await store.readThread({ threadId: A });
        clock.advance(5_000);
        await store.appendItems({ threadId: A, items: [modelMessage("assistant", "answer")] });
        const after = await store.readThread({ threadId: A });
        equal(comparable(after), comparable({ ...before, updatedAt: clock.now() }));
        equal(after.revision, before.revision);
      },
    },
    {
      requirement: "APPEND-10",
      title: "an append may say when it was",
      writes: true,
      run: async (context) => {
        await openThread(context);
        const updatedAt = "2025-05-05T05:05:05.050Z";
        await context.store.appendItems({ threadId: A, items: [tokenCount(1)], updatedAt });
        equal((await context.store.readThread({ threadId: A })).updatedAt, updatedAt);
      },
    },
    {
      requirement: "APPEND-11",
      title: "a clock that is not set stores nothing, and the next append works",
      writes: true,
      run: async ({ store, given, clock }) => {
        await given({ threadId: A });
        const before = await store.readThread({ threadId: A, includeHistory: true });
        await store.resumeThread({ threadId: A });
        clock.set("1969-12-31T23:59:59.000Z");
        await rejects(store.appendItems({ threadId: A, items: [userItem("too early")] }), "unavailable", /clock/);
        await rejects(store.createThread({ threadId: threadId(2), metadata: SAMPLE_METADATA }), "unavailable", /clock/);
        equal(await store.readThread({ threadId: A, includeHistory: true }), before);
        clock.set("2026-02-01T00:00:00.000Z");
        equal((await store.appendItems({ threadId: A, items: [userItem("in time")] })).firstOrdinal, 2);
      },
    },
  ],
};
