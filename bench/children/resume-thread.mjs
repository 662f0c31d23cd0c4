// What a program does first that goes on with a thread: opens the home, reads the thread and its last turns, and prints both.
import { peakMemoryMb } from "../measure/peak-memory.mjs";

const [home, threadId] = process.argv.slice(2);
const { openLocalThreadStore } = await import("@threadstore/local");
const importedMs = performance.now();
const store = openLocalThreadStore({ home });
const thread = await store.readThread({ threadId });
const threadMs = performance.now() - importedMs;
const page = await store.listTurns({ threadId, pageSize: 20 });
const timeMs = performance.now() - importedMs;
console.log(JSON.stringify({ thread, turns: page.data }));
await store[Symbol.asyncDispose]();
console.log(JSON.stringify({ importedMs, threadMs, timeMs, turns: page.data.length, memoryMb: peakMemoryMb() }));
