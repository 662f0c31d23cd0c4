// Times consecutive pages of the turns and of the items of a thread whose turns are indexed, in every view and direction.
import { openLocalThreadStore } from "@threadstore/local";
import { medianTimeMs } from "../measure/median-time.mjs";
import { peakMemoryMb } from "../measure/peak-memory.mjs";
import { walkPages } from "../measure/walk-pages.mjs";

const TURNS = 20;
const ITEMS = 50;

const [home, threadId] = process.argv.slice(2);
const store = openLocalThreadStore({ home });
const kinds = {
  summary: (query) => store.listTurns({ threadId, pageSize: TURNS, itemsView: "summary", ...query }),
  full: (query) => store.listTurns({ threadId, pageSize: TURNS, itemsView: "full", ...query }),
  items: (query) => store.listItems({ threadId, pageSize: ITEMS, ...query }),
};
const figures = {};
for (const [kind, readPage] of Object.entries(kinds)) {
  for (const sortDirection of ["desc", "asc"]) {
    const pages = await walkPages((query) => readPage({ sortDirection, ...query }));
    figures[`${kind} ${sortDirection}`] = { ...pages, parseMs: await parseTimeMs(await readPage({ sortDirection })) };
  }
}
// Without a cursor it is first looked for what came and went in the home.
const newestMs = await medianTimeMs(() => kinds.summary({}));
const memoryMb = peakMemoryMb();
await store[Symbol.asyncDispose]();
console.log(JSON.stringify({ pages: figures, newestMs, memoryMb }));

/** The least that a page costs: it is kept as text and answered as objects. */
function parseTimeMs({ data }) {
  const text = JSON.stringify(data);
  return medianTimeMs(() => JSON.parse(text));
}
