// Has what was said in every thread of a home indexed, as `threadstore reindex --text` does, and tells what that took.
import { openLocalThreadStore } from "@threadstore/local";
import { peakMemoryMb } from "../measure/peak-memory.mjs";

const [home] = process.argv.slice(2);
const store = openLocalThreadStore({ home });
await store.listThreads({ pageSize: 1 });
const startedMs = performance.now();
await store.searchThreads({ searchTerm: "anything", scansMissing: true, useIndexOnly: true });
const textMs = performance.now() - startedMs;
await store[Symbol.asyncDispose]();
console.log(JSON.stringify({ textMs, memoryMb: peakMemoryMb() }));
