// Times full-text searches of a home whose text index is up to date. The terms are arguments, after the home.
import { openLocalThreadStore } from "@threadstore/local";
import { medianTimeMs } from "../measure/median-time.mjs";
import { peakMemoryMb } from "../measure/peak-memory.mjs";

const [home, ...terms] = process.argv.slice(2);
const store = openLocalThreadStore({ home });
const searches = [];
for (const searchTerm of terms) {
  const query = { searchTerm, useIndexOnly: true };
  const { data, nextCursor, missing } = await store.searchThreads(query);
  if (missing) throw new Error(`${missing} threads are not in the text index`);
  const timeMs = await medianTimeMs(() => store.searchThreads(query));
  searches.push({ searchTerm, hits: data.length, hasMore: nextCursor !== null, timeMs });
}
await store[Symbol.asyncDispose]();
console.log(JSON.stringify({ searches, memoryMb: peakMemoryMb() }));
