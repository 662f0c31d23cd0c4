// Opens a home, checks all its files, prints its first page and then what that took.
import { peakMemoryMb } from "../measure/peak-memory.mjs";

const [home] = process.argv.slice(2);
const { openLocalThreadStore } = await import("@threadstore/local");
const importedMs = performance.now();
const store = openLocalThreadStore({ home });
const page = await store.listThreads({ pageSize: 50 });
const timeMs = performance.now() - importedMs;
console.log(JSON.stringify(page.data));
await store[Symbol.asyncDispose]();
console.log(JSON.stringify({ importedMs, timeMs, threads: page.data.length, memoryMb: peakMemoryMb() }));
