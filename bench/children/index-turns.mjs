// Has the turns and items of threads indexed, all of them by default, and tells what that took.
import { encodeOrdinalCursor } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";
import { peakMemoryMb } from "../measure/peak-memory.mjs";

const PAGE_MAX_ITEMS = 1_000;

const [home, ...named] = process.argv.slice(2);
const startedMs = performance.now();
const store = openLocalThreadStore({ home });
const threadIds = await listThreadIds();
const listMs = performance.now() - startedMs;
const wanted = named.length > 0 ? named : threadIds;
for (const threadId of wanted) await indexTurns(threadId);
const turnsMs = performance.now() - startedMs - listMs;
await store[Symbol.asyncDispose]();
const timeMs = performance.now() - startedMs;
console.log(JSON.stringify({ timeMs, listMs, turnsMs, threads: wanted.length, memoryMb: peakMemoryMb() }));

/** Every thread of the home, of whatever source and provider. */
async function listThreadIds() {
  const ids = [];
  for (let cursor; cursor !== null; ) {
    const position = cursor === undefined ? {} : { cursor };
    const everything = { sources: "all", modelProviders: [], pageSize: PAGE_MAX_ITEMS };
    const page = await store.listThreads({ ...everything, ...position });
    ids.push(...page.data.map(({ threadId }) => threadId));
    cursor = page.nextCursor;
  }
  return ids;
}

/**
 * A page from the beginning of a thread needs the whole of it in the index. It has a cursor because the folders of the home
 * are not looked at again for each such page, which is no part of the index.
 */
function indexTurns(threadId) {
  const cursor = encodeOrdinalCursor({ threadId, kind: "turns" }, { ordinal: 0, inclusive: true });
  return store.listTurns({ threadId, pageSize: 1, sortDirection: "asc", cursor });
}
