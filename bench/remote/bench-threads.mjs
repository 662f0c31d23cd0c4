import { newThreadId, openMemoryThreadStore } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";

const LISTED_THREADS = 2_000;
const PAGE_SIZE = 25;

/** An item as an agent's answer is: about 500 bytes. */
const ITEM_JSON = answerJson("An answer. ".repeat(27));

/** Opens a store in memory or in a home; in memory with the threads that are listed, when lists are what is measured. */
export async function openBenchStore({ where, isListed }) {
  if (where !== "memory") return openLocalThreadStore({ home: where });
  const store = openMemoryThreadStore();
  if (isListed) await fillStore(store);
  return store;
}

/** The threads that are listed: one turn each. */
export async function fillStore(store) {
  for (let thread = 0; thread < LISTED_THREADS; thread++) {
    const threadId = newThreadId();
    await store.createThread({ threadId, metadata: birth() });
    await store.appendItems({ threadId, items: turnOf(thread).map((json) => ({ json })) });
    await store.shutdownThread(threadId);
  }
}

/** What one caller does again and again, by its kind. Each awaits its call before the next. */
export const CALLERS = {
  /**
   * An item after the other to a thread of its own. With keys, as a client of a server sends them of its own accord, a store
   * has the same work in process.
   */
  append: async (store, { hasKeys }) => {
    const threadId = newThreadId();
    await store.createThread({ threadId, metadata: birth() });
    let appends = 0;
    return () => {
      const key = hasKeys ? { idempotencyKey: `${threadId}:${appends++}` } : {};
      return store.appendItems({ threadId, items: [{ json: ITEM_JSON }], ...key });
    };
  },
  page: async (store) => pageCaller(store, {}),
  /** Of what the store knows without looking whether others wrote. */
  "known page": async (store) => pageCaller(store, { useIndexOnly: true }),
};

/** A page of threads after the other, from the first again after the last. */
function pageCaller(store, query) {
  let cursor = null;
  return async () => {
    const position = cursor === null ? {} : { cursor };
    ({ nextCursor: cursor } = await store.listThreads({ pageSize: PAGE_SIZE, ...query, ...position }));
  };
}

function birth() {
  return {
    cwd: "/home/user/projects/bench",
    originator: "bench",
    cliVersion: "1.0.0",
    source: "cli",
    modelProvider: "bench",
    gitInfo: {
      commitHash: "0123456789abcdef0123456789abcdef01234567",
      branch: "main",
      repositoryUrl: "https://example.com/bench.git",
    },
  };
}

function turnOf(thread) {
  const question = `Question ${thread}: how is the configuration read, and where are its defaults?`;
  const usage = { input_tokens: 3_060, cached_input_tokens: 1_024, output_tokens: 200, reasoning_output_tokens: 50 };
  return [
    itemJson("turn_context", {
      turn_id: newThreadId(),
      cwd: "/home/user/projects/bench",
      approval_policy: "never",
      sandbox_policy: { type: "danger-full-access" },
      model: "bench-model",
    }),
    eventJson("item_completed", {
      turn_id: newThreadId(),
      item: { type: "UserMessage", id: newThreadId(), content: [{ type: "text", text: question }] },
    }),
    answerJson(`An answer to ${thread}. `.repeat(20)),
    eventJson("token_count", { info: { total_token_usage: { ...usage, total_tokens: 3_260 } } }),
  ];
}

function answerJson(text) {
  return eventJson("item_completed", {
    turn_id: newThreadId(),
    item: { type: "AgentMessage", id: newThreadId(), content: [{ type: "Text", text }] },
  });
}

function eventJson(type, fields) {
  return itemJson("event_msg", { type, ...fields });
}

function itemJson(type, payload) {
  return JSON.stringify({ type, payload });
}
