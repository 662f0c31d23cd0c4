import { isThreadStoreError, type ThreadStore } from "@threadstore/core";
import fc from "fast-check";
import type { ManualClock } from "../manual-clock.js";
import { agentItem, SAMPLE_METADATA, threadId, turnStarted, userItem, userMessage } from "../sample-items.js";

/** One step of a random history. Threads go by number, so that steps meet. */
export type Operation =
  | { readonly type: "create"; readonly thread: number; readonly isLegacy: boolean }
  | { readonly type: "fork"; readonly thread: number; readonly from: number; readonly cut: number | null }
  | { readonly type: "append"; readonly thread: number; readonly texts: readonly string[]; readonly key: string | null }
  | { readonly type: "startTurn"; readonly thread: number }
  | { readonly type: "resume"; readonly thread: number; readonly takeOver: boolean }
  | { readonly type: "persist" | "flush" | "shutdown" | "discard"; readonly thread: number }
  | { readonly type: "rename"; readonly thread: number; readonly name: string | null }
  | { readonly type: "archive" | "unarchive" | "delete"; readonly thread: number }
  | { readonly type: "revert"; readonly thread: number; readonly cut: number }
  | { readonly type: "search"; readonly term: string; readonly sortKey: "updatedAt" | "createdAt" | "rank" }
  | { readonly type: "searchIn"; readonly thread: number; readonly term: string }
  | { readonly type: "wait"; readonly ms: number };

/** How many threads a history plays with: few, so that its steps meet. */
const MODEL_THREADS = 5;

const thread = fc.nat(MODEL_THREADS - 1);
const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom("hello", "日本語 🚀", "## My request for Codex: do it"),
);

const WRITING: readonly fc.Arbitrary<Operation>[] = [
  fc.record({ type: fc.constant("create" as const), thread, isLegacy: fc.boolean() }),
  fc.record({ type: fc.constant("create" as const), thread, isLegacy: fc.constant(false) }),
  fc.record({ type: fc.constant("fork" as const), thread, from: thread, cut: fc.option(fc.nat(4), { nil: null }) }),
  fc.record({
    type: fc.constant("append" as const),
    thread,
    texts: fc.array(text, { maxLength: 3 }),
    key: fc.option(fc.constantFrom("k1", "k2"), { freq: 4, nil: null }),
  }),
  fc.record({ type: fc.constant("startTurn" as const), thread }),
  fc.record({ type: fc.constant("resume" as const), thread, takeOver: fc.boolean() }),
  fc.record({
    type: fc.constantFrom("persist" as const, "flush" as const, "shutdown" as const, "discard" as const),
    thread,
  }),
  fc.record({
    type: fc.constant("rename" as const),
    thread,
    name: fc.option(fc.constantFrom("one", "two", " three "), { nil: null }),
  }),
  fc.record({ type: fc.constantFrom("archive" as const, "unarchive" as const), thread }),
  fc.record({ type: fc.constant("wait" as const), ms: fc.constantFrom(1, 999, 60_000) }),
];

const REVERTING: fc.Arbitrary<Operation> = fc.record({ type: fc.constant("revert" as const), thread, cut: fc.nat(5) });

const DELETING: fc.Arbitrary<Operation> = fc.record({ type: fc.constant("delete" as const), thread });

/** Parts of what is said, and what nobody says. */
const term = fc.oneof(
  fc.string({ maxLength: 3 }),
  fc.constantFrom("hello", "LLO", "h", "本", "本語 🚀", "語", "🚀", "request", "ONE", "t", "three", "nowhere", " "),
);

const SEARCHING: readonly fc.Arbitrary<Operation>[] = [
  fc.record({
    type: fc.constant("search" as const),
    term,
    sortKey: fc.constantFrom("updatedAt" as const, "createdAt" as const, "rank" as const),
  }),
  fc.record({ type: fc.constant("searchIn" as const), thread, term }),
];

/** Random histories; with reverts, deletions and searches only for stores that have them. */
export function histories(options: {
  readonly withReverts: boolean;
  readonly withDeletions: boolean;
  readonly withSearches: boolean;
}): fc.Arbitrary<readonly Operation[]> {
  const steps = [
    ...WRITING,
    ...(options.withReverts ? [REVERTING] : []),
    ...(options.withDeletions ? [DELETING] : []),
    ...(options.withSearches ? SEARCHING : []),
  ];
  return fc.array(fc.oneof(...steps), { maxLength: 40 });
}

/** What came of a step: its answer, or the code of its error. */
export type Outcome = { readonly answer: unknown } | { readonly error: string };

/** Does one step on a store. */
export async function perform(store: ThreadStore, clock: ManualClock, operation: Operation): Promise<Outcome> {
  try {
    return { answer: (await act(store, clock, operation)) ?? null };
  } catch (error) {
    if (isThreadStoreError(error)) return { error: error.code };
    throw error;
  }
}

async function act(store: ThreadStore, clock: ManualClock, operation: Operation): Promise<unknown> {
  if (operation.type === "wait") return clock.advance(operation.ms);
  if (operation.type === "search") return found(store, operation);
  const id = threadId(operation.thread);
  switch (operation.type) {
    case "create": {
      const historyMode = operation.isLegacy ? "legacy" : "paginated";
      return store.createThread({ threadId: id, metadata: SAMPLE_METADATA, historyMode });
    }
    case "fork": {
      const cut = operation.cut === null ? {} : { endOrdinalExclusive: operation.cut };
      return store.createThread({
        threadId: id,
        metadata: SAMPLE_METADATA,
        fork: { from: threadId(operation.from), ...cut },
      });
    }
    case "append": {
      const items = operation.texts.flatMap((one) => [userItem(one), userMessage(one), agentItem(one)]);
      const key = operation.key === null ? {} : { idempotencyKey: operation.key };
      return store.appendItems({ threadId: id, items, ...key });
    }
    case "searchIn":
      return (await store.searchOccurrences({ threadId: id, searchTerm: operation.term, includeArchived: true })).data;
    case "startTurn":
      return store.appendItems({ threadId: id, items: [turnStarted("turn")] });
    case "resume":
      return store.resumeThread({ threadId: id, takeOver: operation.takeOver });
    case "persist":
      return store.persistThread(id);
    case "flush":
      return store.flushThread(id);
    case "shutdown":
      return store.shutdownThread(id);
    case "discard":
      return store.discardThread(id);
    case "rename":
      return void (await store.updateThreadMetadata({ threadId: id, patch: { name: operation.name } }));
    case "archive":
      return store.archiveThread({ threadId: id });
    case "unarchive":
      return void (await store.unarchiveThread({ threadId: id }));
    case "delete":
      return store.deleteThread({ threadId: id });
    case "revert":
      return store.revertThread({ threadId: id, endOrdinalExclusive: operation.cut });
  }
}

/** What a search finds and shows, in its order. */
async function found(
  store: ThreadStore,
  { term: searchTerm, sortKey }: Extract<Operation, { readonly type: "search" }>,
): Promise<unknown> {
  const query = { searchTerm, sortKey, archived: "both", sources: "all", scansMissing: true } as const;
  const { data } = await store.searchThreads(query);
  return data.map(({ thread: { threadId: id }, snippet, ranges, turnId }) => ({ id, snippet, ranges, turnId }));
}
