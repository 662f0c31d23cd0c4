// Times lists with a search term of a home whose index is up to date. The terms are arguments, after the home.
import { openLocalThreadStore } from "@threadstore/local";
import { medianTimeMs } from "../measure/median-time.mjs";
import { peakMemoryMb } from "../measure/peak-memory.mjs";

const PAGE_MAX_ITEMS = 1_000;

const [home, ...terms] = process.argv.slice(2);
const store = openLocalThreadStore({ home });
const searches = [];
for (const searchTerm of terms) {
  const query = { pageSize: 50, searchTerm, useIndexOnly: true };
  const { data, nextCursor } = await store.listThreads(query);
  const timeMs = await medianTimeMs(() => store.listThreads(query));
  searches.push({ searchTerm, hits: data.length, hasMore: nextCursor !== null, timeMs });
}
const memoryMb = peakMemoryMb();
// The least that a search costs: one look at the searched text of every thread, all of it in memory.
const texts = await searchedTexts();
const scanMs = await medianTimeMs(() => texts.filter((text) => text.includes("in none of them")));
await store[Symbol.asyncDispose]();
console.log(JSON.stringify({ searches, scanMs, memoryMb }));

async function searchedTexts() {
  const all = [];
  for (let cursor; cursor !== null; ) {
    const position = cursor === undefined ? {} : { cursor };
    const page = await store.listThreads({ pageSize: PAGE_MAX_ITEMS, useIndexOnly: true, ...position });
    all.push(...page.data.map((thread) => thread.preview.toLowerCase()));
    cursor = page.nextCursor;
  }
  return all;
}
