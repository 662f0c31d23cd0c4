// Opens a home, prints the last turns of a thread and then what that took. The ids of other threads may follow: the last
// turns of these are asked for before, so that the page is that of a process which has been at work for a while.
import { peakMemoryMb } from "../measure/peak-memory.mjs";

const WARM_UP_ROUNDS = 10;

const [home, threadId, ...others] = process.argv.slice(2);
const { openLocalThreadStore } = await import("@threadstore/local");
const importedMs = performance.now();
const store = openLocalThreadStore({ home });
for (let round = 0; round < WARM_UP_ROUNDS; round++) for (const other of others) await readPage(other);
const startedMs = others.length > 0 ? performance.now() : importedMs;
const page = await readPage(threadId);
const timeMs = performance.now() - startedMs;
console.log(JSON.stringify(page.data));
await store[Symbol.asyncDispose]();
console.log(JSON.stringify({ importedMs, timeMs, turns: page.data.length, memoryMb: peakMemoryMb() }));

function readPage(id) {
  return store.listTurns({ threadId: id, pageSize: 20 });
}
